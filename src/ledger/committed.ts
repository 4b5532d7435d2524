import type { CheckpointFacts } from '../checkpoint/facts.ts';
import type { FailureKind } from '../domain/summary.ts';
import type { PlainUserError } from './plain-error.ts';

/** What an operation that commits rows brings back. */
export interface Committed {
  /** Lines that `--report -` writes to stdout; empty otherwise. */
  readonly stdoutText: string;
  readonly lineCount: number;
  /** What ends the run, although this is committed: the report cannot be written, or the checkpoint is not in its place any more. */
  readonly failure: PlainUserError | undefined;
  /** No step is left. Where it is not said, a step that touched no row was the last. */
  readonly isLast?: boolean;
}

/** What a run leaves behind once its ending is written. */
export interface RunLeft {
  readonly facts: CheckpointFacts;
  readonly failureKinds: readonly FailureKind[];
  /** Absent IDs that no request of this purge can have deleted. */
  readonly absentByOthers: number;
  /** Some of these, where they are more than a tenth of the answered IDs; none otherwise. */
  readonly manyAbsentSample: readonly string[];
  /** The report could not be brought to its end, or the checkpoint is not in its place any more; what was committed stays committed. */
  readonly failure: PlainUserError | undefined;
  /** What a person should know of the report's place. */
  readonly warnings: readonly string[];
}
