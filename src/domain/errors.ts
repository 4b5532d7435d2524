/**
 * The errors a person is meant to read. Each names the place, the cause and the next step, and carries its exit
 * code. Anything else that is thrown is a bug and keeps its stack.
 *
 * @module
 */

/** Every exit code of the process. Help and the README say what each means; a test holds them together. */
export const EXIT = {
  done: 0,
  doneWithFailures: 1,
  usage: 2,
  refused: 3,
  gaveUp: 4,
  storage: 5,
  locked: 6,
  guard: 7,
  stoppedByLimit: 8,
  /** No code of the contract's: a defect must not pass for `doneWithFailures`, which is what Node would exit with. */
  defect: 70,
  sighup: 129,
  sigint: 130,
  sigterm: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/**
 * Where several codes fit how a run went, the first of these tells it. What stopped the run comes before what became of single IDs;
 * `usage` and `locked` end a run before anything else can.
 */
const WEIGHTIEST_FIRST: readonly ExitCode[] = [
  EXIT.defect,
  EXIT.sighup,
  EXIT.sigint,
  EXIT.sigterm,
  EXIT.storage,
  EXIT.refused,
  EXIT.gaveUp,
  EXIT.locked,
  EXIT.usage,
  EXIT.guard,
  EXIT.stoppedByLimit,
  EXIT.doneWithFailures,
  EXIT.done,
];

const SIGNALS: readonly ExitCode[] = [EXIT.sighup, EXIT.sigint, EXIT.sigterm];

/** Whether a run that ended with `other` ends with `code` instead. One signal does not replace another. */
export function outweighs(code: ExitCode, other: ExitCode): boolean {
  if (SIGNALS.includes(code) && SIGNALS.includes(other)) return false;
  return WEIGHTIEST_FIRST.indexOf(code) < WEIGHTIEST_FIRST.indexOf(other);
}

/** The code that tells how a run went, of all that fit. */
export function weightiest(first: ExitCode, ...others: readonly ExitCode[]): ExitCode {
  return others.reduce<ExitCode>((best, code) => (outweighs(code, best) ? code : best), first);
}

export interface UserErrorDetails {
  /** Stable, for programs: `SOURCE_BROKEN`, `CHECKPOINT_LOCKED`, … */
  readonly code: string;
  readonly exitCode: ExitCode;
  /** What went wrong and where, one sentence without the leading `error:`. */
  readonly message: string;
  /** What the person can do now, one line each. */
  readonly nextSteps: readonly string[];
  readonly cause?: unknown;
}

/** An error whose text is for the person who ran the command. */
export class UserError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly nextSteps: readonly string[];

  constructor(details: UserErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'UserError';
    this.code = details.code;
    this.exitCode = details.exitCode;
    this.nextSteps = details.nextSteps;
  }
}

/** Usage and configuration errors: exit 2, nothing was sent. */
export function usageError(code: string, message: string, ...nextSteps: string[]): UserError {
  return new UserError({ code, exitCode: EXIT.usage, message, nextSteps });
}

/** Something on disk could not be read or written: exit 5; the run can be resumed once the cause is fixed. */
export function storageError(code: string, message: string, nextSteps: readonly string[], cause?: unknown): UserError {
  return new UserError({ code, exitCode: EXIT.storage, message, nextSteps, cause });
}

/** A guard refused: exit 7, nothing was sent in this run. */
export function guardError(code: string, message: string, ...nextSteps: string[]): UserError {
  return new UserError({ code, exitCode: EXIT.guard, message, nextSteps });
}
