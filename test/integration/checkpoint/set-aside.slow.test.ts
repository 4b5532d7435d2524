import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { openDatabase } from '../../../src/checkpoint/file/database.ts';
import { lockCheckpoint } from '../../../src/checkpoint/file/lock.ts';
import { recordReportPath } from '../../../src/checkpoint/report-state.ts';
import { linesOf, startLedger, TestLedger } from '../../support/ledger/ledger.ts';

const FINISHED_MS = Date.UTC(2026, 10, 24, 2);
const STAMP = '20261124T020000Z';
const NAMES = ['ids.csv.checkpoint', 'ids.csv.checkpoint.report.ndjson'] as const;

async function finished(id = 'a', reportPath?: string): Promise<TestLedger> {
  const purge = new TestLedger();
  await purge.begin([id], reportPath === undefined ? undefined : join(purge.folder, reportPath));
  await purge.work(1);
  await purge.end();
  return purge;
}

/** What the next run does with a finished pair. */
async function setAside(purge: TestLedger, keepCount = 30, atMs = FINISHED_MS): Promise<string> {
  return (await setAsideAndPrune(purge, keepCount, atMs)).path;
}

async function setAsideAndPrune(
  purge: TestLedger,
  keepCount: number,
  atMs = FINISHED_MS,
): Promise<{ path: string; problems: readonly string[] }> {
  const ledger = startLedger();
  try {
    await ledger.ask('lock', purge.path, false);
    return await ledger.ask('setAside', atMs, keepCount, false);
  } finally {
    await ledger.close();
  }
}

const filesIn = (purge: TestLedger): string[] => readdirSync(purge.folder).toSorted();
const pair = (suffix: string): string[] => NAMES.map((name) => name + suffix);

/** Killed with one of two IDs done; what was committed last lies in the WAL. */
async function killedHalfWay(): Promise<TestLedger> {
  await using purge = new TestLedger();
  await purge.begin(['a', 'b']);
  await purge.work(1);
  return purge.killedNow();
}

