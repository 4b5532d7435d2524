import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openDatabaseToRead } from '../../src/checkpoint/file/database.ts';
import { allRecords } from '../../src/checkpoint/report-records.ts';
import { checkpointError } from '../../src/checkpoint/file/sqlite-error.ts';
import { UserError } from '../../src/domain/errors.ts';
import { itemSum } from '../../src/checkpoint/format/sound-item.ts';
import { newPathOf } from '../../src/domain/new-file.ts';
import { CheckpointPlace } from '../../src/ledger/checkpoint-place.ts';
import { unpackPage } from '../../src/ledger/packed-page.ts';
import { TestLedger } from '../support/ledger/ledger.ts';
import { makeIds, withPurge } from '../support/purge/purge.ts';

const UUIDS = Array.from(
  { length: 400 },
  (_, index) => `${String(index).padStart(8, '0')}-0000-4000-8000-${String(index * 7_919).padStart(12, '0')}`,
);
const IDS: readonly string[] = [...makeIds(400), ...UUIDS];
const DONE = new Set(IDS.slice(0, 500));
const FILLS: readonly (readonly [string, (length: number) => Uint8Array])[] = [
  ['zeros', (length) => Buffer.alloc(length)],
  ['letters', (length) => Buffer.alloc(length, 'A')],
  ['ones', (length) => Buffer.alloc(length, 0xff)],
];

let folder = '';
let sound: Buffer = Buffer.alloc(0);
let report: Buffer = Buffer.alloc(0);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'images-purge-damage-'));
  await using purge = new TestLedger();
  await purge.begin(IDS);
  await purge.work(DONE.size);
  await purge.ledger.close();
  sound = readFileSync(purge.path);
  report = readFileSync(purge.reportPath);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Seen {
  /** Refused with exit 5 before anything was handed out to be sent. */
  readonly refusal: UserError | undefined;
  readonly sent: readonly string[];
  readonly deleted: readonly string[];
}

/** What a run does with these bytes at `--checkpoint`, up to the first request. */
function resume(bytes: Uint8Array): Seen {
  const path = join(folder, 'ids.csv.checkpoint');
  for (const suffix of ['-wal', '-shm', '.lock', newPathOf('.report.ndjson')]) rmSync(path + suffix, { force: true });
  writeFileSync(path, bytes);
  writeFileSync(`${path}.report.ndjson`, report);
  const place = new CheckpointPlace();
  const sent: string[] = [];
  try {
    place.lock(path, false);
    place.inspect();
    place.resume();
    place.opened.openReport(undefined);
    for (let isMore = true; isMore;) {
      const page = unpackPage(place.opened.takePage(100));
      sent.push(...page.map(({ id }) => id));
      isMore = page.length > 0;
    }
    const db = openDatabaseToRead(path);
    const deleted = [...allRecords(db)].flatMap((record) => (record.outcome === 'deleted' ? [record.id] : []));
    db.close();
    return { refusal: undefined, sent, deleted };
  } catch (thrown) {
    const error = checkpointError(thrown, path);
    if (!(error instanceof UserError)) throw error;
    return { refusal: error, sent, deleted: [] };
  } finally {
    place.close(false);
  }
}

function damaged(at: number, what: Uint8Array): Uint8Array {
  const bytes = Buffer.from(sound);
  bytes.set(what.subarray(0, bytes.length - at), at);
  return bytes;
}

function placesOf(what: Buffer): number[] {
  const places: number[] = [];
  for (let at = sound.indexOf(what); at !== -1; at = sound.indexOf(what, at + 1)) places.push(at);
  return places;
}

