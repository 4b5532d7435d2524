import { stripVTControlCharacters } from 'node:util';

import * as fc from '../../support/fast-check.ts';
import { describe, expect, it } from 'vitest';

import { renderBar } from '../../../src/observe/bar.ts';
import type { LaneProgress, ProgressSnapshot } from '../../../src/observe/events.ts';

const SNAPSHOT: ProgressSnapshot = {
  phase: 'deleting',
  isIntakeComplete: true,
  rows: 301_310,
  total: 301_245,
  done: 114_473,
  deleted: 114_120,
  absent: 353,
  failed: 0,
  inFlight: 61,
  requests: 114_600,
  retries: 12,
  throttled: 0,
  perSecond: 1_987.6,
  etaMs: 94_000,
  lanes: [{ name: 'account', ratePerSecond: 200, pausedForMs: 0, throttledBy: 'none', yieldingForMs: 0, held: [], isClosed: false }],
  sweep: undefined,
};

function bar(changes: Partial<ProgressSnapshot>, columns = 100): string[] {
  return renderBar({ ...SNAPSHOT, ...changes }, columns, false).split('\n');
}

describe('the bar', () => {
  it('shows share, counts, rate and time left, then outcomes, then lanes', () => {
    expect(bar({})).toEqual([
      ' 37 %  ━━━━━━━━━━━━━━━─────────────────────────  114,473 / 301,245  1,988/s  1 min 34 s left',
      ' deleted 114,120 · absent 353 · failed 0 · in flight 61 · retries 12',
      ' lanes  account at 200/s',
    ]);
  });

  it('while the list is gone through, tells how far, and not the outcomes that do not change', () => {
    const sweep = { reason: 'newer', noun: 'image', done: 12_000, total: 1_204_551, found: 8, perSecond: 3_333 } as const;
    expect(bar({ sweep })).toEqual([' 12,000 of 1,204,551 images read, 8 newer  3,333/s  5 min 58 s left', ' lanes  account at 200/s']);
    expect(bar({ sweep: { ...sweep, reason: 'verify', noun: 'ID', total: undefined } })[0]).toBe(
      ' 12,000 IDs asked for, 8 to be looked at  3,333/s',
    );
    expect(bar({ sweep, phase: 'stopping' })[0]).toContain('stopping');
  });

  it('says what it reads before there is anything done', () => {
    expect(bar({ phase: 'reading', isIntakeComplete: false, done: 0, lanes: [] })[0]).toBe(' Reading … 301,310 rows, 301,245 IDs');
  });

  it('tells no share and no time left while reading goes on beside deleting', () => {
    expect(bar({ isIntakeComplete: false, etaMs: undefined }, 60)[0]).toBe(' …     114,473 / 301,245+  1,988/s');
  });

  it('says 100 % only when all is done', () => {
    expect(bar({ done: 301_244 })[0]).toMatch(/^ 99 %/);
    expect(bar({ done: 301_245 })[0]).toMatch(/^100 %/);
    expect(bar({ done: 0, total: 0 })[0]).toMatch(/^ {2}0 %/);
  });

  it('counts the time left in whole seconds', () => {
    expect(bar({ etaMs: 3_456 })[0]).toMatch(/1,988\/s {2}4 s left$/);
  });

  it('says that it stops instead of a time left', () => {
    expect(bar({ phase: 'stopping' })[0]).toMatch(/1,988\/s {2}stopping$/);
  });

  const lane = (name: LaneProgress['name'], changes: Partial<LaneProgress> = {}): LaneProgress => ({
    name,
    ratePerSecond: 200,
    pausedForMs: 0,
    throttledBy: 'none',
    yieldingForMs: 0,
    held: [],
    isClosed: false,
    ...changes,
  });

  it('says that a refusal is asked about again, and first that a host does not answer', () => {
    expect(bar({ lanes: [lane('account', { held: ['refusal'] })] }, 120)[2]).toBe(' lanes  account was refused, asks again');
    expect(bar({ lanes: [lane('account', { held: ['refusal', 'outage'] })] }, 120)[2]).toBe(' lanes  account does not answer');
  });

  it('tells of each lane at its pace, waiting, out, without a token or closed; those alike share a place', () => {
    const lanes = [
      lane(1),
      lane(2),
      lane(3),
      lane(4, { pausedForMs: 17_400 }),
      lane(5, { held: ['outage'] }),
      lane(6, { held: ['token'] }),
    ];
    expect(bar({ lanes }, 120)[2]).toBe(' lanes  1–3 at 200/s · 4 throttled, 18 s to wait · 5 does not answer · 6 waits for a token');
    expect(
      bar(
        {
          lanes: [
            lane(1, { isClosed: true }),
            lane(2, { ratePerSecond: Infinity }),
            lane(3, { ratePerSecond: 3.333 }),
            lane(4, { ratePerSecond: 1_234.5 }),
            lane(5),
          ],
        },
        120,
      )[2],
    ).toBe(' lanes  1 closed · 2 unlimited · 3 at 3.3/s · 4 at 1,235/s · …');
    expect(bar({ lanes: [lane('account', { yieldingForMs: 61_000 })] })[2]).toBe(
      ' lanes  account leaves what is left to others, 1 min 1 s to wait',
    );
    expect(bar({ lanes: [lane('account', { yieldingForMs: 300 })] })[2]).toBe(' lanes  account at 200/s');
    expect(bar({ lanes: [] })).toHaveLength(2);
  });

  it('says why a lane is throttled, and does not flicker where that comes at random', () => {
    const lanes = (changes: Partial<LaneProgress>): Partial<ProgressSnapshot> => ({ lanes: [lane('account', changes)] });
    expect(bar(lanes({ throttledBy: 'random', pausedForMs: 900 }))[2]).toBe(' lanes  account at 200/s, throttled at random');
    expect(bar(lanes({ throttledBy: 'random', pausedForMs: 60_000 }))[2]).toBe(' lanes  account throttled, 1 min to wait');
    expect(bar(lanes({ throttledBy: 'speed', ratePerSecond: 147.3 }))[2]).toBe(' lanes  account at 147/s, about what the API allows');
    expect(bar(lanes({ throttledBy: 'unknown', pausedForMs: 900 }))[2]).toBe(' lanes  account throttled, 1 s to wait');
  });

  it('is never wider than the terminal, coloured or not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.boolean(), fc.nat(), (columns, hasColors, done) => {
        const lines = renderBar({ ...SNAPSHOT, done, total: done + 1 }, columns, hasColors).split('\n');
        return lines.every((line) => stripVTControlCharacters(line).length <= columns);
      }),
    );
  });

  it('has colours only where they are wanted, and the same text with them', () => {
    const coloured = renderBar(SNAPSHOT, 100, true);
    expect(coloured).toContain('\u001b[36m━');
    expect(stripVTControlCharacters(coloured)).toBe(bar({}).join('\n'));
    expect(bar({}).join('')).not.toContain('\u001b');
  });
});
