import type { EndedBy } from '../checkpoint/facts.ts';
import type { Clock } from '../domain/clock.ts';
import { EXIT, type ExitCode, outweighs, UserError } from '../domain/errors.ts';
import { createAlarm } from '../pace/alarm.ts';
import { DRAIN_MS_MAX } from './stop-times.ts';
import type { PurgeDeps, StopRequest } from './deps.ts';

/** Why a run ends before everything is worked off. */
export type Ending =
  | { readonly kind: 'stop-requested'; readonly request: StopRequest }
  | { readonly kind: 'limit'; readonly option: '--limit' | '--max-duration' | '--max-failures' | '--max-absent' }
  /** `endedBy` only where the purge may be replaced as long as it has no outcome. */
  | { readonly kind: 'error'; readonly error: UserError; readonly endedBy: EndedBy | undefined };

/** The exit code of a run that ends so with work left. */
export function exitCodeOfEnding(ending: Ending): ExitCode {
  switch (ending.kind) {
    case 'stop-requested':
      return ending.request.exitCode;
    case 'limit':
      return EXIT.stoppedByLimit;
    case 'error':
      return ending.error.exitCode;
  }
}

/** `stopped by SIGINT`, `stopped by --limit`, or the error's code. */
export function nameOfEnding(ending: Ending): string {
  switch (ending.kind) {
    case 'stop-requested':
      return `stopped by ${ending.request.name}`;
    case 'limit':
      return `stopped by ${ending.option}`;
    case 'error':
      return ending.error.code;
  }
}

/** How a run came to its end. */
export interface RunOutcome {
  readonly exitCode: ExitCode;
  /** `finished`, or the ending's name. */
  readonly endedBecause: string;
  readonly error: UserError | undefined;
}

/** @param ending - `undefined`: everything was worked off */
export function outcomeOf(ending: Ending | undefined): RunOutcome {
  if (ending === undefined) return { exitCode: EXIT.done, endedBecause: 'finished', error: undefined };
  const error = ending.kind === 'error' ? ending.error : undefined;
  return { exitCode: exitCodeOfEnding(ending), endedBecause: nameOfEnding(ending), error };
}

/**
 * The one place where a run is told to end, from the opening of its sources on. The first ending stops it; one that comes while it
 * comes to its end takes its place where its exit code weighs more.
 */
export interface Halt {
  /** Aborts with the first ending: no new request is sent from then on. */
  readonly signal: AbortSignal;
  /** Aborts when what was under way at the ending has had its time. */
  readonly overdue: AbortSignal;
  readonly ending: Ending | undefined;
  /** Errors that did not become the ending, one of each code. */
  readonly otherErrors: readonly UserError[];
  /**
   * The API has refused the credentials, or the account is doubted, at the ending or after it. What it answered about
   * single IDs may then have nothing to do with the IDs.
   */
  readonly isRefused: boolean;
  end(ending: Ending): void;
  /** For errors of any kind: user errors end the run, a bug ends it too and is thrown at its end. */
  fail(error: unknown): void;
  /** Throws the bug that ended the run, if one did. */
  throwBug(): void;
  /** The time of `--max-duration` stands still until `resumeTime`: a person is being asked. */
  pauseTime(): void;
  resumeTime(): void;
  /** From now on neither a stop from outside nor the time ends the run: it is over. */
  release(): void;
}

/** @param runDurationMsMax - after so long the run ends by itself */
export function createHalt({ clock, stop }: Pick<PurgeDeps, 'clock' | 'stop'>, runDurationMsMax: number): Halt {
  const controller = new AbortController();
  const overdue = new AbortController();
  const released = new AbortController();
  let ending: Ending | undefined;
  const passedOver: Ending[] = [];
  let isRefused = false;
  let bug: { readonly error: unknown } | undefined;
  const end = (given: Ending): void => {
    const before = ending;
    if (bug === undefined && (before === undefined || outweighs(exitCodeOfEnding(given), exitCodeOfEnding(before)))) ending = given;
    const loser = ending === given ? before : given;
    if (loser !== undefined) passedOver.push(loser);
    controller.abort();
  };
  const after = async (ms: number, action: () => void): Promise<void> => {
    await clock.sleep(ms, released.signal);
    if (!released.signal.aborted) action();
  };
  const onStop = (): void => end({ kind: 'stop-requested', request: stop.reason as StopRequest });
  controller.signal.addEventListener('abort', () => void after(DRAIN_MS_MAX, () => overdue.abort()), { once: true });
  stop.addEventListener('abort', onStop, { once: true, signal: released.signal });
  if (stop.aborted) onStop();
  const time = limitTime(clock, runDurationMsMax, () => end({ kind: 'limit', option: '--max-duration' }));
  return {
    signal: controller.signal,
    overdue: overdue.signal,
    get ending() {
      return ending;
    },
    get otherErrors() {
      return errorsToTell(passedOver, ending);
    },
    get isRefused() {
      return isRefused;
    },
    end,
    fail(error) {
      if (error instanceof UserError) {
        const endedBy = endedByOf(error);
        isRefused ||= endedBy === 'credentials' || endedBy === 'absent-rule';
        return end({ kind: 'error', error, endedBy });
      }
      bug ??= { error };
      controller.abort();
    },
    throwBug() {
      if (bug !== undefined) throw bug.error;
    },
    pauseTime: () => time.pause(),
    resumeTime: () => time.resume(),
    release() {
      released.abort();
      time.close();
    },
  };
}

interface TimeLimit {
  pause(): void;
  resume(): void;
  close(): void;
}

function limitTime(clock: Clock, durationMsMax: number, onOver: () => void): TimeLimit {
  const alarm = createAlarm(clock, onOver);
  let leftMs = durationMsMax;
  let startedMs = 0;
  const resume = (): void => {
    startedMs = clock.monotonicMs();
    if (leftMs !== Infinity) alarm.ringAt(startedMs + leftMs);
  };
  resume();
  return {
    pause() {
      leftMs -= clock.monotonicMs() - startedMs;
      alarm.cancel();
    },
    resume,
    close: () => alarm.close(),
  };
}

function errorsToTell(passedOver: readonly Ending[], ending: Ending | undefined): readonly UserError[] {
  const byCode = new Map<string, UserError>();
  for (const other of passedOver) if (other.kind === 'error' && !byCode.has(other.error.code)) byCode.set(other.error.code, other.error);
  if (ending?.kind === 'error') byCode.delete(ending.error.code);
  return [...byCode.values()];
}

/** The endings after which a purge without outcomes has nothing to resume, found by the error's exit code. */
export function endedByOf(error: UserError): EndedBy | undefined {
  if (error.code === 'STRICT') return 'strict';
  if (error.code === 'ABSENT_RULE') return 'absent-rule';
  switch (error.exitCode) {
    case EXIT.usage:
      return 'usage';
    case EXIT.refused:
      return 'credentials';
    case EXIT.guard:
      return 'guard';
    default:
      return undefined;
  }
}
