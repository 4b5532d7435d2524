/**
 * Writes the table of options in docs/options.md from their definitions: `npm run docs:options`. A test fails where it is stale.
 *
 * @module
 */

import { readFileSync, writeFileSync } from 'node:fs';

import { deleteCommand } from '../src/cli/commands/delete.ts';
import { resumeCommand } from '../src/cli/commands/resume.ts';
import { OPTIONS } from '../src/options/option-table.ts';

const PAGE = new URL('../docs/options.md', import.meta.url);
const BEGIN = '<!-- options: written by `npm run docs:options` -->\n';
const END = '<!-- end of options -->\n';

/** The text of the page with the table as the definitions give it now. */
export function withOptionTable(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/options.md has no ${BEGIN.trim()} before ${END.trim()}`);
  return page.slice(0, begin + BEGIN.length) + optionTable() + page.slice(end);
}

/** A row for each heading of help, with what `delete` or `resume` takes. */
function optionTable(): string {
  const namesByHeading = new Map<string, string[]>();
  for (const { key, name, heading } of OPTIONS) {
    if (!deleteCommand.options.includes(key) && !resumeCommand.options.includes(key)) continue;
    const shown = deleteCommand.options.includes(key) ? `\`--${name}\`` : `\`--${name}\` (resume)`;
    namesByHeading.set(heading, [...(namesByHeading.get(heading) ?? []), shown]);
  }
  const rows = [...namesByHeading].map(([heading, names]) => `| ${heading.toLowerCase()} | ${names.join(' ')} |`);
  return ['| | |', '|---|---|', ...rows, ''].join('\n');
}

if (import.meta.main) writeFileSync(PAGE, withOptionTable(readFileSync(PAGE, 'utf8')));
