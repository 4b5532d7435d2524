import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

const read = (path: string): string => readFileSync(new URL(`../../deploy/${path}`, import.meta.url), 'utf8');

const ALERTS = parse(read('prometheus/alerts.yml')) as { groups: { rules: { expr: string }[] }[] };
const DASHBOARD = JSON.parse(read('grafana/images-purge.json')) as { panels: { targets: { expr: string }[] }[] };

/** What the alerts in `deploy/` ask. */
export const ALERT_QUERIES: readonly string[] = ALERTS.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));

/** What the dashboard in `deploy/` asks, with Grafana's variables. */
export const DASHBOARD_QUERIES: readonly string[] = DASHBOARD.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
