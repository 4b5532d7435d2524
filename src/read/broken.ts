import { storageError, type UserError } from '../domain/errors.ts';

/** A source that cannot be trusted from a line on: nothing after it is read, and no more is deleted. */
export function brokenSource(name: string, line: number, what: string, cause?: unknown): UserError {
  return storageError(
    'SOURCE_BROKEN',
    `${name}, line ${line}: ${what}; what follows cannot be trusted.`,
    [`Nothing from line ${line} on was read, and no more is deleted. Mend it and run the same command.`],
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
