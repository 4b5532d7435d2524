import type { RecordedRequest } from '../../../src/simulator/simulator-record.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';

/**
 * What a server on a busy machine sees of a window: it may look at a socket late, by more than the 2 % a lane allows for, and
 * what came in at its end and after it seems closer together. A run that counts wrongly sends far more within so much of it.
 */
export const seenMs = (windowMs: number): number => windowMs * 0.95;

/** The most requests that came in within any span of this length, wherever it starts; its end is no part of it. */
export function mostInAnyWindow(requests: readonly RecordedRequest[], windowMs: number): number {
  const times = requests.map(({ atMs }) => atMs).sort((a, b) => a - b);
  let most = 0;
  let first = 0;
  times.forEach((atMs, index) => {
    while ((times[first] ?? atMs) <= atMs - windowMs) first++;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

export function deletesOf({ record }: Simulator): RecordedRequest[] {
  return record.requests.filter(({ method }) => method === 'DELETE');
}

export function tokenRequestsOf({ record }: Simulator): RecordedRequest[] {
  return record.requests.filter(({ rawUrl }) => rawUrl.endsWith('/batch_token'));
}

/** Options for so many batch tokens at the simulator's batch host. */
export function batchOptions(simulator: Simulator, tokenCount: number): string[] {
  return ['--batch-tokens', String(tokenCount), '--batch-base-url', simulator.batchUrl];
}

/** What the log on stderr tells of one kind, in order. */
export function eventsOf(stderr: string, kind: string): Record<string, unknown>[] {
  const records = stderr.split('\n').filter((line) => line.startsWith('{'));
  return records.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ event }) => event === kind);
}

/** Something that a test waits for, or keeps a server waiting with. */
export function createGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