describe('a checkpoint overwritten', () => {
  it.each(FILLS)('with %s in any of its regions is refused with exit 5, or sends and calls deleted just what it should', (_, fill) => {
    const accepted = new Set(IDS);
    const complaints: string[] = [];
    let refusedCount = 0;
    for (const [length, step] of [
      [16, 1_000],
      [512, 2_048],
    ] as const) {
      for (let at = 0; at < sound.length; at += step) {
        const seen = resume(damaged(at, fill(length)));
        const place = `${length} bytes at ${at}`;
        if (seen.refusal !== undefined) {
          refusedCount++;
          if (seen.refusal.exitCode !== 5 || !seen.refusal.message.includes('ids.csv.checkpoint'))
            complaints.push(`${place}: ${seen.refusal.message}`);
        } else if (seen.sent.length !== IDS.length - DONE.size) complaints.push(`${place}: ${seen.sent.length} IDs are pending`);
        complaints.push(...seen.sent.filter((id) => !accepted.has(id)).map((id) => `${place}: ${id} was sent and never accepted`));
        complaints.push(...seen.sent.filter((id) => DONE.has(id)).map((id) => `${place}: ${id} was sent again`));
        complaints.push(...seen.deleted.filter((id) => !DONE.has(id)).map((id) => `${place}: ${id} is called deleted`));
      }
    }
    expect(complaints).toEqual([]);
    expect(refusedCount).toBeGreaterThan(10);
  });

  it('where one pending ID stands, or its sum, is refused before what the ID has become is sent', () => {
    const key = Buffer.from(UUIDS.at(-1)?.replaceAll('-', '') ?? '', 'hex');
    const sum = Buffer.alloc(4);
    sum.writeInt32BE(itemSum(IDS.length, key));
    const places = [...placesOf(key).map((at) => at + key.length - 1), ...placesOf(sum)];
    expect(places.length).toBeGreaterThanOrEqual(2);
    for (const place of places) {
      const seen = resume(damaged(place, Buffer.of((sound[place] ?? 0) ^ 1)));
      expect(seen.refusal, `at ${place}`).toMatchObject({ code: 'CHECKPOINT_DAMAGED', exitCode: 5 });
      for (const id of seen.sent) expect(IDS).toContain(id);
    }
  });

  it('keeps its bytes as they are when it is refused', () => {
    // The header, the beginning of a page, IDs.
    for (const at of [20, 4_096 * 3, sound.indexOf('image-000000'), sound.lastIndexOf('image-000200')]) {
      const bytes = damaged(at, Buffer.alloc(512, 0xa5));
      expect(resume(bytes).refusal, `at ${at}`).toMatchObject({ exitCode: 5 });
      expect(Buffer.compare(readFileSync(join(folder, 'ids.csv.checkpoint')), bytes)).toBe(0);
    }
  });

  it('and what a killed run left in its WAL are as they were when it is refused', async () => {
    await using purge = new TestLedger();
    await purge.begin(IDS);
    await purge.work(10);
    await purge.resume();
    await purge.work(10);
    await using killed = purge.killedNow();
    const bytes = readFileSync(killed.path);
    // An ID far from those that the run answered, so that the WAL does not hold its page.
    bytes.fill(0xa5, bytes.indexOf('image-000399'), bytes.indexOf('image-000399') + 512);
    writeFileSync(killed.path, bytes);
    const wal = readFileSync(`${killed.path}-wal`);
    expect(wal.length).toBeGreaterThan(0);
    await expect(killed.resume()).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED', exitCode: 5 });
    await killed.ledger.close();
    expect(readFileSync(killed.path).equals(bytes)).toBe(true);
    expect(readFileSync(`${killed.path}-wal`).equals(wal)).toBe(true);
  });

  it('cut short anywhere is refused, unless what is missing held nothing', () => {
    for (let length = 1; length < sound.length; length += 1_999) {
      const { refusal, deleted } = resume(sound.subarray(0, length));
      if (refusal === undefined) expect(new Set(deleted)).toEqual(DONE);
      else expect(refusal, `${length} bytes`).toMatchObject({ exitCode: 5 });
      if (length < sound.length - 4_096) expect(refusal, `${length} bytes`).toBeDefined();
    }
  });
});

describe('what is damaged', () => {
  it('is told by delete, resume, status and report with exit 5, the file, the cause and a next step', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(2_000));
      expect((await bench.delete(['--limit', '10'])).exitCode).toBe(8);
      const bytes = Buffer.from(bench.readBytes('ids.csv.checkpoint'));
      bytes.fill(0x41, 4_096, 8_192 * 3);
      writeFileSync(bench.path('ids.csv.checkpoint'), bytes);
      for (const result of [
        await bench.delete(),
        await bench.resume(),
        await bench.run(['status', 'ids.csv.checkpoint']),
        await bench.run(['report', 'ids.csv.checkpoint']),
      ]) {
        expect(result).toMatchObject({ exitCode: 5 });
        expect(result.stderr).toMatch(/ids\.csv\.checkpoint .*damaged \(.+\).*\n {7}\S/);
      }
      expect(bench.deleteCount).toBe(10);
      expect(existsSync(bench.path('ids.csv.checkpoint.lock'))).toBe(false);
    }));

  it('a WAL damaged after a kill loses what was in it and nothing else: those IDs are sent again and count as our own', () =>
    withPurge({ latencyMs: 2 }, async (bench) => {
      bench.writeIds('ids.csv', makeIds(600));
      const running = bench.startDelete(['--concurrency', '4']);
      await bench.simulator.whenRequests(300);
      running.child.kill('SIGKILL');
      await running.finished;
      const wal = Buffer.from(bench.readBytes('ids.csv.checkpoint-wal'));
      wal.fill(0, Math.floor(wal.length / 2));
      writeFileSync(bench.path('ids.csv.checkpoint-wal'), wal);
      const result = await bench.delete(['--expect-absent']);
      expect(result.exitCode).toBe(0);
      expect(bench.outcomes().size).toBe(600);
      expect(bench.simulator.record.deleted.size).toBe(600);
      for (const [id, outcome] of bench.outcomes()) expect([id, outcome]).toEqual([id, expect.stringMatching(/deleted|absent/)]);
    }));
});