describe('beside another program', () => {
  it('that reads an unfinished checkpoint, nothing is set aside: what is not yet in the file itself would be left behind', async () => {
    await using killed = await killedHalfWay();
    const reader = new DatabaseSync(killed.path, { readOnly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM item').get();
    await expect(setAside(killed)).rejects.toMatchObject({ code: 'CHECKPOINT_BUSY', exitCode: 5 });
    expect(existsSync(killed.path)).toBe(true);
    expect(existsSync(killed.reportPath)).toBe(true);
    reader.close();
    const db = openDatabase(await setAside(killed));
    expect(db.prepare('SELECT (SELECT count(*) FROM item) AS items, (SELECT count(*) FROM result) AS results').get()).toEqual({
      items: 2,
      results: 1,
    });
    db.close();
    expect(filesIn(killed)).toEqual(pair(`.${STAMP}`).toSorted());
  });
});

describe('setting a pair aside', () => {
  it('renames both to the time it finished, and the report stays the checkpoint’s own', async () => {
    await using purge = await finished();
    expect(await setAside(purge)).toBe(`${purge.path}.${STAMP}`);
    expect(filesIn(purge)).toEqual(pair(`.${STAMP}`).toSorted());
    const db = openDatabase(`${purge.path}.${STAMP}`);
    expect(db.prepare('SELECT path FROM report').get()).toEqual({ path: `${NAMES[1]}.${STAMP}` });
    db.close();
  });

  it('while somebody reads results that are in the WAL alone renames nothing, and does so when they are done', async () => {
    await using killed = await killedHalfWay();
    const reader = new DatabaseSync(killed.path, { readOnly: true });
    reader.exec('BEGIN');
    expect(reader.prepare('SELECT count(*) AS n FROM result').get()).toEqual({ n: 1 });
    await expect(setAside(killed)).rejects.toMatchObject({ code: 'CHECKPOINT_BUSY', exitCode: 5 });
    expect(filesIn(killed)).toEqual(expect.arrayContaining([...NAMES]));
    reader.exec('COMMIT');
    const newPath = await setAside(killed);
    // Still open: the next checkpoint of that name must not go on with what SQLite keeps for this reader.
    expect(filesIn(killed)).toEqual(pair(`.${STAMP}`).toSorted());
    reader.close();
    const db = openDatabase(newPath);
    expect(db.prepare('SELECT count(*) AS n FROM result').get()).toEqual({ n: 1 });
    db.close();
  });

  it('takes -2, -3 where a name is taken, by a checkpoint or by a report', async () => {
    await using purge = await finished();
    writeFileSync(`${purge.path}.${STAMP}`, 'taken');
    writeFileSync(`${purge.reportPath}.${STAMP}-2`, 'taken');
    expect(await setAside(purge)).toBe(`${purge.path}.${STAMP}-3`);
    expect(filesIn(purge)).toEqual([`${NAMES[0]}.${STAMP}`, `${NAMES[1]}.${STAMP}-2`, ...pair(`.${STAMP}-3`)].toSorted());
    expect(readFileSync(`${purge.path}.${STAMP}`, 'utf8')).toBe('taken');
  });

  it('renames the checkpoint alone where its report has gone or went to stdout', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a'], '-');
    await purge.work(1);
    await purge.end();
    await setAside(purge);
    expect(filesIn(purge)).toEqual([`${NAMES[0]}.${STAMP}`]);
  });

  it('is finished under the same name after a crash behind the first rename', async () => {
    await using purge = await finished();
    renameSync(purge.reportPath, `${purge.reportPath}.${STAMP}`);
    await setAside(purge);
    expect(filesIn(purge)).toEqual(pair(`.${STAMP}`).toSorted());
    expect(linesOf(readFileSync(`${purge.reportPath}.${STAMP}`, 'utf8'))).toEqual(['.. rejected', 'a deleted']);
  });

  it('is finished under the same name after a crash before the last rename', async () => {
    await using purge = await finished();
    renameSync(purge.reportPath, `${purge.reportPath}.${STAMP}`);
    const db = openDatabase(purge.path);
    recordReportPath(db, purge.path, `${purge.reportPath}.${STAMP}`);
    db.close();
    await setAside(purge);
    expect(filesIn(purge)).toEqual(pair(`.${STAMP}`).toSorted());
  });
});

async function putNextInPlace(purge: TestLedger): Promise<void> {
  await using next = await finished();
  for (const suffix of ['', '.report.ndjson']) copyFileSync(next.path + suffix, purge.path + suffix);
}

/** Beyond the header, where only reading what the checkpoint says comes upon it. */
function overwriteSecondPage(path: string): void {
  const bytes = readFileSync(path);
  bytes.fill(0xab, 4_096, 8_192);
  writeFileSync(path, bytes);
}

describe('keeping old pairs', () => {
  it('removes the oldest beyond --keep, each with its report, and nothing that is no checkpoint', async () => {
    await using purge = await finished();
    const second = 1_000;
    for (let n = 0; n < 4; n++) {
      if (n > 0) await putNextInPlace(purge);
      await setAside(purge, 30, FINISHED_MS + n * second);
    }
    const notOurs = [
      `${NAMES[0]}.20250101T000000Z`,
      `${NAMES[0]}.bak`,
      `${NAMES[0]}.20250101T000000Z.gz`,
      `other.checkpoint.20250101T000000Z`,
    ];
    for (const name of notOurs) writeFileSync(join(purge.folder, name), 'mine');
    await putNextInPlace(purge);
    await setAside(purge, 2, FINISHED_MS + 4 * second);
    expect(filesIn(purge)).toEqual([...notOurs, ...pair('.20261124T020003Z'), ...pair('.20261124T020004Z')].toSorted());
  });

  it('leaves a pair that another run has taken up again, and removes it once that run has let go', async () => {
    await using purge = await finished();
    const held = lockCheckpoint(await setAside(purge));
    await putNextInPlace(purge);
    expect((await setAsideAndPrune(purge, 1, FINISHED_MS + 1_000)).problems).toEqual([]);
    expect(filesIn(purge)).toEqual(expect.arrayContaining([...pair(`.${STAMP}`), ...pair('.20261124T020001Z')]));
    held.release();
    await putNextInPlace(purge);
    await setAside(purge, 1, FINISHED_MS + 2_000);
    expect(filesIn(purge)).toEqual(pair('.20261124T020002Z').toSorted());
  });

  it('leaves one that is damaged, says which and why, and goes on with the others', async () => {
    await using purge = await finished();
    for (let n = 0; n < 3; n++) {
      const path = await setAside(purge, 30, FINISHED_MS + n * 1_000);
      if (n === 1) overwriteSecondPage(path);
      await putNextInPlace(purge);
    }
    const { problems } = await setAsideAndPrune(purge, 0, FINISHED_MS + 3_000);
    expect(problems).toEqual([expect.stringMatching(/checkpoint\.20261124T020001Z is damaged/)]);
    expect(filesIn(purge)).toEqual(pair('.20261124T020001Z').toSorted());
  });

  it('with --keep 0 leaves none', async () => {
    await using purge = await finished();
    await setAside(purge, 0);
    expect(filesIn(purge)).toEqual([]);
  });
});

describe('a run that is killed', () => {
  it('leaves no lock behind', async () => {
    await using purge = new TestLedger();
    const ledgerModule = new URL('../../../src/ledger/ledger.ts', import.meta.url).href;
    const program = `
      const { startLedger } = await import(${JSON.stringify(ledgerModule)});
      const ledger = startLedger();
      await ledger.ask('lock', ${JSON.stringify(purge.path)}, false);
      process.stdout.write('locked');
      setInterval(() => undefined, 1_000);`;
    const holder = join(purge.folder, 'holder.mjs');
    writeFileSync(holder, program);
    const child = spawn(process.execPath, [holder], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await expect(purge.ledger.ask('lock', purge.path, false)).rejects.toMatchObject({ code: 'CHECKPOINT_LOCKED', exitCode: 6 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(`${purge.path}.lock`)).toBe(true);
    await purge.ledger.ask('lock', purge.path, false);
  });
});
