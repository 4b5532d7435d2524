import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { runCli, startCli, withFolder } from '../../support/cli/cli.ts';
import { withSimulator } from '../../support/servers/simulator.ts';

describe('images-purge delete', () => {
  it('deletes every ID of a CSV once and writes exactly one line for each', () =>
    withFolder((folder) =>
      withSimulator({}, async (simulator) => {
        const ids = Array.from({ length: 500 }, () => randomUUID());
        await writeFile(join(folder, 'ids.csv'), `id\n${ids.join('\n')}\n`);
        const result = await runCli(['delete', 'ids.csv', '--yes', '--rate', 'unlimited', '--base-url', simulator.url, '--json'], {
          cwd: folder,
        });
        expect(result).toMatchObject({ exitCode: 0 });
        expect(JSON.parse(result.stdout)).toMatchObject({ state: 'finished', pending: 0, outcomes: { deleted: 500 }, exitCode: 0 });
        expect(simulator.record.deleted).toEqual(new Set(ids));
        const lines = (await readFile(join(folder, 'ids.csv.checkpoint.report.ndjson'), 'utf8')).trimEnd().split('\n');
        expect(lines.map((line) => (JSON.parse(line) as { id: string }).id).sort()).toEqual([...ids].sort());
      }),
    ));

  it('goes on after SIGKILL until every ID is gone', () =>
    withFolder((folder) =>
      withSimulator({ latencyMs: 2 }, async (simulator) => {
        const ids = Array.from({ length: 3_000 }, () => randomUUID());
        await writeFile(join(folder, 'ids.csv'), `id\n${ids.join('\n')}\n`);
        const args = ['delete', 'ids.csv', '--yes', '--rate', 'unlimited', '--base-url', simulator.url, '--json'];
        const first = startCli(args, { cwd: folder });
        await simulator.whenRequests(1_000);
        first.child.kill('SIGKILL');
        await first.finished;
        const second = await runCli(args, { cwd: folder });
        expect(second.exitCode).toBe(0);
        expect(simulator.record.deleted).toEqual(new Set(ids));
        const lines = (await readFile(join(folder, 'ids.csv.checkpoint.report.ndjson'), 'utf8')).trimEnd().split('\n');
        expect(lines.map((line) => (JSON.parse(line) as { id: string }).id).sort()).toEqual([...ids].sort());
      }),
    ));
});
