import { closeSync, openSync, readdirSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { packIds } from '../../../src/checkpoint/intake/packed-ids.ts';
import { checkWholeDatabase, closeDatabase, openDatabaseToRead } from '../../../src/checkpoint/file/database.ts';
import { inTransaction } from '../../../src/checkpoint/file/transaction.ts';
import { noteUnanswered } from '../../../src/checkpoint/pages.ts';
import { prepareProtectPending } from '../../../src/checkpoint/protect/pending.ts';
import { readFacts } from '../../../src/checkpoint/read-facts.ts';
import { allRecords } from '../../../src/checkpoint/report-records.ts';
import { putBackFailed } from '../../../src/checkpoint/store-results.ts';
import { endRun } from '../../../src/checkpoint/state.ts';
import { imageId, NO_RUN, TestCheckpoint } from '../../support/ledger/checkpoint.ts';

const idsOf = (items: readonly { id: string }[]): string[] => items.map(({ id }) => id);
const UUID = '3f0c8a44-1a2b-4c3d-8e9f-a91e00112233';

describe('the checkpoint', () => {
  it('keeps every kind of ID exactly, a UUID in 16 bytes and only in its canonical spelling', () => {
    using checkpoint = new TestCheckpoint();
    const ids = [UUID, UUID.toUpperCase(), 'shop/hero.jpg', 'é', 'e\u0301', '👩‍🚀', '00000000000000000000000000000000', '7'];
    checkpoint.read(ids);
    expect(idsOf(checkpoint.take(100))).toEqual(ids);
    expect(checkpoint.db.prepare("SELECT count(*) AS n FROM item WHERE typeof(id) = 'blob'").get()?.['n']).toBe(1);
  });

  it('accepts an ID once, counts its repetitions as duplicates and keeps source order', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['b', 'a', 'b', 'c', 'a'], { rejectedLines: [6] });
    expect(readFacts(checkpoint.db).intake).toEqual({
      complete: true,
      rows: 6,
      accepted: 3,
      duplicates: 2,
      protected: 0,
      rejected: 1,
      skipped: 0,
    });
    expect(idsOf(checkpoint.take(2))).toEqual(['b', 'a']);
  });

  it('is created with mode 0600', () => {
    using checkpoint = new TestCheckpoint();
    expect(statSync(checkpoint.path).mode & 0o777).toBe(0o600);
  });

  it('at rest is read without leaving anything beside it, with any characters in its path', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['a']);
    checkpoint.db.close();
    const path = join(checkpoint.folder, 'odd ?#% name');
    renameSync(checkpoint.path, path);
    const db = openDatabaseToRead(path);
    expect(readFacts(db).intake.accepted).toBe(1);
    expect(() => db.exec('UPDATE state SET is_plan = 1')).toThrow();
    db.close();
    expect(readdirSync(checkpoint.folder)).toEqual(['odd ?#% name']);
  });

  it('is closed without waiting for somebody who reads it: all is in its WAL as well', () => {
    using checkpoint = new TestCheckpoint();
    using reader = new DatabaseSync(checkpoint.path, { readOnly: true });
    reader.exec('BEGIN; SELECT * FROM item');
    checkpoint.read(['a']);
    const { db } = checkpoint;
    const close = db.close.bind(db);
    let waitMs: unknown;
    db.close = () => {
      waitMs = db.prepare('PRAGMA busy_timeout').get()?.['timeout'];
      close();
    };
    closeDatabase(db);
    expect(waitMs).toBe(0);
    using after = openDatabaseToRead(checkpoint.path, false);
    expect(readFacts(after).intake.accepted).toBe(1);
  });

  it('after a kill, marks IDs it had handed out and not recorded as possibly sent, and no others', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['a', 'b', 'c', 'd']);
    const page = checkpoint.take(3);
    checkpoint.record(page.slice(0, 1));
    checkpoint.reopen();
    expect(readFacts(checkpoint.db).hasUnanswered).toBe(true);
    noteUnanswered(checkpoint.db);
    expect(checkpoint.take(10).map(({ id, isUnknown }) => [id, isUnknown])).toEqual([
      ['b', true],
      ['c', true],
      ['d', false],
    ]);
  });

  it('after an ending of its own, believes what the run says was tried', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['a', 'b', 'c']);
    const [first] = checkpoint.take(3);
    inTransaction(checkpoint.db, () =>
      endRun(
        checkpoint.db,
        { tried: [{ seq: first?.seq ?? 0, attempts: 2, isUnknown: true }], moments: [], endedBy: undefined, run: NO_RUN, nowMs: 9 },
        true,
      ),
    );
    checkpoint.reopen();
    noteUnanswered(checkpoint.db);
    expect(checkpoint.take(10).map(({ id, attempts, isUnknown }) => [id, attempts, isUnknown])).toEqual([
      ['a', 2, true],
      ['b', 0, false],
      ['c', 0, false],
    ]);
  });

  it('finishes only where intake is complete and nothing is pending', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['a', 'b'], { finish: false });
    checkpoint.record(checkpoint.take(2));
    const end = (): void =>
      inTransaction(checkpoint.db, () =>
        endRun(checkpoint.db, { tried: [], moments: [], endedBy: undefined, run: NO_RUN, nowMs: 9 }, true),
      );
    end();
    expect(readFacts(checkpoint.db).state).toBe('unfinished');
    inTransaction(checkpoint.db, () => checkpoint.intake.finish([undefined], 2_000));
    end();
    expect(readFacts(checkpoint.db)).toMatchObject({ state: 'finished', finishedAtMs: 9, pending: 0 });
  });

  it('keeps the time it finished when a later run finds nothing to do, and takes a new one after failed IDs were put back', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['a']);
    checkpoint.record(checkpoint.take(1), 'failed');
    const finishedAt = (nowMs: number): number | undefined => {
      inTransaction(checkpoint.db, () => endRun(checkpoint.db, { tried: [], moments: [], endedBy: undefined, run: NO_RUN, nowMs }, true));
      return readFacts(checkpoint.db).finishedAtMs;
    };
    expect([finishedAt(9), finishedAt(20)]).toEqual([9, 9]);
    inTransaction(checkpoint.db, () => putBackFailed(checkpoint.db, checkpoint.addToTally));
    expect(finishedAt(30)).toBeUndefined();
    checkpoint.record(checkpoint.take(1));
    expect(finishedAt(40)).toBe(40);
  });

  it('puts failed IDs back to pending, remembering that an earlier request may have worked', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['a', 'b', 'c']);
    const [a, b, c] = checkpoint.take(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error('three items were read');
    checkpoint.record([a]);
    checkpoint.record([b], 'failed', { earlierUnknown: true, message: 'HTTP 500' });
    checkpoint.record([c], 'failed', { code: 5400 });
    expect(inTransaction(checkpoint.db, () => putBackFailed(checkpoint.db, checkpoint.addToTally))).toBe(2);
    expect(readFacts(checkpoint.db)).toMatchObject({ pending: 2, outcomes: { deleted: 1, failed: 0 } });
    expect(checkpoint.take(5).map(({ id, isUnknown }) => [id, isUnknown])).toEqual([
      ['b', true],
      ['c', false],
    ]);
  });

  it('protects pending IDs that come onto the list later, and never one with an outcome', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['a', 'b', 'c']);
    checkpoint.record(checkpoint.take(1));
    checkpoint.protect(['a', 'c', 'elsewhere']);
    const protectPending = prepareProtectPending(checkpoint.db, checkpoint.protection, checkpoint.addToTally);
    const { touched } = inTransaction(checkpoint.db, () => protectPending(100));
    expect(touched.records).toMatchObject([{ id: 'c', outcome: 'protected' }]);
    expect(readFacts(checkpoint.db)).toMatchObject({ pending: 1, intake: { accepted: 2, protected: 1 } });
  });

  it('protects so many at a time, whatever form their IDs have, until none is left', () => {
    using checkpoint = new TestCheckpoint();
    const ids = ['a', '0', '00000000-0000-4000-8000-000000000001', 'ffffffff-ffff-4fff-bfff-ffffffffffff', 'z'];
    checkpoint.read([...ids, 'b']);
    checkpoint.protect(ids);
    const protectPending = prepareProtectPending(checkpoint.db, checkpoint.protection, checkpoint.addToTally);
    const counts = [2, 2, 2, 2].map((countMax) => inTransaction(checkpoint.db, () => protectPending(countMax)).touched.records.length);
    expect(counts).toEqual([2, 2, 1, 0]);
    expect(readFacts(checkpoint.db)).toMatchObject({ pending: 1, intake: { accepted: 1, protected: 5 } });
  });

  it('is called damaged when a page in its middle is overwritten', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(Array.from({ length: 20_000 }, (_, index) => `image-${index}`));
    checkpoint.db.close();
    const file = openSync(checkpoint.path, 'r+');
    writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, Math.floor(statSync(checkpoint.path).size / 8_192) * 4_096);
    closeSync(file);
    expect(() => checkWholeDatabase(checkpoint.path)).toThrow(/is damaged/);
  });
});

