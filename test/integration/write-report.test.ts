import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import type { ReportRequest } from '../../src/purge/types.ts';
import { writeReport } from '../../src/purge/write-report.ts';
import { linesOf, TestLedger } from '../support/ledger.ts';

async function written(request: Partial<ReportRequest> & Pick<ReportRequest, 'checkpointPaths'>): Promise<string> {
  let text = '';
  await writeReport({ format: 'ndjson', outcomes: undefined, outPath: undefined, ...request }, (chunk) => {
    text += chunk;
    return Promise.resolve();
  });
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

  it('shows a rejected row that several of them hold once', async () => {
    await using one = new TestLedger();
    await using two = new TestLedger();
    for (const purge of [one, two]) await purge.begin(['a']);
    expect(linesOf(await written({ checkpointPaths: [one.path, two.path] }))).toEqual(['.. rejected']);
  });

  it('never goes over a checkpoint it is made from, under whatever name: exit 2', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a']);
    await purge.end();
    const before = readFileSync(purge.path);
    const link = join(purge.folder, 'link');
    symlinkSync(purge.path, link);
    for (const outPath of [purge.path, link]) await expect(written({ checkpointPaths: [purge.path], outPath })).rejects.toMatchObject({ code: 'OUTPUT_IS_CHECKPOINT', exitCode: 2 });
    expect(readFileSync(purge.path).equals(before)).toBe(true);
  });

  it('to a file in a folder that does not exist is exit 5', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a']);
    await expect(written({ checkpointPaths: [purge.path], outPath: join(purge.folder, 'nowhere', 'out.csv') })).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE', exitCode: 5 });
  });
});
