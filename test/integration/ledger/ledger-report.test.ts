import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { DEFINITION } from '../../support/ledger/checkpoint.ts';
import { linesOf, TestLedger } from '../../support/ledger/ledger.ts';

const REJECTED = '.. rejected';

/** The pair of a purge of `a` and `b`, `a` done, goes on in another folder, its report with it. */
async function expectMovable(purge: TestLedger, moved: TestLedger): Promise<void> {
  for (const suffix of ['', '.report.ndjson']) renameSync(purge.path + suffix, moved.path + suffix);
  await moved.resume();
  await moved.work(1);
  await moved.end();
  expect(moved.lines()).toEqual([REJECTED, 'a deleted', 'b deleted']);
  expect(existsSync(purge.reportPath)).toBe(false);
}

describe('a report that is not this purge’s', () => {
  it('is never touched: exit 2', async () => {
    await using purge = new TestLedger();
    const foreign = join(purge.folder, 'mine.ndjson');
    writeFileSync(foreign, 'mine\n');
    await expect(purge.begin(['a'], foreign)).rejects.toMatchObject({ code: 'REPORT_EXISTS', exitCode: 2 });
    await purge.end();
    await expect(purge.resume(foreign)).rejects.toMatchObject({ code: 'REPORT_EXISTS', exitCode: 2 });
    expect(readFileSync(foreign, 'utf8')).toBe('mine\n');
  });

  it('but from the instant its path is recorded whatever lies there is', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a']);
    await purge.end();
    writeFileSync(purge.reportPath, 'somebody else’s, far longer than what the report has held so far\n'.repeat(9));
    await purge.resume(purge.reportPath);
    expect(purge.lines()).toEqual([REJECTED]);
  });

  it('given by another name later gets the whole report again, and the old one, which holds no more, goes', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a', 'b']);
    await purge.work(1);
    await purge.end();
    const other = join(purge.folder, 'other.ndjson');
    await purge.resume(other);
    await purge.work(1);
    await purge.end();
    expect(purge.lines(other).toSorted()).toEqual([REJECTED, 'a deleted', 'b deleted'].toSorted());
    expect(existsSync(purge.reportPath)).toBe(false);
    expect((await purge.resume()).failure).toBeUndefined();
    expect((await purge.facts()).reportPath).toBe('other.ndjson');
  });

  it('is not what the purge’s own is by another spelling: through a link to its folder it is resumed', async () => {
    await using purge = new TestLedger();
    const elsewhere = join(purge.folder, 'elsewhere');
    mkdirSync(elsewhere);
    const link = join(purge.folder, 'link');
    symlinkSync(elsewhere, link);
    await purge.begin(['a', 'b', 'c'], join(link, 'r'));
    await purge.work(1);
    await purge.end();
    await purge.ledger.close();
    for (const path of [join(elsewhere, 'r'), join(elsewhere, '..', 'link', 'r')]) {
      await purge.resume(path);
      await purge.work(1);
      await purge.end();
    }
    expect(purge.lines(join(elsewhere, 'r'))).toEqual([REJECTED, 'a deleted', 'b deleted', 'c deleted']);
  });

  it('that cannot be created is told with exit 5, and nothing is called written', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a']);
    await purge.work(1);
    await purge.end();
    await expect(purge.resume(join(purge.folder, 'no-such-folder', 'report'))).rejects.toMatchObject({
      code: 'REPORT_UNWRITABLE',
      exitCode: 5,
    });
    await purge.ledger.close();
    await purge.resume(purge.reportPath);
    expect(purge.lines().toSorted()).toEqual([REJECTED, 'a deleted'].toSorted());
  });
});

