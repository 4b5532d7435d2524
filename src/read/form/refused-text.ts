/**
 * Text that is no list of IDs, by its first lines. `docs/lists.md` shows this table.
 *
 * @module
 */
import { isKnownColumn } from './column-names.ts';
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

const RULED_COLUMNS = /^\s*(?:-+(?:\+-+)+|[─━═]+(?:[┼╪╋╬][─━═]+)+|-{2,}(?:\s+-{2,})+|=+(?:\s+=+)+)\s*$/u;
const BOX = /^\s*\+[-=]+(?:\+[-=]+)*\+\s*$|^\s*[┌┏╔╭┬├│┃║]/u;
const MARKDOWN_RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$|^\s*\|\s*:?-+:?\s*\|\s*$/;

/**
 * Takes the first column out of a table, whole cells of it: they end where a line, or two spaces, part the columns. Letters that are not
 * ASCII stand outside brackets, where a program without UTF-8 would take them for several.
 */
const FIRST_COLUMN = [
  '/^[-+=:| ]*$/d',
  '/^ *(─|┌|├|└|┬|╭|╰|╞|╘|┏|┣|┡|┗|╔|╠|╚)/d',
  '/^ *\\(?[0-9]+ rows?( in set.*|\\))?$/d',
  's/^ *(\\||│|┃|║)? *//',
  's/ *(\\||│|┃|║).*//',
  's/  .*//',
  's/ $//',
]
  .map((step) => `-e '${step}'`)
  .join(' ');
const takeFirstColumn = (file: string): string => `sed -E ${FIRST_COLUMN} ${file} > ids.txt`;

const SQL = /^\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO\s|CREATE\s+TABLE\s|COPY\s.+\sFROM\s+stdin|PRAGMA\s+\w+\s*=|--\s.*\bdump\b|\/\*M?!\d)/i;
const TYPESET = /^\\begin\{|^\|={3,}\s*$|^\.TS\s*$/;
/** `id = keep-1`, `- id: keep-1`; an ID with a space behind its colon is nobody's. */
const NAMED_VALUE = /^\s*(?:-\s+)?["']?([\w -]{1,64}?)["']?\s*(?::\s|\s=\s)\s*\S/;

function namesOf(line: string): readonly string[] {
  return NAMED_VALUE.exec(line)?.slice(1) ?? [];
}

export const REFUSED_TEXTS: readonly RefusedText[] = [
  {
    what: 'a web page (HTML)',
    sign: 'begins with <!doctype html> or <html>, or with a piece of it such as <table> or <tr>',
    remedy: 'A page to log in or of an error is saved easily in place of a list. To take UUIDs out of it:',
    command: (file) => `grep -oE ${UUID_PATTERN} ${file} | sort -u > ids.txt`,
    find: (lines) =>
      /^\s*(?:<!--[^]*?-->\s*)?<(?:!doctype\s+html|html|head|body|title|meta|table|tr|td|th|div|p|ul|ol|li|img|a)\b[^<]*>/i.test(
        lines.slice(0, 2).join('\n'),
      )
        ? 0
        : -1,
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
    remedy: 'Have the program write CSV: psql --csv, mysql --batch, sqlite3 -csv -header, Export-Csv; or take the first column out:',
    command: takeFirstColumn,
    find: (lines) => {
      const box = lines.slice(0, TABLE_LINES).findIndex((line) => BOX.test(line));
      return box === -1 ? lines.slice(0, TABLE_LINES).findIndex((line, index) => index > 0 && RULED_COLUMNS.test(line)) : box;
    },
  },
  {
    what: 'a Markdown table',
    sign: 'a line |---|---| among the first ten',
    remedy: 'Give the data that it was made from, or take the first column out:',
    command: takeFirstColumn,
    find: (lines) => lines.slice(0, TABLE_LINES).findIndex((line, index) => index > 0 && line.includes('|') && MARKDOWN_RULE.test(line)),
  },
  {
    what: 'rows written one below the other (mysql \\G, psql \\x, Format-List, YAML)',
    sign: 'a first line "*** 1. row ***" or "-[ RECORD 1 ]-"; names before ": " or " = " in all of the first lines, a known one too',
    remedy:
      'Have the program write CSV: psql --csv, mysql --batch, sqlite3 -csv -header, Export-Csv. If each line is an ID: --format lines',
    command: undefined,
    find: (lines) => {
      if (/^\*{5,} \d+\. row \*{5,}$|^-\[ RECORD \d+ \]/.test(lines[0] ?? '')) return 0;
      const rows = lines.slice(0, TABLE_LINES).filter((line) => !/^\s*(?:---)?\s*$/.test(line));
      if (rows.length < 2 || rows.some((line) => namesOf(line).length === 0)) return -1;
      return lines.findIndex((line) => namesOf(line).some(isKnownColumn));
    },
  },
  {
    what: 'a table for a program that sets texts (LaTeX, AsciiDoc, troff)',
    sign: 'a line \\begin{…}, |=== or .TS among the first ten',
    remedy: 'Give the data that it was made from: psql --csv, for one.',
    command: undefined,
    find: (lines) => lines.slice(0, TABLE_LINES).findIndex((line) => TYPESET.test(line)),
  },
  {
    what: 'a script of SQL, or a dump of a database',
    sign: 'a line such as INSERT INTO …, CREATE TABLE …, COPY … FROM stdin, PRAGMA …=, "-- … dump" among the first ten',
    remedy: 'Have the database write the rows themselves as CSV: psql --csv -c, mysql --batch -e, sqlite3 -csv -header.',
    command: undefined,
    find: (lines) => lines.slice(0, TABLE_LINES).findIndex((line) => SQL.test(line)),
  },
  {
    what: 'an HTTP answer with its headers',
    sign: 'a first line HTTP/2 200',
    remedy: 'Take the body alone: curl without -i.',
    command: undefined,
    find: ([first = '']) => (/^HTTP\/\d(?:\.\d)? \d{3}\b/.test(first) ? 0 : -1),
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
