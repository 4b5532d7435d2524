import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { checkWholeDatabase } from '../../../src/checkpoint/file/database.ts';
import { FORMAT_VERSION } from '../../../src/checkpoint/format/migrations.ts';
import { COMMANDS } from '../../../src/cli/commands/all-commands.ts';
import type { CliResult } from '../../support/cli/cli.ts';
import { linesOf } from '../../support/ledger/ledger.ts';
import { type PurgeBench, type ReportLine, summaryOf, withPurge } from '../../support/purge/purge.ts';

const FIXTURES = fileURLToPath(new URL('../../../fixtures/checkpoints/', import.meta.url));
const VERSIONS = Array.from({ length: FORMAT_VERSION }, (_, index) => index + 1);

const PENDING = [
  'café/crème brûlée.webp',
  '7b9d1e52-0c4f-4a6b-9d3e-5f6071829304',
  'banner-1',
  'banner-2',
  'banner-3',
  'banner-4',
  'banner-5',
];

/** What the run that left the fixture had recorded, as {@link linesOf} tells it. */
const RECORDED = [
  'shop/hero.jpg deleted',
  '3f0c8a44-1a2b-4c3d-8e9f-a91e00112233 deleted',
  'shop/absent.jpg absent',
  'shop/refused.png failed',
  'shop/kept.png protected',
  '.. rejected',
];
const WHOLE = [...RECORDED, ...PENDING.map((id) => `${id} deleted`)];
const INTAKE = { complete: true, rows: 14, accepted: 11, duplicates: 1, protected: 1, rejected: 1, skipped: 0 };

/** A copy of a format's fixture with its source beside it, which belongs to the simulator's address. */
class OldPurge {
  readonly name: string;
  readonly #bench: PurgeBench;

  constructor(bench: PurgeBench, version: number) {
    this.#bench = bench;
    this.name = `format-${version}.checkpoint`;
    for (const name of [this.name, 'ids.csv', 'keep.txt']) copyFileSync(join(FIXTURES, name), bench.path(name));
    const db = new DatabaseSync(bench.path(this.name));
    db.prepare("UPDATE definition SET json = json_set(json, '$.baseUrl', ?)").run(bench.simulator.url);
    db.close();
    expect(this.version).toBe(version);
  }

