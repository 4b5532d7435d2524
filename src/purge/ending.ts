import type { EndedBy } from '../checkpoint/facts.ts';
import { EXIT, type UserError } from '../domain/errors.ts';
import type { StopRequest } from './types.ts';

/** Why a run ends before everything is worked off. */
export type Ending =
  | { readonly kind: 'stop-requested'; readonly request: StopRequest }
  | { readonly kind: 'limit'; readonly option: '--limit' | '--max-duration' | '--max-failures' }
  /** `endedBy` only where the purge may be replaced as long as it has no outcome. */
  | { readonly kind: 'error'; readonly error: UserError; readonly endedBy: EndedBy | undefined };

/** The one place where a run is told to end; the first ending wins. */
export interface Halt {
  /** Aborts with the first ending: no new request is sent from then on. */
  readonly signal: AbortSignal;
  readonly ending: Ending | undefined;
  end(ending: Ending): void;
  /** For errors of any kind: user errors end the run, a bug ends it too and is thrown at its end. */
  fail(error: unknown): void;
  /** Throws the bug that ended the run, if one did. */
  throwBug(): void;
}

export function createHalt(isUserError: (error: unknown) => error is UserError): Halt {
  const controller = new AbortController();
  let ending: Ending | undefined;
  let bug: { readonly error: unknown } | undefined;
  const end = (given: Ending): void => {
    if (ending === undefined && bug === undefined) ending = given;
    controller.abort();
  };
  return {
    signal: controller.signal,
    get ending() {
      return ending;
    },
    end,
    fail(error) {
      if (isUserError(error)) return end({ kind: 'error', error, endedBy: endedByOf(error) });
      bug ??= { error };
      controller.abort();
    },
    throwBug() {
      if (bug !== undefined) throw bug.error;
    },
  };
}

/** The endings after which a purge without outcomes leaves nothing to go on with, by the exit code that tells them. */
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
