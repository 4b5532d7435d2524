/**
 * What is plainly no list of IDs is refused, with what it is and how a person makes a list of it.
 *
 * @module
 */
import { resolve } from 'node:path';

import { usageError } from '../../domain/errors.ts';
import { shellWord } from '../../text/shell-word.ts';
import type { Refused } from './refused.ts';
import { REFUSED_BYTES } from './refused-bytes.ts';
import { REFUSED_TEXTS } from './refused-text.ts';

export const REFUSED_API_ANSWER: Refused = {
  what: 'an answer of the API that says what went wrong',
  sign: '"success": false, or "errors" that are not empty',
  remedy: 'Look at its errors, and ask the API again.',
  command: undefined,
};

/** How many bytes it takes to tell what these are the beginning of. */
export function bytesToTell(head: Buffer): number {
  const needed = REFUSED_BYTES.map(({ magic, bytesNeeded }) => {
    const common = Math.min(magic.length, head.length);
    return head.subarray(0, common).equals(magic.subarray(0, common)) ? Math.max(magic.length, bytesNeeded ?? 0) : 0;
  });
  return Math.max(...needed);
}

/** Throws (exit 2) where the first bytes show what is no text, or text that names no encoding. */
export function refuseBytes(sourceName: string, head: Buffer): void {
  const found = REFUSED_BYTES.find(({ magic, isAlso }) => head.subarray(0, magic.length).equals(magic) && isAlso?.(head) !== false);
  if (found !== undefined) throw notAList(sourceName, 1, found);
}

/** Throws (exit 2) where the first lines show that they are no rows. @param firstLine - the number of the first of them */
export function refuseText(sourceName: string, lines: readonly string[], firstLine: number): void {
  for (const refused of REFUSED_TEXTS) {
    const index = refused.find(lines);
    if (index !== -1) throw notAList(sourceName, firstLine + index, refused);
  }
}

export function notAList(sourceName: string, line: number, { what, remedy, command }: Refused): Error {
  const path = sourceName === '-' ? 'FILE' : resolve(sourceName);
  return usageError(
    'SOURCE_NO_LIST',
    `${sourceName}, line ${line}: this is ${what} and no list of IDs; nothing was sent.`,
    command === undefined ? remedy : `${remedy}  ${command(shellWord(path), path)}`,
  );
}
