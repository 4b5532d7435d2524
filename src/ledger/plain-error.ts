import { UserError, type UserErrorDetails } from '../domain/errors.ts';

/** A {@link UserError} without its class, which is lost when it is cloned between threads. */
export type PlainUserError = Pick<UserErrorDetails, 'code' | 'exitCode' | 'message' | 'nextSteps'>;

export function toPlain(error: UserError): PlainUserError {
  return { code: error.code, exitCode: error.exitCode, message: error.message, nextSteps: [...error.nextSteps] };
}

export function fromPlain(error: PlainUserError): UserError {
  return new UserError(error);
}

/** Runs `work`. An error that is meant for the user is returned, not thrown. */
export function userErrorOf(work: () => void): PlainUserError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return toPlain(error);
    throw error;
  }
}
