import { closeSync, openSync, writeSync } from 'node:fs';

/** One request as the server saw it. */
export interface RecordedRequest {
  readonly seq: number;
  readonly method: string;
  /** The request target exactly as it was sent. */
  readonly rawUrl: string;
  /** The image's ID where the request was for one. */
  readonly id: string | undefined;
  readonly lane: string;
  /** When it came in. */
  readonly atMs: number;
  /** What was left of the account's quota after it; `undefined` where it counts on no such quota. */
  readonly left: number | undefined;
  /** `undefined` where no answer was sent. */
  readonly status: number | undefined;
  /** It was refused by mistake. */
  readonly isStray?: boolean;
  readonly didDelete: boolean;
}

/** What the server itself saw and did: the oracle of tests and of the demo. */
export interface SimulatorRecord {
  readonly requests: readonly RecordedRequest[];
  readonly requestCount: number;
  readonly throttledCount: number;
  /** DELETE requests for each ID. */
  readonly deleteRequests: ReadonlyMap<string, number>;
  readonly deleted: ReadonlySet<string>;
  /** Requests that would have deleted a variant or a signing key, raw. */
  readonly siblingHits: readonly string[];
}

export interface Recorder extends SimulatorRecord {
  add(request: Omit<RecordedRequest, 'seq'>): void;
  siblingHit(rawUrl: string): void;
  /** Resolves when so many requests are on record. */
  whenRequests(count: number): Promise<void>;
  close(): void;
}

export function createRecorder(logLengthMax: number, recordPath: string | undefined): Recorder {
  const requests: RecordedRequest[] = [];
  const deleteRequests = new Map<string, number>();
  const deleted = new Set<string>();
  const siblingHits: string[] = [];
  const file = recordPath === undefined ? undefined : openSync(recordPath, 'w', 0o600);
  const watchers = new Set<{ readonly count: number; readonly resolve: () => void }>();
  let requestCount = 0;
  let throttledCount = 0;
  return {
    requests,
    deleteRequests,
    deleted,
    siblingHits,
    get requestCount() {
      return requestCount;
    },
    get throttledCount() {
      return throttledCount;
    },
    add(request) {
      const recorded = { seq: ++requestCount, ...request };
      if (requests.length < logLengthMax) requests.push(recorded);
      if (request.status === 429) throttledCount++;
      if (request.method === 'DELETE' && request.id !== undefined)
        deleteRequests.set(request.id, (deleteRequests.get(request.id) ?? 0) + 1);
      if (request.didDelete && request.id !== undefined) deleted.add(request.id);
      if (file !== undefined) writeSync(file, `${JSON.stringify(recorded)}\n`);
      for (const watcher of watchers) {
        if (requestCount < watcher.count) continue;
        watchers.delete(watcher);
        watcher.resolve();
      }
    },
    siblingHit: (rawUrl) => void siblingHits.push(rawUrl),
    whenRequests: (count) => (requestCount >= count ? Promise.resolve() : new Promise((resolve) => watchers.add({ count, resolve }))),
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}
