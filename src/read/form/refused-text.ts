/**
 * Text that is no list of IDs, by its first lines. `docs/lists.md` shows this table.
 *
 * @module
 */
import type { Refused } from './refused.ts';

/** Told by the first lines. */
export interface RefusedText extends Refused {
  /** The 0-based line that shows it; -1 where none does. @param lines - the first ones, blank ones at the beginning left out */
  readonly find: (lines: readonly string[]) => number;
}

const UUID_PATTERN = "'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'";
/** What programs are called at the beginning of their complaints. */
const PROGRAMS = [
  'mysql|mysqldump|mariadb|psql|pg_dump|sqlite3|sqlcmd|bq|duckdb|aws|gcloud|az|kubectl|docker|wrangler|rclone|soffice|images-purge',
  'curl|wget|jq|ssh|scp|cat|grep|env|sudo|python3?|node|npm|npx',
  '-?(?:/bin/|/usr/bin/)?(?:ba|z|da|k|)sh',
].join('|');
const ERROR_TEXTS: readonly RegExp[] = [
  new RegExp(`^(?:${PROGRAMS})(?: \\[\\w+\\])?: \\S`),
  /^curl: \(\d+\)/,
  /^ERROR \d+ \([0-9A-Z]{5}\)/,
  /^(?:ERROR|FATAL|Error|error|fatal|Parse error|Runtime error|Access denied|Exception)(?: [^:]{1,60})?: {1,2}\S.* /,
  /^Traceback \(most recent call last\):/,
  /^Exception in thread /,
  /: (?:command not found|No such file or directory|Permission denied)$/,
];
/** How many lines may stand above what shows it. */
const ERROR_LINES = 3;
const TABLE_LINES = 10;

const RULED_COLUMNS = /^\s*-+(?:\+-+)+\s*$|^\s*-{2,}(?:\s+-{2,})+\s*$|^\s*=+(?:\s+=+)+\s*$/;
const BOX = /^\s*\+[-=]+(?:\+[-=]+)*\+\s*$|^\s*[┌┏╔╭┬├│┃║]/u;
const MARKDOWN_RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$|^\s*\|\s*:?-+:?\s*\|\s*$/;

export const REFUSED_TEXTS: readonly RefusedText[] = [
  {
    what: 'a web page (HTML)',
    sign: 'begins with <!doctype html> or <html>',
    remedy: 'A page to log in or of an error is saved easily in place of a list. To take UUIDs out of it:',
    command: (file) => `grep -oE ${UUID_PATTERN} ${file} | sort -u > ids.txt`,
    find: (lines) =>
      /^\s*(?:<!--[^]*?-->\s*)?<(?:!doctype\s+html|html|head|body|title|meta)\b/i.test(lines.slice(0, 2).join('\n')) ? 0 : -1,
  },
  {
    what: 'an XML document',
    sign: 'begins with <?xml',
    remedy: 'Write one ID a line. To take UUIDs out of it:',
    command: (file) => `grep -oE ${UUID_PATTERN} ${file} | sort -u > ids.txt`,
    find: ([first = '']) => (/^\s*<\?xml\s/i.test(first) ? 0 : -1),
  },
  {
    what: 'a table drawn with lines',
    sign: 'a line +----+, ┌────┐, ----+---- or "--  ----" among the first ten',
    remedy: 'Have the program write CSV: psql --csv, mysql --batch, sqlite3 -csv -header; or take the first column out:',
    command: (file) => `sed -nE 's/^[ |│]*([^ |│+(-][^ |│]*).*/\\1/p' ${file} > ids.txt`,
    find: (lines) => {
      const box = lines.slice(0, TABLE_LINES).findIndex((line) => BOX.test(line));
      return box === -1 ? lines.slice(0, TABLE_LINES).findIndex((line, index) => index > 0 && RULED_COLUMNS.test(line)) : box;
    },
  },
  {
    what: 'a Markdown table',
    sign: 'a line |---|---| among the first ten',
    remedy: 'Give the data that it was made from, or take the first column out:',
    command: (file) => `sed -nE 's/^ *\\|? *([^ |:-][^ |]*).*/\\1/p' ${file} > ids.txt`,
    find: (lines) => lines.slice(0, TABLE_LINES).findIndex((line, index) => index > 0 && line.includes('|') && MARKDOWN_RULE.test(line)),
  },
  {
    what: 'rows written one below the other (mysql \\G, psql \\x)',
    sign: 'a first line such as "*** 1. row ***" or "-[ RECORD 1 ]-"',
    remedy: 'Have the program write CSV: psql --csv, mysql --batch.',
    command: undefined,
    find: ([first = '']) => (/^\*{5,} \d+\. row \*{5,}$|^-\[ RECORD \d+ \]/.test(first) ? 0 : -1),
  },
  {
    what: 'what a program wrote about an error',
    sign: 'one of the first three lines is such a text ("ERROR 1045 (28000): …", "psql: error: …", "curl: (6) …", "Traceback …")',
    remedy:
      'The program that made the list has failed, or warned into it. Make the list again, its complaints apart: 2> errors.txt. ' +
      'If it is an ID: --format lines',
    command: undefined,
    find: (lines) => lines.slice(0, ERROR_LINES).findIndex((line) => ERROR_TEXTS.some((pattern) => pattern.test(line))),
  },
];
