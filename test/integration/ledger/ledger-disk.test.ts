import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { linesOf, TestLedger } from '../../support/ledger/ledger.ts';
import { CAN_MOUNT, SmallDisk } from '../../support/machine/small-disk.ts';

const REJECTED = '.. rejected';

const manyIds = Array.from({ length: 1_000 }, (_, index) => `image-${index}`);
const sorted = (lines: readonly string[]): string[] => lines.toSorted();
const deleted = (count: number): string[] => manyIds.slice(0, count).map((id) => `${id} deleted`);

describe.skipIf(!CAN_MOUNT)('a report on a full disk', () => {
  it('is told, every result is committed all the same, and the next run writes it again', async () => {
    await using purge = new TestLedger();
    using disk = new SmallDisk(join(purge.folder, 'small'), '256k');
    const report = join(disk.folder, 'report.ndjson');
    await purge.begin(manyIds, report);
    await purge.work(10);
    disk.fill();
    const full = await purge.work(500);
    expect(full.failure).toMatchObject({ code: 'REPORT_UNWRITABLE', exitCode: 5 });
    expect(full.failure?.message).toContain('ENOSPC');
    const later = await purge.work(90);
    expect(later.failure).toMatchObject({ code: 'REPORT_UNWRITABLE' });
    expect(await purge.facts()).toMatchObject({ outcomes: { deleted: 600 }, pending: 400 });
    await purge.end();
    disk.free();
    await purge.resume();
    expect(sorted(purge.lines(report))).toEqual(sorted([REJECTED, ...deleted(600)]));
    await purge.work(400);
    await purge.end();
    expect(sorted(purge.lines(report))).toEqual(sorted([REJECTED, ...deleted(1_000)]));
  });

  it('that is full for an instant, so that not even a note of it can be made, costs no line of what is committed later', async () => {
    await using purge = new TestLedger();
    using disk = new SmallDisk(join(purge.folder, 'small'), '256k');
    const report = join(disk.folder, 'report.ndjson');
    await purge.begin(manyIds, report);
    const other = new DatabaseSync(purge.path);
    other.exec("CREATE TRIGGER full BEFORE UPDATE ON report WHEN NEW.offset_bytes < 0 BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    disk.fill();
    await purge.work(500).catch(() => undefined);
    other.exec('DROP TRIGGER full');
    other.close();
    disk.free();
    await purge.work(90);
    await using killed = purge.killedNow();
    await purge.end();
    for (const left of [purge, killed]) {
      await left.resume();
      expect(await left.facts()).toMatchObject({ state: 'unfinished', outcomes: { deleted: 590 } });
      expect(sorted(left.lines(report))).toEqual(sorted([REJECTED, ...deleted(590)]));
      await left.ledger.close();
    }
  });

  it('that cannot catch up after a kill is told at the start, and catches up later all the same', async () => {
    await using purge = new TestLedger();
    using disk = new SmallDisk(join(purge.folder, 'small'), '256k');
    const report = join(disk.folder, 'report.ndjson');
    await purge.begin(manyIds, report);
    await purge.work(10);
    const before = readFileSync(report);
    await purge.work(500);
    await using killed = purge.killedNow();
    await purge.ledger.close();
    // Moved, not copied: the report elsewhere is still its own.
    rmSync(purge.path);
    writeFileSync(report, before);
    disk.fill();
    await expect(killed.resume()).rejects.toMatchObject({ code: 'REPORT_UNWRITABLE', exitCode: 5 });
    await killed.ledger.close();
    disk.free();
    await killed.resume();
    expect(sorted(linesOf(readFileSync(report, 'utf8')))).toEqual(sorted([REJECTED, ...deleted(510)]));
  });

  it('that cannot be written again is told at the start, leaves the old one, and is written again later', async () => {
    await using purge = new TestLedger();
    using disk = new SmallDisk(join(purge.folder, 'small'), '256k');
    const report = join(disk.folder, 'report.ndjson');
    await purge.begin(manyIds, report);
    await purge.work(500);
    await purge.end();
    const damaged = readFileSync(report);
    damaged[100] = 0;
    writeFileSync(report, damaged);
    disk.fill();
    await expect(purge.resume()).rejects.toMatchObject({ code: 'REPORT_UNWRITABLE', exitCode: 5 });
    await purge.ledger.close();
    expect(readFileSync(report).equals(damaged)).toBe(true);
    disk.free();
    await purge.resume();
    expect(sorted(purge.lines(report))).toEqual(sorted([REJECTED, ...deleted(500)]));
  });
});
