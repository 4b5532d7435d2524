import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { type MetricDefinition, METRICS } from '../../../../src/observe/metrics/metric-list.ts';
import { CODES } from '../../../../src/explain/explain.ts';
import { ALERT_QUERIES, DASHBOARD_QUERIES } from '../../../support/deployed-queries.ts';
import { withMetricTable } from '../../../../scripts/metric-table.ts';

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

const QUERIES = [...ALERT_QUERIES, ...DASHBOARD_QUERIES];
const DEFINITIONS: ReadonlyMap<string, MetricDefinition> = new Map(Object.entries(METRICS));

/** Labels that a collector adds, and the file's name. */
const ADDED_LABELS = ['instance', 'purge'];
const VALUES: Readonly<Record<string, readonly string[]>> = { outcome: ['deleted', 'absent', 'failed'], state: ['closed'], code: CODES };

it('alerts and dashboard ask for metrics and labels that there are', () => {
  let asked = 0;
  for (const query of QUERIES) {
    for (const [, name = '', suffix, matchers = ''] of query.matchAll(/\b(images_purge_\w+?)(_bucket|_sum|_count)?(?:\{([^}]*)\}|\b)/g)) {
      asked++;
      const definition = DEFINITIONS.get(name);
      expect(definition?.type === 'histogram', `${name} in ${query}`).toBe(suffix !== undefined);
      for (const [, label = '', sign, value = ''] of matchers.matchAll(/(\w+)(=~?)"([^"]*)"/g)) {
        if (ADDED_LABELS.includes(label)) continue;
        expect(definition?.labels, query).toContain(label);
        if (sign === '=') expect(VALUES[label], query).toContain(value);
      }
    }
  }
  expect(asked).toBeGreaterThan(30);
});

it('each metric is asked for by an alert or the dashboard, or tells of the process itself', () => {
  const text = QUERIES.join('\n');
  const unasked = [...DEFINITIONS.keys()].filter((name) => !text.includes(name));
  expect(unasked).toEqual([
    'images_purge_build_info',
    'images_purge_start_timestamp_seconds',
    'images_purge_last_end_timestamp_seconds',
    'images_purge_intake_complete',
    'images_purge_lane_throttles_total',
    'images_purge_outage_seconds_total',
  ]);
});

it('the page about metrics has the table that the definitions give; if not: npm run docs:metrics', () => {
  const page = read('docs/metrics.md');
  expect(page).toBe(withMetricTable(page));
});
