import type { Clock } from '../domain/clock.ts';
import type { Observer, ProgressSnapshot } from '../observe/events.ts';
import type { AskPerson, PlanSummary } from './run-options.ts';

/** Why a stop was asked for from outside: a signal, or a program's AbortSignal (130). */
export interface StopRequest {
  readonly exitCode: 5 | 129 | 130 | 143;
  /** `SIGTERM`, `aborted by the program`, `stdout closed` … */
  readonly name: string;
}

/** What a run needs from the world around it. */
export interface PurgeDeps {
  readonly clock: Clock;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
  readonly observer: Observer;
  /** `undefined`: there is no one to ask. */
  readonly ask: AskPerson | undefined;
  /** Called after the intake of a plan or a dry run, with what a person should review. */
  readonly onPlan?: (plan: PlanSummary) => void;
  /** Aborts on the first signal; its `reason` is a {@link StopRequest}. */
  readonly stop: AbortSignal;
  /**
   * Writes report lines to stdout (`--report -`) and waits while it is full. Rejects once stdout has closed, with a
   * `UserError` where it cannot be written.
   */
  readonly writeReportText: (text: string) => Promise<void>;
  /** Takes secrets out of a text that is recorded. */
  readonly redact?: (text: string) => string;
  /** A secret that the run has received, such as a batch token: it must appear nowhere. */
  readonly onSecret?: (text: string) => void;
  /** Called once, when there is something to show. */
  readonly onProgressReady: (snapshot: () => ProgressSnapshot) => void;
}
