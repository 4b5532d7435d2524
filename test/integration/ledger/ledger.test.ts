import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { newPathOf } from '../../../src/domain/new-file.ts';
import type { Committed } from '../../../src/ledger/committed.ts';
import { DEFINITION, NO_RUN } from '../../support/ledger/checkpoint.ts';
import { protectedIds } from '../../support/ledger/protected.ts';
import { linesOf, REJECTED, resultFor, TestLedger } from '../../support/ledger/ledger.ts';
import { findWrongReportAfterKill } from '../../support/ledger/report-after-kill.ts';

describe('the report follows the checkpoint', () => {
  it('line by line, and a clean end leaves it just so', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a', 'b', 'c']);
    expect(purge.lines()).toEqual([REJECTED]);
    await purge.work(2);
    expect(purge.lines()).toEqual([REJECTED, 'a deleted', 'b deleted']);
    await purge.work(1, 'failed');
    await purge.end();
    expect(purge.lines()).toEqual([REJECTED, 'a deleted', 'b deleted', 'c failed']);
    expect(statSync(purge.reportPath).mode & 0o777).toBe(0o600);
  });

  it('and gets one more line for an ID that failed and is tried again', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a']);
    await purge.work(1, 'failed');
    await purge.end();
    await purge.resume();
    await purge.ledger.ask('putBackFailed');
    await purge.work(1);
    await purge.end();
    expect(purge.lines()).toEqual([REJECTED, 'a failed', 'a deleted']);
  });
});

describe('a report that cannot be brought to its end', () => {
  it('keeps the purge unfinished, so that the same command finishes it instead of beginning a new purge', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a']);
    await purge.work(1);
    rmSync(purge.reportPath);
    mkdirSync(purge.reportPath);
    expect((await purge.end()).failure).toMatchObject({ code: 'REPORT_UNWRITABLE', exitCode: 5 });
    rmSync(purge.reportPath, { recursive: true });
    await purge.resume();
    expect(await purge.facts()).toMatchObject({ state: 'unfinished', pending: 0, hasUnanswered: false });
    await purge.end();
    expect(purge.lines()).toEqual(['a deleted', REJECTED]);
  });
});

describe('a write-ahead log that outlived its checkpoint', () => {
  it('is no part of the next one: an ID whose outcome was thrown away would never be sent again', async () => {
    await using old = new TestLedger();
    await old.begin(['a', 'b']);
    await old.work(1);
    await using purge = old.killedNow();
    rmSync(purge.path);
    rmSync(purge.reportPath);
    expect(existsSync(`${purge.path}-wal`)).toBe(true);
    await purge.begin(['a']);
    expect(await purge.facts()).toMatchObject({ intake: { accepted: 1 }, outcomes: { deleted: 0 }, pending: 1 });
    expect((await purge.ledger.takePage(10)).map(({ id }) => id)).toEqual(['a']);
    expect(purge.lines()).toEqual([REJECTED]);
  });
});

describe('a report on stdout that nobody reads to its end', () => {
  it('keeps the purge unfinished: the next run writes the rest instead of beginning a new purge', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a'], '-');
    await purge.work(1);
    await purge.end();
    const opened = await purge.resume('-');
    expect(linesOf(opened.stdoutText)).toEqual([REJECTED, 'a deleted']);
    expect(await purge.facts()).toMatchObject({ state: 'unfinished', pending: 0 });
    await purge.ledger.ask('acknowledgeReport', opened.lineCount);
    await purge.ledger.ask('end', { tried: [], moments: [], endedBy: undefined, run: NO_RUN, nowMs: 3_000 }, true);
    expect(await purge.facts()).toMatchObject({ state: 'finished' });
  });
});

describe('a checkpoint whose counts cannot be read at the end', () => {
  it('keeps the purge unfinished, so that the same command finishes it instead of beginning a new purge', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a']);
    await purge.work(1);
    const other = new DatabaseSync(purge.path);
    other.exec('ALTER TABLE detail RENAME TO elsewhere');
    await expect(purge.end()).rejects.toMatchObject({ exitCode: 5 });
    other.exec('ALTER TABLE elsewhere RENAME TO detail');
    other.close();
    await purge.resume();
    expect(await purge.facts()).toMatchObject({ state: 'unfinished', pending: 0 });
    await purge.end();
    expect(purge.lines()).toEqual([REJECTED, 'a deleted']);
  });
});