  get version(): unknown {
    const db = new DatabaseSync(this.#bench.path(this.name), { readOnly: true });
    try {
      return db.prepare('PRAGMA user_version').get()?.['user_version'];
    } finally {
      db.close();
    }
  }

  async expectFinished(): Promise<void> {
    const { simulator } = this.#bench;
    expect([...simulator.record.deleted].toSorted()).toEqual(PENDING.toSorted());
    expect(linesOf(this.#bench.read(`${this.name}.report.ndjson`)).toSorted()).toEqual(WHOLE.toSorted());
    expect(summaryOf(await this.#bench.run(['status', this.name, '--json']))).toMatchObject({
      state: 'finished',
      pending: 0,
      intake: INTAKE,
      outcomes: { deleted: 9, absent: 1, failed: 1 },
    });
    expect(this.version).toBe(FORMAT_VERSION);
    checkWholeDatabase(this.#bench.path(this.name));
  }
}

/** Runs a command that only reads; holds it to leaving the folder's files as they were, byte for byte, and adding none. */
async function readOnly(bench: PurgeBench, args: readonly string[]): Promise<string> {
  const contents = (): [string, Buffer][] => readdirSync(bench.folder).map((name) => [name, readFileSync(bench.path(name))]);
  const before = contents();
  const result = await bench.run(args);
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  expect(contents()).toEqual(before);
  expect(bench.simulator.record.requestCount).toBe(0);
  return result.stdout;
}

describe('fixtures/checkpoints', () => {
  it('holds a checkpoint of each format up to the present one, with nothing of SQLite’s beside it', () => {
    for (const version of VERSIONS) expect(existsSync(join(FIXTURES, `format-${version}.checkpoint`)), `format ${version}`).toBe(true);
    expect(readdirSync(FIXTURES).filter((name) => /-(?:wal|shm|journal)$/.test(name))).toEqual([]);
  });
});

it('every command that takes a checkpoint is run here on each of them', () => {
  const takers = COMMANDS.filter(({ argument }) => argument?.name.startsWith('<checkpoint') === true).map(({ name }) => name);
  expect(takers.toSorted()).toEqual(['report', 'resume', 'status', 'verify']);
});

describe.each(VERSIONS)('an unfinished purge of format %i', (version) => {
  it('is told by status, and its file stays as it was', () =>
    withPurge({}, async (bench) => {
      const { name } = new OldPurge(bench, version);
      expect(JSON.parse(await readOnly(bench, ['status', name, '--json']))).toMatchObject({
        state: 'unfinished',
        pending: 7,
        intake: INTAKE,
        outcomes: { deleted: 2, absent: 1, failed: 1 },
      });
      const text = await readOnly(bench, ['status', name]);
      expect(text).toContain('State       unfinished, last worked on ');
      expect(text).toContain('Intake      11 IDs accepted of 14 rows (duplicates 1, protected 1, rejected 1, skipped 0)\n');
      expect(text).toContain('Outcomes    deleted 2 · absent 1 · failed 1 · left 7\n');
      expect(text).toContain('shop/refused.png  400/5400 "Bad request"\n');
      expect(text).toContain(`Next: images-purge resume ${bench.path(name)} --account-id `);
    }));

  it('is verified for what it says is gone, and its file stays as it was', () =>
    withPurge({ images: { kind: 'list', ids: ['shop/hero.jpg', 'banner-1'] } }, async (bench) => {
      const { name } = new OldPurge(bench, version);
      const contents = (): [string, Buffer][] => readdirSync(bench.folder).map((file) => [file, readFileSync(bench.path(file))]);
      const before = contents();
      const { exitCode, stdout } = await bench.run(['verify', name, '--rate', 'unlimited', '--json']);
      expect(exitCode).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        complete: true,
        outcomes: { deleted: 2, absent: 1 },
        stillThere: [{ id: 'shop/hero.jpg', outcome: 'deleted' }],
      });
      expect(contents()).toEqual(before);
    }));

  it('is reported as NDJSON and CSV, and its file stays as it was', () =>
    withPurge({}, async (bench) => {
      const { name } = new OldPurge(bench, version);
      const ndjson = await readOnly(bench, ['report', name]);
      expect(linesOf(ndjson).toSorted()).toEqual(RECORDED.toSorted());
      const lines = ndjson
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as ReportLine);
      expect(lines.find(({ outcome }) => outcome === 'failed')).toMatchObject({ httpStatus: 400, code: 5400, message: 'Bad request' });
      const [header = '', ...rows] = (await readOnly(bench, ['report', name, '--format', 'csv'])).trimEnd().split(/\r?\n/);
      expect(header).toMatch(/^id,outcome,/);
      expect(rows.map((row) => row.split(',').slice(0, 2))).toEqual(lines.map(({ id = '', outcome }) => [id, outcome]));
    }));

  it('is resumed to its end: only what was pending is sent, the report is whole', () =>
    withPurge({}, async (bench) => {
      const purge = new OldPurge(bench, version);
      const resumed = await bench.run(['resume', purge.name, '--yes']);
      // One ID had failed before.
      expect(resumed.exitCode).toBe(1);
      await purge.expectFinished();
    }));

  it('is resumed by the same delete', () =>
    withPurge({}, async (bench) => {
      const purge = new OldPurge(bench, version);
      const source = ['delete', 'ids.csv', '--exclude', 'keep.txt', '--checkpoint', purge.name, '--base-url', bench.simulator.url];
      expect((await bench.run([...source, '--yes'])).exitCode).toBe(1);
      await purge.expectFinished();
    }));

  it('is in the way of a plan of the same source, which leaves it as it was', () =>
    withPurge({}, async (bench) => {
      const purge = new OldPurge(bench, version);
      const bytes = bench.readBytes(purge.name);
      expect((await bench.run(['plan', 'ids.csv', '--checkpoint', purge.name, '--base-url', bench.simulator.url])).exitCode).toBe(7);
      expect(bench.readBytes(purge.name)).toEqual(bytes);
      expect(bench.simulator.record.requestCount).toBe(0);
    }));
});

// Digests came with format 3.
describe.each([1, 2])('an unfinished purge of format %i', (version) => {
  it('has its digest taken when it is taken up, before more is protected: --confirm is compared with it', () =>
    withPurge({}, async (bench) => {
      const { name } = new OldPurge(bench, version);
      bench.write('more.txt', 'banner-1\n');
      const resume = (confirm: string): Promise<CliResult> =>
        bench.run(['resume', name, '--rate', 'unlimited', '--json', '--confirm', confirm, '--exclude', 'more.txt']);
      expect((await resume('10')).exitCode).toBe(7);
      expect(bench.deleteCount).toBe(0);
      const list = ['ids.csv', '--base-url', bench.simulator.url, '--exclude', 'keep.txt'];
      const { digest } = summaryOf(await bench.run(['delete', ...list, '--dry-run', '--json']));
      expect(summaryOf(await resume(digest ?? ''))).toMatchObject({ state: 'finished', digest });
      expect(bench.deleteCount).toBe(6);
    }));
});
