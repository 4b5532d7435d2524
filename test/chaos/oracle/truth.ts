import type { RecordedRequest } from '../../../src/simulator/simulator-record.ts';

/** What a list must come to, known from how it was made and not from reading it. */
export interface Truth {
  /** IDs that may be sent. */
  readonly accepted: ReadonlySet<string>;
  /** IDs of the list that stood on an exclude list from the start. */
  readonly protected: ReadonlySet<string>;
  readonly counts: {
    readonly rows: number;
    readonly accepted: number;
    readonly duplicates: number;
    readonly protected: number;
    readonly rejected: number;
    readonly skipped: number;
  };
  /** IDs that exist at the server when the first run begins; `any`: all do. */
  readonly images: ReadonlySet<string> | 'any';
}

export interface RunFacts {
  readonly command: 'delete' | 'resume';
  /** SIGKILL, or a crash that the test makes: the run could not put anything in order. */
  readonly wasKilled: boolean;
  /** All requests met a fault for a while. */
  readonly hadOutage: boolean;
  readonly exitCode: number | null;
  readonly retriesFailed: boolean;
  /** Excluded in this run and all later ones, besides those that were from the start. */
  readonly excludedLate: ReadonlySet<string>;
  readonly expectsAbsent: boolean;
  /** When SIGKILL was sent, by the server's clock; `undefined` where it was not. */
  readonly killedAtMs?: number | undefined;
  /** What `--report -` wrote; `undefined`: the report is a file. */
  readonly stdoutReport?: string | undefined;
}

/** What all runs so far may have caused. */
export interface History {
  killCount: number;
  stopCount: number;
  /** Runs with an outage, during which no attempt is counted: of what was in flight, and of what a probe of stats let through. */
  outageCount: number;
  retryFailedCount: number;
  readonly everFailed: Set<string>;
  /** Excluded only in a later run. */
  readonly excludedLate: Set<string>;
  /** IDs of which an earlier request may have had an answer that nobody knows. */
  readonly mayBeUnknown: Set<string>;
}

/** What the server did, and whether it was this server or an earlier one. */
export interface ServerFacts {
  readonly requests: readonly RecordedRequest[];
  readonly deleteRequests: ReadonlyMap<string, number>;
  wasDeleted(id: string): boolean;
}

/** Whether an answer gives an ID its outcome; a batch host's 401 or 403 is about its token. */
export function isFinal({ status, lane, isStray }: RecordedRequest): boolean {
  return (
    isStray !== true && status !== undefined && status !== 429 && status < 500 && (lane === 'account' || (status !== 401 && status !== 403))
  );
}
