/**
 * Writes the tables of docs/lists.md (what values are, what is no list) from their definitions: `npm run docs:lists`.
 * A test fails where one is stale.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';

import { NOISE } from '../src/plan/noise.ts';
import { SUSPICIOUS_KINDS } from '../src/plan/suspicious-kinds.ts';
import { REFUSED_API_ANSWER } from '../src/read/form/no-list.ts';
import type { Refused } from '../src/read/form/refused.ts';
import { REFUSED_BYTES } from '../src/read/form/refused-bytes.ts';
import { REFUSED_TEXTS } from '../src/read/form/refused-text.ts';

const PAGE = new URL('../docs/lists.md', import.meta.url);

interface Table {
  readonly name: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const TABLES: readonly Table[] = [
  { name: 'noise', head: ['reason', 'such as'], rows: NOISE.map(({ reason, examples }) => [reason, shown(examples)]) },
  {
    name: 'suspicious',
    head: ['kind', 'the IDs are', 'such as', 'most likely'],
    rows: SUSPICIOUS_KINDS.map(({ name, looks, examples, likelyCause }) => [`\`${name}\``, looks, shown(examples), likelyCause]),
  },
  {
    name: 'refused',
    head: ['this is …', 'its sign', 'what the person is told'],
    rows: [...REFUSED_BYTES, ...REFUSED_TEXTS, REFUSED_API_ANSWER].map(cellsOf),
  },
];

/** The text of the page with the tables as the definitions give them now. */
export function withTables(page: string): string {
  return TABLES.reduce(withTable, page);
}

function withTable(page: string, { name, head, rows }: Table): string {
  const beginMark = `<!-- ${name}: written by \`npm run docs:lists\` -->\n`;
  const begin = page.indexOf(beginMark);
  const end = page.indexOf(`<!-- end of ${name} -->\n`);
  if (begin < 0 || end < begin) throw new Error(`docs/lists.md has no ${beginMark.trim()} before its end`);
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
  return page.slice(0, begin + beginMark.length) + table + page.slice(end);
}

function cellsOf({ what, sign, remedy, command }: Refused): readonly string[] {
  const toldToDo = command === undefined ? inCell(remedy) : `${inCell(remedy)} \`${inCell(command('FILE', 'FILE'))}\``;
  return [inCell(what), inCell(sign), toldToDo];
}

/** What cannot be seen is shown by its number. */
function shown(examples: readonly string[]): string {
  const visible = (text: string): string =>
    text.replaceAll(/[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{M}]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    });
  return examples.map((example) => `\`${inCell(visible(example))}\``).join(' ');
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

if (import.meta.main) writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8')));
