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

/** What zlib means, for people. */
const PACKING_PROBLEMS: Readonly<Record<string, string>> = {
  'unexpected end of file': 'it ends in the middle',
  'incorrect header check': 'data that is not packed follows it',
};

/**
 * Packed bytes that cannot be unpacked. What was unpacked last, and how far the damage is behind it, zlib does not tell.
 *
 * @param lastLine - the last one that was unpacked; 0 where none was
 */
export function brokenPacking(name: string, compression: string, lastLine: number, error: unknown): UserError {
  const message = error instanceof Error ? error.message : String(error);
  const where = lastLine === 0 ? 'no line of it was unpacked' : `line ${lastLine} is the last one that was unpacked`;
  return storageError(
    'SOURCE_BROKEN',
    `${name}: its ${compression} data is broken or cut short (${PACKING_PROBLEMS[message] ?? message}); ${where}.`,
    ['Nothing behind that was read, and no more is deleted. Fix it and run the same command.'],
    error,
  );
}

/** What is read of a file that something writes may be half of it. */
export function changedSource(name: string, sizeBefore: bigint, sizeNow: bigint): UserError {
  const how = sizeBefore === sizeNow ? `its ${sizeNow} bytes were written again` : `it had ${sizeBefore} bytes, and now has ${sizeNow}`;
  return storageError('SOURCE_CHANGED', `${name} was changed while it was read (${how}).`, [
    'No more is deleted. Wait until the program that writes it has ended, then run the same command.',
  ]);
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
