import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ProgressSnapshot } from '../../../src/observe/events.ts';
import { openLog } from '../../../src/observe/log.ts';
import { type Progress, type ProgressOptions, startProgress } from '../../../src/observe/progress.ts';
import { createScreen, type Screen } from '../../support/cli/screen.ts';

const SNAPSHOT: ProgressSnapshot = {
  phase: 'deleting',
  isIntakeComplete: true,
  rows: 1_000,
  total: 1_000,
  done: 0,
  deleted: 0,
  absent: 0,
  failed: 0,
  inFlight: 16,
  requests: 114_600,
  retries: 0,
  throttled: 0,
  perSecond: 100.04,
  etaMs: 10_400,
  sweep: undefined,
  lanes: [{ name: 'account', ratePerSecond: 200, pausedForMs: 0, throttledBy: 'none', yieldingForMs: 0, held: [], isClosed: false }],
};

let snapshot = SNAPSHOT;
let screen: Screen;
beforeEach(() => {
  vi.useFakeTimers();
  snapshot = SNAPSHOT;
  screen = createScreen();
});
afterEach(() => {
  vi.useRealTimers();
});

async function started(kind: ProgressOptions['kind']): Promise<Progress> {
  const log = openLog({
    level: 'info',
    filePath: undefined,
    writeStderr: (text) => screen.stream.write(text),
    isTerminal: false,
    hasColors: false,
    redact: (text) => text,
  });
  const progress = startProgress({ kind, stderr: screen.stream, hasColors: true, logger: log.logger, snapshot: () => snapshot });
  await vi.dynamicImportSettled();
  return progress;
}

/** What the bar shows of how much is done, the lines above it included. */
function shown(): string[] {
  return screen.lines().map((line) => /[\d,]+ \/ 1,000/.exec(line)?.[0] ?? line.trim());
}

const BELOW = ['deleted 0 · absent 0 · failed 0 · in flight 16 · retries 0', 'lanes  account at 200/s'];

describe('a bar', () => {
  it('is drawn over itself as things go on', async () => {
    const progress = await started('bar');
    expect(shown()).toEqual(['0 / 1,000', ...BELOW]);
    snapshot = { ...SNAPSHOT, done: 500 };
    vi.advanceTimersByTime(1_000);
    expect(shown()).toEqual(['500 / 1,000', ...BELOW]);
    progress.stop();
  });

  it('lets lines scroll by above it', async () => {
    const progress = await started('bar');
    progress.above('one\n');
    vi.advanceTimersByTime(1_000);
    progress.above('two\nthree\n');
    expect(shown()).toEqual(['one', 'two', 'three', '0 / 1,000', ...BELOW]);
    progress.stop();
  });

  it('is taken off the screen when it stops, and is not drawn again', async () => {
    const progress = await started('bar');
    progress.above('one\n');
    progress.stop();
    progress.stop();
    expect(shown()).toEqual(['one']);
    const written = screen.written();
    vi.advanceTimersByTime(60_000);
    expect(screen.written()).toBe(written);
    progress.above('two\n');
    expect(shown()).toEqual(['one', 'two']);
  });

  it.each([
    [0, 0],
    [80, 0],
    [0, 24],
  ])('is drawn on a terminal that says it is %i columns wide and %i rows high as on one of 80 × 24', async (columns, rows) => {
    screen = createScreen(80, 24);
    (await started('bar')).stop();
    const expected = screen.written();
    screen = createScreen(columns, rows);
    const progress = await started('bar');
    expect(shown()).toEqual(['0 / 1,000', ...BELOW]);
    progress.stop();
    expect(screen.written()).toBe(expected);
  });

  it('stopped before it was ever drawn leaves the screen as it was', async () => {
    const progress = startProgress({
      kind: 'bar',
      stderr: screen.stream,
      hasColors: true,
      logger: openLog({
        level: 'silent',
        filePath: undefined,
        writeStderr: () => undefined,
        isTerminal: true,
        hasColors: false,
        redact: (text) => text,
      }).logger,
      snapshot: () => snapshot,
    });
    progress.above('one\n');
    progress.stop();
    await vi.dynamicImportSettled();
    vi.advanceTimersByTime(1_000);
    expect(screen.written()).toBe('one\n');
  });

  it('grows and shrinks with its lanes and leaves nothing of itself behind', async () => {
    const progress = await started('bar');
    snapshot = { ...SNAPSHOT, lanes: [] };
    vi.advanceTimersByTime(200);
    expect(shown()).toEqual(['0 / 1,000', BELOW[0]]);
    snapshot = SNAPSHOT;
    vi.advanceTimersByTime(200);
    expect(shown()).toEqual(['0 / 1,000', ...BELOW]);
    progress.stop();
    expect(screen.lines()).toEqual([]);
  });

  it('leaves the cursor to be seen: a run killed under it must not hide it for good', async () => {
    const progress = await started('bar');
    progress.stop();
    expect(screen.written()).not.toContain('\u001b[?25l');
  });
});

describe('log lines of progress', () => {
  it('come each 10 s, in JSON, and end when it stops', async () => {
    const progress = await started('log');
    vi.advanceTimersByTime(9_999);
    expect(screen.written()).toBe('');
    snapshot = { ...SNAPSHOT, done: 400, deleted: 390, absent: 8, failed: 2 };
    vi.advanceTimersByTime(1);
    snapshot = { ...snapshot, etaMs: undefined };
    vi.advanceTimersByTime(10_000);
    progress.stop();
    vi.advanceTimersByTime(60_000);
    const line = {
      level: 'info',
      time: expect.any(String) as string,
      event: 'progress',
      done: 400,
      total: 1_000,
      deleted: 390,
      absent: 8,
      failed: 2,
      perSecond: 100,
    };
    expect(screen.lines().map((text) => JSON.parse(text) as unknown)).toEqual([{ ...line, etaSeconds: 10 }, line]);
  });

  it('say how far the list of the account was gone through', async () => {
    const progress = await started('log');
    snapshot = { ...SNAPSHOT, sweep: { reason: 'newer', noun: 'image', done: 3_000, total: 9_000, found: 8, perSecond: 300 } };
    vi.advanceTimersByTime(10_000);
    progress.stop();
    expect(JSON.parse(screen.lines()[0] ?? '')).toMatchObject({ sweep: { reason: 'newer', done: 3_000, total: 9_000, found: 8 } });
  });
});

describe('no progress', () => {
  it('says nothing of its own and lets lines through', async () => {
    const progress = await started('none');
    vi.advanceTimersByTime(60_000);
    progress.above('one\n');
    progress.stop();
    expect(screen.written()).toBe('one\n');
  });
});
