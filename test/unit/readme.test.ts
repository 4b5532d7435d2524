import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

import { withTables } from '../../scripts/list-forms.ts';
import { withOptionTable } from '../../scripts/options-page.ts';
import { troubleshootingPage } from '../../scripts/troubleshooting.ts';
import { EXIT_CODES_HELP } from '../../src/cli/texts/help-text.ts';
import { EXIT } from '../../src/domain/errors.ts';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const README = read('README.md');

it('the page of options is what the definitions give; if not: npm run docs:options', () => {
  const page = read('docs/options.md');
  expect(page).toBe(withOptionTable(page));
});

it('the page about lists names what is refused as the definitions do; if not: npm run docs:lists', () => {
  const page = read('docs/lists.md');
  expect(page).toBe(withTables(page));
});

it('the page about troubleshooting says what `explain` prints; if not: npm run docs:troubleshooting', () => {
  expect(read('docs/troubleshooting.md')).toBe(troubleshootingPage());
});

it('the README is read at one go', () => {
  expect(README.split('\n').length).toBeLessThanOrEqual(150);
});

const CODES = Object.values(EXIT).toSorted((a, b) => a - b);
const codesIn = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number).toSorted((a, b) => a - b);

it('the README’s table of exit codes lists every code there is', () => {
  const table = /## Exit codes\n([\s\S]*?)\n\n/.exec(README)?.[1] ?? '';
  const cells = table
    .split('\n')
    .slice(2)
    .map((row) => row.split('|')[1] ?? '');
  expect(codesIn(cells.join(' '))).toEqual(CODES);
});

it('the README’s way to a real purge leaves the rehearsal’s API root', () => {
  expect(/## Purge for real\n([\s\S]*?)\n## /.exec(README)?.[1]).toContain('unset CLOUDFLARE_BASE_URL');
});

it('help lists every exit code but that of a defect', () => {
  const codes = EXIT_CODES_HELP.match(/(?<=^ {2}|\s{2,})\d+(?:, \d+)*(?= {2})/gm) ?? [];
  expect(codesIn(codes.join(' '))).toEqual(CODES.filter((code) => code !== EXIT.defect));
});

it('main, which may load nothing before it knows the version of Node, begins with the exit code of a defect', () => {
  expect(read('src/main.ts')).toContain(`EXIT_WITHOUT_RESULT = ${EXIT.defect};`);
});