describe('after a kill', () => {
  it('between commit and append the missing lines are added, each once', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a', 'b', 'c', 'd']);
    await purge.work(1);
    const before = readFileSync(purge.reportPath);
    await purge.work(2);
    await using killed = purge.killedNow();
    writeFileSync(killed.reportPath, before);
    await killed.resume();
    expect(killed.lines()).toEqual([REJECTED, 'a deleted', 'b deleted', 'c deleted']);
    await killed.work(1);
    await killed.end();
    expect(killed.lines()).toEqual([REJECTED, 'a deleted', 'b deleted', 'c deleted', 'd deleted']);
  });

  it('at any instant, whatever has become of the report since, there is exactly one line for each record', async () => {
    expect(await findWrongReportAfterKill(8)).toBeUndefined();
  });

  it('or a failure between forgetting an unfinished reading and writing the report again, its rows are told once', async () => {
    await using purge = new TestLedger();
    await purge.ledger.ask('lock', purge.path, false);
    await purge.ledger.ask('create', DEFINITION, false, 1_000);
    await purge.ledger.ask('openReport', purge.reportPath);
    await purge.read(['a']);
    // A folder in the way of the new report.
    mkdirSync(newPathOf(purge.reportPath));
    await expect(purge.ledger.ask('beginReading', [{ name: 'ids.csv', opened: undefined }])).rejects.toMatchObject({
      code: 'REPORT_UNWRITABLE',
    });
    await using killed = purge.killedNow();
    await purge.ledger.close();
    rmSync(newPathOf(purge.reportPath), { recursive: true });
    for (const left of [purge, killed]) {
      await left.resume();
      await left.read(['a']);
      expect(left.lines()).toEqual([REJECTED]);
    }
  });

  it('an item tried and answered in one commit is remembered as answered alone', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a', 'b']);
    const [item] = await purge.ledger.takePage(1);
    if (item === undefined) throw new Error('an ID was accepted');
    await purge.ledger.record({
      results: [{ ...resultFor(item, 'failed'), attempts: 8 }],
      tried: [{ seq: item.seq, attempts: 7, isUnknown: false }],
      moments: [],
      run: NO_RUN,
      nowMs: 2_000,
    });
    await purge.end();
    await purge.resume();
    await purge.ledger.ask('putBackFailed');
    expect(await purge.ledger.takePage(1)).toMatchObject([{ id: 'a', attempts: 0 }]);
  });
});

describe('IDs that are protected when the purge goes on', () => {
  const many = Array.from({ length: 25_000 }, (_, index) => `image-${index}`).toSorted();

  it('are put on record all or none: half a list would let the rest be deleted', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a']);
    const other = new DatabaseSync(purge.path);
    other.exec(
      `CREATE TRIGGER full BEFORE INSERT ON protect_entry WHEN (SELECT count(*) FROM protect_entry) = 20500
       BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
    );
    await purge.ledger.ask('stageProtected', protectedIds(many));
    await expect(purge.ledger.ask('recordProtected')).rejects.toMatchObject({ exitCode: 5 });
    const count = other.prepare('SELECT count(*) AS n FROM protect_entry');
    expect(count.get()).toEqual({ n: 0 });
    other.exec('DROP TRIGGER full');
    await purge.ledger.ask('recordProtected');
    expect(count.get()).toEqual({ n: 25_000 });
    other.close();
  });

  it('are told to stdout so many at a time, and so is what it was not told before', async () => {
    await using purge = new TestLedger();
    await purge.begin(many, '-');
    await purge.ledger.ask('stageProtected', protectedIds(many));
    await purge.ledger.ask('recordProtected');
    const isBounded = async (step: () => Promise<Committed>): Promise<string[]> => {
      const lines: string[] = [];
      for (let committed = await step(); committed.lineCount > 0; committed = await step()) {
        expect(committed.lineCount).toBeLessThanOrEqual(4_000);
        lines.push(...linesOf(committed.stdoutText));
      }
      return lines;
    };
    const protectedLines = many.map((id) => `${id} protected`);
    expect(await isBounded(() => purge.ledger.ask('protectSome'))).toEqual(protectedLines);
    await purge.end();
    const first = await purge.resume();
    expect(linesOf(first.stdoutText)[0]).toBe(REJECTED);
    expect(await purge.facts()).toMatchObject({ intake: { protected: 25_000 }, pending: 0 });
    // Nothing that is still to be told lets a purge count as finished.
    await purge.end();
    const again = linesOf((await purge.resume()).stdoutText);
    expect([...again, ...(await isBounded(() => purge.ledger.ask('tellSome')))]).toEqual([REJECTED, ...protectedLines]);
    expect((await purge.facts()).state).toBe('unfinished');
  });
});

describe('two runs on one checkpoint', () => {
  it('are refused with exit 6 for the second, through a symbolic link as well', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a']);
    await using second = new TestLedger();
    const link = join(second.folder, 'link.checkpoint');
    symlinkSync(purge.path, link);
    for (const path of [purge.path, link])
      await expect(second.ledger.ask('lock', path, false)).rejects.toMatchObject({ code: 'CHECKPOINT_LOCKED', exitCode: 6 });
    await purge.work(1);
    await purge.end();
    expect(existsSync(`${purge.path}.lock`)).toBe(false);
    await second.ledger.ask('lock', link, false);
  });
});
