import { basename, dirname, extname, normalize } from 'node:path';

import { usageError } from '../../domain/errors.ts';
import { shellWord } from '../../text/shell-word.ts';
import { OPTIONS } from '../../options/option-table.ts';

/** Options that protect: those of files, and those of patterns of IDs. */
const PROTECTING: ReadonlyMap<string, 'file' | 'pattern'> = new Map(
  OPTIONS.flatMap(({ addsUp, isFile, name }) => (addsUp ? [[`--${name}`, isFile ? 'file' : 'pattern'] as const] : [])),
);
/** A shell that spreads a pattern leaves nothing of it. */
const WILDCARD = /[*?[]/;

/**
 * `--exclude keep*.txt` reaches a program as `--exclude keep-a.txt keep-b.txt`: the second file would be a source, and the images that it
 * was to protect would be deleted. `--exclude-id img*` without quotes is spread over the files of the folder as well.
 *
 * @param args - as they were given, the command first
 * @throws UserError (exit 2) where the shell may have spread a pattern
 */
export function refuseSpreadGlob(args: readonly string[]): void {
  const end = args.indexOf('--');
  const last = end === -1 ? args.length : end;
  for (let index = 1; index + 2 < last; index++) {
    const [option = '', file = '', next = ''] = args.slice(index, index + 3);
    const kind = PROTECTING.get(option);
    if (kind === undefined || next.startsWith('-') || !isOfOnePattern(file, next)) continue;
    if (kind === 'pattern' && WILDCARD.test(file)) continue;
    throw usageError(
      'GLOB_SPREAD',
      `${next} follows ${option} ${file}, and is taken for a source: its images would be deleted; nothing was read or sent`,
      kind === 'pattern'
        ? `If the shell has made several files of a pattern, put it into quotes: ${option} 'PATTERN'`
        : `If the shell has made several files of a pattern, give each of them: ${option} ${shellWord(file)} ${option} ${shellWord(next)}`,
      `If ${next} is a source, join the option and its file: ${option}=${shellWord(file)}`,
    );
  }
}

/** Whether a pattern may have matched both: names of one folder that begin and end alike. */
function isOfOnePattern(one: string, other: string): boolean {
  const [first, second] = [normalize(one), normalize(other)];
  return (
    dirname(first) === dirname(second) &&
    extname(first).toLowerCase() === extname(second).toLowerCase() &&
    basename(first).charAt(0).toLowerCase() === basename(second).charAt(0).toLowerCase()
  );
}
