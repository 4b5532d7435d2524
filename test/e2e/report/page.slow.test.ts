import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Moment } from '../../../src/checkpoint/timeline/moment.ts';
import { writeReport } from '../../../src/inspect/write-report.ts';
import { withFolder } from '../../support/cli/cli.ts';
import { makeIds, withPurge } from '../../support/purge/purge.ts';
import { HAS_CHROMIUM, type ShownPage, TestBrowser } from '../../support/report/browser.ts';
import { BEGAN_MS, type LongPurge, writeLongPurge } from '../../support/report/long-purge.ts';

const HOSTILE = `</script><img src=x onerror=alert(1)>"'&\u202eשלום\u200f`;
const MILLION = 1_000_000;
const HOUR_MS = 3_600_000;

const at = (kind: Moment['kind'], hours: number, waitMs = 0): Moment => ({
  kind,
  atMs: BEGAN_MS + hours * HOUR_MS,
  lane: waitMs > 0 ? 'account' : undefined,
  waitMs,
});
const MOMENTS: readonly Moment[] = [
  at('run.began', 0),
  at('throttled', 1, 300_000),
  at('outage.began', 2),
  at('outage.ended', 3),
  at('run.ended', 40),
  at('run.began', 50),
  at('run.ended', 84),
];

let browser: TestBrowser | undefined;

function shown(path: string, look: Parameters<TestBrowser['show']>[1] = {}): Promise<ShownPage> {
  if (browser === undefined) throw new Error('the browser is started before all tests');
  return browser.show(path, look);
}

async function pageOf(folder: string, purge: LongPurge): Promise<string> {
  const [checkpoint, outPath] = [join(folder, 'ids.csv.checkpoint'), join(folder, 'report.html')];
  writeLongPurge(checkpoint, purge);
  const asked = { format: 'html', outcomes: undefined, outPath, overwrites: true, price: 5, nowMs: BEGAN_MS } as const;
  await writeReport({ checkpointPaths: [checkpoint], ...asked }, () => Promise.resolve());
  return outPath;
}

describe.runIf(HAS_CHROMIUM)('a report as a page in a real browser', () => {
  beforeAll(async () => {
    browser = await TestBrowser.start();
  });
  afterAll(() => browser?.[Symbol.asyncDispose]());

  it('of ten IDs says what became of them, light and dark, and axe finds nothing against it', () =>
    withPurge({}, async (bench) => {
      bench.writeIds('ids.csv', makeIds(10));
      await bench.delete(['--note', 'CHG-1041']);
      const written = await bench.run(['report', 'ids.csv.checkpoint', '--format', 'html', '-o', 'report.html']);
      expect(written).toMatchObject({ exitCode: 0, stderr: 'report.html: a page that names 0 rows one by one\n' });
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, complaints, violations } = await shown(bench.path('report.html'), { colorScheme });
        expect(await page.textContent('h1')).toBe('10 images deleted');
        expect(await page.textContent('.note')).toContain('CHG-1041');
        expect(await violations()).toEqual([]);
        expect(complaints).toEqual([]);
      }
    }));

  it('of a million is small, draws its charts, says what it leaves out, and searches and sorts what it names', () =>
    withFolder(async (folder) => {
      const path = await pageOf(folder, { idCount: MILLION, failedEvery: 97, moments: MOMENTS });
      expect(statSync(path).size).toBeLessThan(MILLION);
      const { page, complaints, violations } = await shown(path);
      expect(await page.textContent('main')).toContain('The first 5,000 of 10,309');
      expect(await page.locator('.plot canvas').count()).toBe(3);
      const rows = page.locator('#id-table tbody tr');
      expect(await rows.count()).toBe(50);
      await page.fill('#search', '5402 FAILED-19');
      expect(await page.textContent('#found')).toMatch(/^\d+ of 5,000 fit$/);
      const fitting = await rows.allTextContents();
      expect(fitting.every((text) => text.includes('5402') && text.includes('failed-19'))).toBe(true);
      await page.fill('#search', '');
      await page.click('th button:text("Line")');
      await page.click('th button:text("Line")');
      expect(await page.getAttribute('#id-table th[aria-sort]', 'aria-sort')).toBe('descending');
      expect(await rows.first().textContent()).toContain(`failed-${97 * 5_000}`);
      const chart = page.locator('[data-chart="rate"] .u-over');
      await chart.dragTo(chart, { sourcePosition: { x: 100, y: 50 }, targetPosition: { x: 300, y: 50 } });
      expect(await page.textContent('[data-readout="latency"]')).toContain('half');
      await page.click('#zoom-out');
      expect(await page.isVisible('#zoom-out')).toBe(false);
      await page.click('#numbers summary');
      expect(await page.locator('#numbers tbody tr').count()).toBeGreaterThan(100);
      expect(await violations()).toEqual([]);
      expect(complaints).toEqual([]);
    }));

  it('shows texts from outside as texts, and stays as wide as a phone', () =>
    withFolder(async (folder) => {
      const failedId = HOSTILE + 'x'.repeat(1_015 - HOSTILE.length);
      const path = await pageOf(folder, {
        idCount: 90,
        failedEvery: 9,
        moments: undefined,
        failedId,
        message: HOSTILE,
        definition: { note: HOSTILE },
      });
      const { page, complaints, violations } = await shown(path, { width: 390 });
      const visible = HOSTILE.replace('\u202e', String.raw`\u{202e}`).replace('\u200f', String.raw`\u{200f}`);
      expect(await page.textContent('.note p')).toBe(visible);
      expect(await page.locator('#id-table td.id').first().textContent()).toBe(`${visible}${'x'.repeat(1_015 - HOSTILE.length)}9`);
      expect(await page.locator('#id-table td.wide').first().textContent()).toBe(visible);
      expect(await page.textContent('#held-up ~ p')).toContain('not on record');
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      expect(await violations()).toEqual([]);
      expect(complaints).toEqual([]);
      // Nothing of it is HTML before a script has looked at it either.
      expect(readFileSync(path, 'utf8')).not.toContain('<img');
    }));

  it('is printed dark on white, on A4, without what only a screen has', () =>
    withFolder(async (folder) => {
      const path = await pageOf(folder, { idCount: 20_000, failedEvery: 400, moments: MOMENTS.slice(0, 2) });
      const { page } = await shown(path, { colorScheme: 'dark' });
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
      expect(await page.locator('#search').isVisible()).toBe(false);
      expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
    }));
});
