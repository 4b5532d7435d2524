import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { FORMAT_VERSION } from '../../src/checkpoint/format/migrations.ts';
import { APPLICATION_ID } from '../../src/checkpoint/format/outcomes.ts';
import { contradictions } from '../support/purge/oracle.ts';
import { makeIds, type PurgeBench, withPurge } from '../support/purge/purge.ts';

const IDS = makeIds(40);
const CHECKPOINT = 'ids.csv.checkpoint';

/** What may lie where the checkpoint should: how it comes there, and what the message says of it. */
const OBSTACLES: readonly (readonly [string, (bench: PurgeBench) => void, RegExp])[] = [
  ['an empty file', (bench) => bench.write(CHECKPOINT, ''), /it is empty/],
  ['a list', (bench) => bench.writeIds(CHECKPOINT, IDS), /not an SQLite file/],
  ['a folder', (bench) => mkdirSync(bench.path(CHECKPOINT)), /it is a folder/],
  ['a link into a folder that is not there', (bench) => symlinkSync('nothing/c', bench.path(CHECKPOINT)), /cannot be reached \(ENOENT/],
  ['a link to itself', (bench) => symlinkSync(CHECKPOINT, bench.path(CHECKPOINT)), /ELOOP/],
  ['a pipe', (bench) => execFileSync('mkfifo', [bench.path(CHECKPOINT)]), /not a regular file/],
  ['a link to a device', (bench) => symlinkSync('/dev/null', bench.path(CHECKPOINT)), /not a regular file/],
  ['a newer version’s', (bench) => newerCheckpoint(bench.path(CHECKPOINT)), /newer images-purge/],
];

function newerCheckpoint(path: string): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION + 1}; CREATE TABLE things (x)`);
  db.close();
}

describe('in the place of the checkpoint', () => {
  it.each(OBSTACLES)('%s: exit 5, untouched, nothing sent; once it is gone the same command finishes', (_, put, says) =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      put(bench);
      const before = lstatSync(bench.path(CHECKPOINT));
      for (const stopped of [await bench.delete(), await bench.run(['status', CHECKPOINT])]) {
        expect(stopped.exitCode).toBe(5);
        expect(stopped.stderr).toMatch(/^error: .*(ids\.csv\.checkpoint|\/dev\/null)/m);
        expect(stopped.stderr).toMatch(says);
        expect(stopped.stderr).toMatch(/\n {7}\S/);
      }
      expect(bench.simulator.record.requestCount).toBe(0);
      const after = lstatSync(bench.path(CHECKPOINT));
      expect([after.ino, after.mtimeMs, after.size]).toEqual([before.ino, before.mtimeMs, before.size]);
      expect(existsSync(bench.path('nothing'))).toBe(false);
      rmSync(bench.path(CHECKPOINT), { recursive: true });
      expect((await bench.delete()).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
    }),
  );

  it('a link to where nothing lies yet: the checkpoint is made there, also after a crash before the next one is made', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      mkdirSync(bench.path('elsewhere'));
      symlinkSync('elsewhere/c', bench.path('second'));
      symlinkSync('second', bench.path(CHECKPOINT));
      for (const status of [await bench.run(['status', CHECKPOINT]), await bench.resume()]) {
        expect(status).toMatchObject({ exitCode: 5 });
        expect(status.stderr).toMatch(/there is no checkpoint .*\n {7}\S/);
      }
      expect((await bench.delete()).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: IDS, checkpoint: 'elsewhere/c', report: `${CHECKPOINT}.report.ndjson` })).toEqual([]);
      renameSync(bench.path('elsewhere/c'), bench.path('elsewhere/c.20261124T020000Z'));
      renameSync(bench.path(`${CHECKPOINT}.report.ndjson`), bench.path('old.ndjson'));
      expect((await bench.delete(['--expect-absent'])).exitCode).toBe(0);
      expect([readlinkSync(bench.path(CHECKPOINT)), readlinkSync(bench.path('second'))]).toEqual(['second', 'elsewhere/c']);
      expect(readdirSync(bench.path('elsewhere')).toSorted()).toEqual(['c', 'c.20261124T020000Z']);
    }));

  it('a link to a checkpoint is that checkpoint: the purge goes on in the file, and the link stays', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      mkdirSync(bench.path('elsewhere'));
      expect((await bench.delete(['--checkpoint', 'elsewhere/c', '--report', 'r.ndjson', '--limit', '10'])).exitCode).toBe(8);
      symlinkSync('elsewhere/c', bench.path(CHECKPOINT));
      expect((await bench.delete()).exitCode).toBe(0);
      expect(readlinkSync(bench.path(CHECKPOINT))).toBe('elsewhere/c');
      expect(contradictions(bench, { accepted: IDS, checkpoint: 'elsewhere/c', report: 'r.ndjson' })).toEqual([]);
      expect(bench.deleteCount).toBe(IDS.length);
    }));
});

describe('a checkpoint with two names', () => {
  it('that are hard links: status and report read it under both, and no run works on it under either until one is gone', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', IDS);
      expect((await bench.delete(['--limit', '10'])).exitCode).toBe(8);
      linkSync(bench.path(CHECKPOINT), bench.path('other'));
      for (const name of [CHECKPOINT, 'other']) {
        for (const command of ['status', 'report']) expect((await bench.run([command, name])).exitCode).toBe(0);
        const refused = await bench.run(['resume', name]);
        expect(refused.exitCode).toBe(5);
        expect(refused.stderr).toMatch(/^error: .*hard-linked.*\n {7}\S/m);
      }
      expect(bench.deleteCount).toBe(10);
      rmSync(bench.path('other'));
      expect((await bench.delete()).exitCode).toBe(0);
      expect(contradictions(bench, { accepted: IDS })).toEqual([]);
    }));
});

describe('files with names like ours', () => {
  it('are left as they are: a source and strangers that end in .new beside checkpoint and report', () =>
    withPurge({}, async (bench) => {
      const args = [
        'delete',
        'list.new',
        '--checkpoint',
        'list',
        '--report',
        'r',
        '--yes',
        '--rate',
        'unlimited',
        '--base-url',
        bench.simulator.url,
      ];
      bench.writeIds('list.new', IDS);
      bench.write('r.new', 'mine');
      bench.write('list.new-wal', 'mine');
      expect((await bench.run([...args, '--limit', '10'])).exitCode).toBe(8);
      // Written again: the report is gone.
      rmSync(bench.path('r'));
      expect((await bench.run(args)).exitCode).toBe(0);
      expect(bench.read('list.new')).toBe(`id\n${IDS.join('\n')}\n`);
      expect([bench.read('r.new'), bench.read('list.new-wal')]).toEqual(['mine', 'mine']);
      expect(contradictions(bench, { accepted: IDS, checkpoint: 'list', report: 'r' })).toEqual([]);
    }));
});
