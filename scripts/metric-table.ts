/**
 * Writes the table of docs/metrics.md from the definitions of the metrics: `npm run docs:metrics`. A test fails where it is stale.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';

import { type MetricDefinition, METRICS } from '../src/observe/metrics/metric-list.ts';

const PAGE = new URL('../docs/metrics.md', import.meta.url);
const BEGIN = '<!-- metrics: written by `npm run docs:metrics` -->\n';
const END = '<!-- end of metrics -->\n';

/** The text of the page with the table as the definitions give it now. */
export function withMetricTable(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/metrics.md has no ${BEGIN.trim()} before ${END.trim()}`);
  return page.slice(0, begin + BEGIN.length) + metricTable() + page.slice(end);
}

function metricTable(): string {
  const rows = Object.entries<MetricDefinition>(METRICS).map(
    ([name, { type, help, labels = [] }]) => `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${help} |`,
  );
  return ['| metric | type | labels | what it says |', '|---|---|---|---|', ...rows, ''].join('\n');
}

if (import.meta.main) writeFileSync(PAGE, withMetricTable(readFileSync(PAGE, 'utf8')));
