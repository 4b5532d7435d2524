import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import type { ListedOutcome } from '../../../src/domain/outcome.ts';
import { writeReport } from '../../../src/inspect/write-report.ts';
import { withFolder } from '../../support/cli/cli.ts';
import { DEFINITION } from '../../support/ledger/checkpoint.ts';
import { TestLedger } from '../../support/ledger/ledger.ts';
import { BEGAN_MS, writeLongPurge } from '../../support/report/long-purge.ts';

const CHECKPOINTS = fileURLToPath(new URL('../../../fixtures/checkpoints/', import.meta.url));

interface Page {
  readonly text: string;
  /** Without tags, white space or script. */
  readonly seen: string;
  readonly data: { readonly series: { readonly deleted: readonly number[] } | null; readonly rows: readonly (readonly unknown[])[] };
}

async function pageOf(checkpointPaths: readonly string[], outcomes?: readonly ListedOutcome[], price = 5): Promise<Page> {
  let text = '';
  const request = { format: 'html', checkpointPaths, outcomes, price, outPath: undefined, overwrites: false, nowMs: BEGAN_MS } as const;
  await writeReport(request, (chunk) => {
    text += chunk;
    return Promise.resolve();
  });
  const main = /<main>(.*)<\/footer>/s.exec(text)?.[1] ?? '';
  const seen = main.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
  const data = JSON.parse(/id="data">(.*?)<\/script>/s.exec(text)?.[1] ?? '') as Page['data'];
  return { text, seen, data };
}

describe('a report as a page', () => {
  it.each([1, 2, 3, 4, 5])('of a checkpoint of format %i says what is not on record, and changes nothing', (format) =>
    withFolder(async (folder) => {
      const path = join(folder, 'old.checkpoint');
      copyFileSync(join(CHECKPOINTS, `format-${format}.checkpoint`), path);
      const before = readFileSync(path);
      const { seen } = await pageOf([path]);
      expect(seen).toContain('Outcomes');
      expect(seen).toContain('not on record');
      expect(readFileSync(path).equals(before)).toBe(true);
    }),
  );

  it('loads nothing, and names its script and its style by their hashes alone', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a']);
    const { text } = await pageOf([purge.path]);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? '';
    expect(policy).toMatch(/^default-src &#39;none&#39;; script-src &#39;sha256-[^;]*&#39;; style-src &#39;sha256-[^;]*&#39;; base-uri/);
    expect(policy).not.toContain('unsafe');
    expect(text).toContain('Permission is hereby granted, free of charge');
    expect(text.replaceAll(/<(script|style)[^>]*>.*?<\/\1>/gs, '')).not.toMatch(/\s(?:src|href|style|on\w+)=/);
  });

  it('while a run works on it names failed IDs and rejected rows, and what is still to be sent', async () => {
    await using purge = new TestLedger();
    await purge.begin(['a', 'b', 'c', 'd']);
    await purge.work(1);
    await purge.work(1, 'failed');
    const { seen, data } = await pageOf([purge.path]);
    expect(data.rows.map(([id, outcome]) => [id, outcome])).toEqual([
      ['b', 'failed'],
      ['..', 'rejected'],
    ]);
    expect(seen).toContain('at work A run was at work on it');
    expect(seen).toContain('2 IDs are still to be sent.');
    expect(seen).toContain('5400 Bad &quot;image&quot;');
    expect((await pageOf([purge.path], ['pending'])).data.rows.map(([id]) => id)).toEqual(['c', 'd']);
  });

  it('of shards adds them up, and shows a row that each of them rejected once', async () => {
    await using one = new TestLedger();
    await using two = new TestLedger();
    for (const [index, purge] of [one, two].entries()) {
      await purge.begin([`image-${index}`]);
      await purge.ledger.ask('setReadWith', { form: DEFINITION.form, shard: { index, count: 3 } });
      await purge.work(1);
    }
    const { seen, data } = await pageOf([one.path, two.path]);
    expect(seen).toContain('2 images deleted');
    expect(data.rows).toHaveLength(1);
    expect(seen).toContain('Without shard 2/3');
  });

  it('of many IDs names 5,000 and says how to see the others, counts each answer once, and tells what is saved', () =>
    withFolder(async (folder) => {
      const path = join(folder, "kim's.checkpoint");
      writeLongPurge(path, { idCount: 100_000, failedEvery: 10, moments: undefined });
      const { seen, data } = await pageOf([path]);
      expect(data.rows).toHaveLength(5_000);
      expect(seen).toContain('The first 5,000 of 10,000, in the order of the source. 5,000 are left out here.');
      expect(seen).toContain('--outcome failed,rejected');
      expect(data.series?.deleted.length).toBeLessThanOrEqual(500);
      expect(data.series?.deleted.reduce((sum, count) => sum + count, 0)).toBe(90_000);
      expect(seen).toContain('4.5 USD');
      expect((await pageOf([path], ['failed'], 0)).seen).not.toContain('USD');
    }));
});