describe('reading a source again', () => {
  it('sends an old pending ID only once it is met again, keeps outcomes, and drops what is never met', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['done', 'gone', 'stays', 'extra'], { finish: false, rejectedLines: [9] });
    checkpoint.record(checkpoint.take(1));
    checkpoint.intake.begin([{ name: 'other.csv', opened: undefined }]);
    expect(checkpoint.take(10)).toEqual([]);
    const accepted = inTransaction(checkpoint.db, () =>
      checkpoint.intake.accept({
        sourceIndex: 0,
        ids: packIds(['new', 'stays', 'stays'].map(imageId)),
        lines: Float64Array.of(1, 2, 3),
        suspicious: [],
        rejected: [],
        skippedCount: 0,
        otherShardIds: [],
        nowMs: 2_000,
      }),
    );
    expect(accepted.acceptedCount).toBe(2);
    expect(idsOf(checkpoint.take(10))).toEqual(['new', 'stays']);
    inTransaction(checkpoint.db, () => checkpoint.intake.finish([undefined], 2_000));
    // `done` has an outcome that the new list does not hold: it counts as one row.
    expect(readFacts(checkpoint.db)).toMatchObject({
      pending: 2,
      intake: { complete: true, rows: 4, accepted: 3, duplicates: 1, rejected: 0 },
      sources: [{ path: 'other.csv' }],
    });
    expect([...allRecords(checkpoint.db)]).toMatchObject([{ id: 'done', outcome: 'deleted' }]);
  });

  it('counts an ID with an outcome once when it is met again, and its repetition as a duplicate', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['done', 'left'], { finish: false });
    checkpoint.record(checkpoint.take(1));
    checkpoint.read(['done', 'left', 'done']);
    expect(readFacts(checkpoint.db)).toMatchObject({ pending: 1, intake: { rows: 3, accepted: 2, duplicates: 1 } });
  });

  it.each([true, false])('puts back only those failed IDs that it has met, in its order (read to its end: %s)', (finish) => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['gone', 'a', 'b', 'c'], { finish: false });
    checkpoint.record(checkpoint.take(3), 'failed', { code: 5400, message: 'no' });
    const before = [...allRecords(checkpoint.db)];
    checkpoint.read(['c', 'b', 'b', 'a'], { finish });
    expect(readFacts(checkpoint.db)).toMatchObject({
      pending: 1,
      outcomes: { failed: 3 },
      intake: { rows: 5, accepted: 4, duplicates: 1 },
    });
    expect([...allRecords(checkpoint.db)]).toEqual([before[0], before[2], before[1]]);
    checkpoint.reopen();
    expect(inTransaction(checkpoint.db, () => putBackFailed(checkpoint.db, checkpoint.addToTally))).toBe(2);
    expect(idsOf(checkpoint.take(10))).toEqual(['c', 'b', 'a']);
    expect([...allRecords(checkpoint.db)]).toEqual([before[0]]);
    expect(checkpoint.db.prepare('SELECT count(*) AS n FROM detail').get()).toEqual({ n: 1 });
  });

  it('carries the memory of earlier requests along with an ID that is met again', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.read(['a', 'b'], { finish: false });
    checkpoint.take(2);
    checkpoint.reopen();
    noteUnanswered(checkpoint.db);
    checkpoint.read(['b', 'a', 'c']);
    expect(checkpoint.take(10).map(({ id, isUnknown }) => [id, isUnknown])).toEqual([
      ['b', true],
      ['a', true],
      ['c', false],
    ]);
  });

  it('counts protected and rejected rows again', () => {
    using checkpoint = new TestCheckpoint();
    checkpoint.protect(['keep']);
    checkpoint.read(['keep', 'a'], { finish: false, rejectedLines: [3, 4] });
    checkpoint.read(['a', 'keep', 'keep'], { rejectedLines: [4] });
    expect(readFacts(checkpoint.db).intake).toMatchObject({ rows: 4, accepted: 1, protected: 1, duplicates: 1, rejected: 1 });
    expect([...allRecords(checkpoint.db)].map(({ outcome }) => outcome)).toEqual(['protected', 'rejected']);
  });
});
