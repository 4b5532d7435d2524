/**
 * Writes the table of what is no list in docs/lists.md from its definitions: `npm run docs:lists`. A test fails where it is stale.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';

import { REFUSED_API_ANSWER } from '../src/read/form/no-list.ts';
import type { Refused } from '../src/read/form/refused.ts';
import { REFUSED_BYTES } from '../src/read/form/refused-bytes.ts';
import { REFUSED_TEXTS } from '../src/read/form/refused-text.ts';

const PAGE = new URL('../docs/lists.md', import.meta.url);
const BEGIN = '<!-- refused: written by `npm run docs:lists` -->\n';
const END = '<!-- end of refused -->\n';

/** The text of the page with the table as the definitions give it now. */
export function withRefusedTable(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/lists.md has no ${BEGIN.trim()} before ${END.trim()}`);
  const rows = [...REFUSED_BYTES, ...REFUSED_TEXTS, REFUSED_API_ANSWER].map(rowOf);
  const table = ['| this is … | its sign | what the person is told |\n|---|---|---|\n', ...rows].join('');
  return page.slice(0, begin + BEGIN.length) + table + page.slice(end);
}

function rowOf({ what, sign, remedy, command }: Refused): string {
  const toldToDo = command === undefined ? inCell(remedy) : `${inCell(remedy)} \`${inCell(command('FILE', 'FILE'))}\``;
  return `| ${inCell(what)} | ${inCell(sign)} | ${toldToDo} |\n`;
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

if (import.meta.main) writeFileSync(PAGE, withRefusedTable(readFileSync(PAGE, 'utf8')));
