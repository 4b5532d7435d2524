import { storageError, type UserError } from '../domain/errors.ts';

interface BrokenDetails {
  /** What to do beside fixing the source. */
  readonly nextStep?: string;
  readonly cause?: unknown;
}

/** A source that cannot be trusted from a line on: nothing after it is read, and no more is deleted. */
export function brokenSource(name: string, line: number, what: string, { nextStep, cause }: BrokenDetails = {}): UserError {
  return storageError(
    'SOURCE_BROKEN',
    `${name}, line ${line}: ${what}; what follows cannot be trusted.`,
    [
      `Nothing from line ${line} on was read, and no more is deleted. Fix it and run the same command.`,
      ...(nextStep === undefined ? [] : [nextStep]),
    ],
    cause,
  );
}

export function unreadableSource(name: string, error: unknown): UserError {
  const cause = error instanceof Error ? error.message : String(error);
  return storageError(
    'SOURCE_UNREADABLE',
    `the source ${name} cannot be read (${cause}).`,
    ['Check the path and that you may read it, then run the same command.'],
    error,
  );
}
