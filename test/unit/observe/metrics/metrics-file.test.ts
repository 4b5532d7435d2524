import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { PurgeEvent } from '../../../../src/observe/events.ts';
import { NO_FORMER_METRICS } from '../../../../src/observe/metrics/former-metrics.ts';
import { readMetricsFile } from '../../../../src/observe/metrics/metrics-file.ts';
import { type Metrics, openMetrics } from '../../../../src/observe/metrics/open-metrics.ts';
import { refusal } from '../../../support/cli/refusal.ts';

let folder = '';
let told: PurgeEvent[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'images-purge-metrics-'));
  told = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const pathOf = (name: string): string => join(folder, name);
const open = (path: string): Promise<Metrics> =>
  openMetrics({
    file: { path, called: path },
    listen: undefined,
    wallMs: () => 60_000,
    isRehearsal: false,
    observer: { event: (event) => void told.push(event) },
  });

describe('the metrics file', () => {
  it('is there from the start, is replaced at the end, and leaves nothing beside it', async () => {
    const path = pathOf('a "night".prom');
    const metrics = await open(path);
    expect(readFileSync(path, 'utf8')).toContain('images_purge_running{purge="a \\"night\\""} 1');
    await metrics.ended(0);
    metrics.close();
    expect(readFileSync(path, 'utf8')).toContain('images_purge_running{purge="a \\"night\\""} 0');
    expect(readdirSync(folder)).toEqual(['a "night".prom']);
    expect(readMetricsFile(path, path)).toEqual({ lastEndSeconds: 60, lastExitCode: 0, lastSuccessSeconds: 60 });
    expect(told).toEqual([]);
  });

  it('warns once where it cannot be written, and the run goes on; it is written once it can be', async () => {
    const path = pathOf('missing/a.prom');
    const metrics = await open(path);
    metrics.event({ kind: 'quota.shared' });
    expect(told).toMatchObject([{ kind: 'warning', code: 'METRICS_FILE', message: expect.stringContaining('ENOENT') }]);
    mkdirSync(pathOf('missing'));
    await metrics.ended(0);
    metrics.close();
    expect(readFileSync(path, 'utf8')).toContain('code="METRICS_FILE",purge="a"} 1');
    expect(told).toHaveLength(1);
  });

  it('never replaces what is something else', () => {
    writeFileSync(pathOf('ids.csv'), 'id\nimages_purge_1\n');
    writeFileSync(pathOf('other.prom'), '# HELP images_purge_running 1\nnode_load1 2\n');
    mkdirSync(pathOf('folder'));
    symlinkSync(pathOf('nothing'), pathOf('link'));
    for (const name of ['ids.csv', 'other.prom', 'folder', 'link']) {
      expect(refusal(() => readMetricsFile(pathOf(name), name))).toMatchObject({ code: 'METRICS_FILE_TAKEN', exitCode: 2 });
    }
    expect(refusal(() => readMetricsFile(undefined, '/dev/null')).message).toContain('/dev/null');
    writeFileSync(pathOf('empty'), '');
    for (const name of ['empty', 'new', 'ids.csv/a']) expect(readMetricsFile(pathOf(name), name)).toEqual(NO_FORMER_METRICS);
  });
});
