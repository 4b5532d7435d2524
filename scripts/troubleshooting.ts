/**
 * Writes docs/troubleshooting.md from the entries that `images-purge explain` prints: `npm run docs:troubleshooting`. A test fails where
 * the page is stale.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';

import { EXIT, type ExitCode } from '../src/domain/errors.ts';
import { ENTRY_GROUPS, exitsText } from '../src/explain/explain.ts';
import type { Entry } from '../src/explain/entry.ts';

const PAGE = new URL('../docs/troubleshooting.md', import.meta.url);

const INTRODUCTION = `# Troubleshooting

Written by \`npm run docs:troubleshooting\`: change \`src/explain/entries/\`, not this page.

Each error ends with its code, \`More: images-purge explain CODE\`, and \`--json\` has it as \`error.code\`. The command prints what stands
here, without a network. \`images-purge check\` tells what the API says of credentials, account and quota, and deletes nothing.

Endings without an error have no code:
- exit 1: some IDs failed, or rows were rejected. \`images-purge report CHECKPOINT --outcome failed,rejected\` lists them, and
  \`images-purge resume CHECKPOINT --retry-failed\` tries the failed ones again.
- exit 8: \`--limit\`, \`--max-duration\`, \`--max-failures\` or \`--max-absent\` was reached. The same command goes on.
- exit 129, 130, 143: stopped by a signal. The same command goes on.

| exit | codes |
|---|---|
`;

const ENTRIES: readonly (readonly [string, Entry])[] = ENTRY_GROUPS.flatMap(({ entries }) => Object.entries(entries));

/** The page as the entries give it now. */
export function troubleshootingPage(): string {
  const exits = Object.values(EXIT).filter((exit) => ENTRIES.some(([, entry]) => entry.exits.includes(exit)));
  const rows = [...exits.map((exit) => indexRow(String(exit), exit)), indexRow('warning', undefined)];
  const sections = ENTRY_GROUPS.map(
    ({ heading, entries }) =>
      `\n## ${heading}\n${Object.entries(entries)
        .map(([code, entry]) => section(code, entry))
        .join('')}`,
  );
  return INTRODUCTION + rows.join('') + sections.join('');
}

function indexRow(label: string, exit: ExitCode | undefined): string {
  const codes = ENTRIES.filter(([, { exits }]) => (exit === undefined ? exits.length === 0 : exits.includes(exit)));
  return `| ${label} | ${codes.map(([code]) => `[${code}](#${code.toLowerCase()})`).join(' ')} |\n`;
}

function section(code: string, entry: Entry): string {
  const steps = entry.steps.map((step) => `- ${inMarkdown(step)}\n`).join('');
  return `\n### ${code}\n**${inMarkdown(entry.title)}** (${exitsText(entry)}).\n${inMarkdown(entry.cause)}\n\n${steps}`;
}

/** What would be a tag stands as it is between backticks alone. */
function inMarkdown(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;').replaceAll('*', '\\*')))
    .join('');
}

if (import.meta.main) writeFileSync(PAGE, troubleshootingPage());
