import { copyFileSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readBeside } from '../../../src/checkpoint/file/reader.ts';
import type { OutputFile } from '../../../src/report/output-file.ts';
import type { ReportRequest } from '../../../src/inspect/write-report.ts';
import { writeLines, writeReport } from '../../../src/inspect/write-report.ts';
import { DEFINITION } from '../../support/ledger/checkpoint.ts';
import { linesOf, TestLedger } from '../../support/ledger/ledger.ts';
import { makeIds } from '../../support/purge/purge.ts';

async function written(request: Partial<ReportRequest> & Pick<ReportRequest, 'checkpointPaths'>): Promise<string> {
  let text = '';
  await writeReport(
    { format: 'ndjson', outcomes: undefined, outPath: undefined, overwrites: false, price: 5, nowMs: 0, ...request },
    (chunk) => {
      text += chunk;
      return Promise.resolve();
    },
  );
  return text;
}

describe('a report written from checkpoints', () => {
  it('holds each ID once in source order, then the rejected rows, while a run still holds the checkpoint', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a', 'b', 'c']);
    await purge.work(1);
    await purge.work(1, 'failed');
    expect(linesOf(await written({ checkpointPaths: [purge.path] }))).toEqual(['a deleted', 'b failed', '.. rejected']);
    expect(linesOf(await written({ checkpointPaths: [purge.path], outcomes: ['failed'] }))).toEqual(['b failed']);
  });

  it('shows a rejected row that several shards of one list hold once, and that of each where they are several lists', async () => {
    await using one = new TestLedger();
    await using two = new TestLedger();
    for (const [index, purge] of [one, two].entries()) {
      await purge.begin(['a']);
      await purge.ledger.ask('setReadWith', { form: DEFINITION.form, shard: { index, count: 2 } });
    }
    const checkpointPaths = [one.path, two.path];
    expect(linesOf(await written({ checkpointPaths }))).toEqual(['.. rejected']);
    // Read from a source of the same name.
    for (const purge of [one, two]) await purge.ledger.ask('setReadWith', { form: DEFINITION.form, shard: null });
    expect(linesOf(await written({ checkpointPaths }))).toEqual(['.. rejected', '.. rejected']);
  });

  it('never goes over a checkpoint it is made from, under whatever name: exit 2', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a']);
    await purge.end();
    const before = readFileSync(purge.path);
    const link = join(purge.folder, 'link');
    symlinkSync(purge.path, link);
    for (const outPath of [purge.path, link])
      await expect(written({ checkpointPaths: [purge.path], outPath })).rejects.toMatchObject({
        code: 'OUTPUT_IS_CHECKPOINT',
        exitCode: 2,
      });
    expect(readFileSync(purge.path).equals(before)).toBe(true);
  });

  it('to a file in a folder that does not exist is exit 5', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a']);
    await expect(written({ checkpointPaths: [purge.path], outPath: join(purge.folder, 'nowhere', 'out.csv') })).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      exitCode: 5,
    });
  });
});

/** More lines than are written at once. */
const MANY_IDS = makeIds(2_000);

/** At rest, with an outcome for half of its IDs. */
async function half(): Promise<TestLedger> {
  const purge = new TestLedger();
  await purge.begin(MANY_IDS);
  await purge.work(MANY_IDS.length / 2, 'failed');
  await purge.end();
  return purge;
}

/** The failed ones are tried again and deleted, then the rest. */
async function runToTheEnd(purge: TestLedger): Promise<void> {
  await purge.resume();
  await purge.ledger.ask('putBackFailed');
  await purge.work(MANY_IDS.length);
  await purge.end();
}

/** Takes a report, with something that happens after its first piece. */
class SlowOutput implements OutputFile {
  text = '';
  isComplete = false;
  readonly #canBeginAgain: boolean;
  readonly #afterFirst: () => Promise<unknown>;

  constructor(canBeginAgain: boolean, afterFirst: () => Promise<unknown>) {
    this.#canBeginAgain = canBeginAgain;
    this.#afterFirst = afterFirst;
  }

  async write(text: string): Promise<void> {
    this.text += text;
    if (this.text === text) await this.#afterFirst();
  }

  canBeginAgain(): boolean {
    return this.#canBeginAgain;
  }

  complete(): Promise<void> {
    this.isComplete = true;
    return Promise.resolve();
  }

  discardIfIncomplete(): Promise<void> {
    return Promise.resolve();
  }
}

describe('while a checkpoint at rest is read, a run that begins on it', () => {
  const request = (purge: TestLedger): ReportRequest => ({
    checkpointPaths: [purge.path],
    format: 'ndjson',
    outcomes: undefined,
    outPath: undefined,
    overwrites: false,
    price: 5,
    nowMs: 0,
  });

  it('ends the report with exit 5 where lines have left, all of which were true', async () => {
    await using purge = await half();
    let text = '';
    let hasRun = false;
    const written = writeReport(request(purge), async (chunk) => {
      text += chunk;
      if (!hasRun) await runToTheEnd(purge);
      hasRun = true;
    });
    await expect(written).rejects.toMatchObject({ code: 'CHECKPOINT_CHANGED', exitCode: 5 });
    expect(new Set(linesOf(text).map((line) => line.split(' ')[1]))).toEqual(new Set(['failed']));
  });

  it('begins a report again of which nobody has seen a line: it is the one of after the run', async () => {
    await using purge = await half();
    const outputs = [() => runToTheEnd(purge), () => Promise.resolve()].map((afterFirst) => new SlowOutput(true, afterFirst));
    let opened = 0;
    await writeLines(request(purge), () => Promise.resolve(outputs[opened++] as OutputFile));
    expect(outputs.map(({ isComplete }) => isComplete)).toEqual([false, true]);
    expect(linesOf(outputs[1]?.text ?? '')).toEqual([...MANY_IDS.map((id) => `${id} deleted`), '.. rejected']);
  });

  it('makes a status be read again', async () => {
    await using one = await half();
    await using two = await half();
    await runToTheEnd(two);
    let reads = 0;
    const count = readBeside(one.path, (db) => {
      // What a run does that begins and ends between two looks.
      if (++reads === 1) copyFileSync(two.path, one.path);
      return reads === 1 ? undefined : db.prepare('SELECT deleted FROM tally').get()?.['deleted'];
    });
    expect([reads, count]).toEqual([2, MANY_IDS.length]);
  });
});

describe('while a run works on a checkpoint', () => {
  it('a report is what it was when it began, rejected rows too', async () => {
    await using purge = new TestLedger();
    await purge.begin(MANY_IDS);
    await purge.work(MANY_IDS.length / 2);
    let text = '';
    await writeReport(
      { checkpointPaths: [purge.path], format: 'ndjson', outcomes: undefined, outPath: undefined, overwrites: false, price: 5, nowMs: 0 },
      async (chunk) => {
        // A new reading forgets the rejected rows of the one before.
        if (text === '') await purge.ledger.ask('beginReading', [{ name: 'ids.csv', opened: undefined }]);
        text += chunk;
      },
    );
    expect(linesOf(text)).toEqual([...MANY_IDS.slice(0, MANY_IDS.length / 2).map((id) => `${id} deleted`), '.. rejected']);
  });
});