describe('--report -', () => {
  it('gives each commit’s lines to stdout, and keeps those that were not acknowledged for the next run', async () => {
    await using purge = new TestLedger();
    await purge.ledger.ask('lock', purge.path, false);
    await purge.ledger.ask('create', DEFINITION, false, 1_000);
    await purge.ledger.ask('openReport', '-');
    const accepted = await purge.read(['a', 'b', 'c', 'd']);
    expect(linesOf(accepted.stdoutText)).toEqual([REJECTED]);
    await purge.ledger.ask('finishReading', [undefined], 2_000);
    expect(linesOf((await purge.work(2)).stdoutText)).toEqual(['a deleted', 'b deleted']);
    await purge.ledger.ask('acknowledgeReport', 2);
    await purge.end();

    const opened = await purge.resume('-');
    expect(linesOf(opened.stdoutText)).toEqual(['b deleted']);
    expect(opened.lineCount).toBe(1);
    await purge.work(1);
    await purge.ledger.ask('acknowledgeReport', opened.lineCount);
    await purge.end();
    expect(linesOf((await purge.resume('-')).stdoutText)).toEqual(['c deleted']);
    expect(existsSync(purge.reportPath)).toBe(false);
  });

  it('leaves the purge’s report file alone: a run that ended, or could not open the file, forgets none of its lines', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a', 'b', 'c']);
    await purge.work(2);
    await purge.end();
    await purge.resume('-');
    await purge.end();
    const elsewhere = `${purge.reportPath}.elsewhere`;
    renameSync(purge.reportPath, elsewhere);
    mkdirSync(purge.reportPath);
    await expect(purge.resume('-')).rejects.toMatchObject({ code: 'REPORT_UNWRITABLE' });
    await purge.ledger.close();
    rmSync(purge.reportPath, { recursive: true });
    renameSync(elsewhere, purge.reportPath);
    await purge.resume();
    await purge.work(1);
    await purge.end();
    expect(purge.lines()).toEqual([REJECTED, 'a deleted', 'b deleted', 'c deleted']);
  });

  it('keeps them through a kill, too', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a', 'b'], '-');
    await purge.work(2);
    await using killed = purge.killedNow();
    expect(linesOf((await killed.resume()).stdoutText)).toEqual([REJECTED, 'a deleted', 'b deleted']);
  });
});

describe('a report file whose name is -', () => {
  it('is recorded as the file that it is', async () => {
    await using purge = new TestLedger();
    const path = join(purge.folder, '-');
    await purge.begin(['a', 'b'], path);
    expect((await purge.work(1)).stdoutText).toBe('');
    await purge.end();
    await purge.resume();
    expect((await purge.work(1)).stdoutText).toBe('');
    await purge.end();
    expect(purge.lines(path)).toEqual([REJECTED, 'a deleted', 'b deleted']);
  });
});

describe('moving the pair', () => {
  it('to another folder keeps the report with its checkpoint', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a', 'b']);
    await purge.work(1);
    await purge.end();
    await using moved = new TestLedger();
    await expectMovable(purge, moved);
  });
});

describe('moving the pair that was made by way of a link', () => {
  it('to another folder keeps the report with its checkpoint', async () => {
    await using purge = new TestLedger();
    await using moved = new TestLedger();
    const link = join(moved.folder, 'link');
    symlinkSync(purge.folder, link);
    await purge.begin(['a', 'b'], join(link, basename(purge.reportPath)));
    await purge.work(1);
    await purge.end();
    await expectMovable(purge, moved);
  });
});

describe('a report changed by somebody while the run writes it', () => {
  it.each([
    ['removed', (path: string) => rmSync(path)],
    ['rotated away', (path: string) => renameSync(path, `${path}.1`)],
    ['emptied', (path: string) => writeFileSync(path, '')],
    ['added to', (path: string) => appendFileSync(path, 'mine\n')],
    [
      'overwritten in its place, its length kept',
      (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replaceAll('deleted', 'DELETED')),
    ],
  ])('is whole again at the end of the run: %s', async (_, change) => {
    await using purge = new TestLedger();
    await purge.begin(['a', 'b', 'c']);
    await purge.work(1);
    change(purge.reportPath);
    await purge.work(2);
    await purge.end();
    expect(purge.lines().toSorted()).toEqual([REJECTED, 'a deleted', 'b deleted', 'c deleted'].toSorted());
    expect(statSync(purge.reportPath).mode & 0o777).toBe(0o600);
  });
});
