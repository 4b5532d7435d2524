import { beforeEach, describe, expect, it } from 'vitest';

import type { Observer, PurgeEvent } from '../../../src/observe/events.ts';
import { type LogLevel, openLog } from '../../../src/observe/log.ts';
import { createLogObserver } from '../../../src/observe/log-observer.ts';

let nowMs = 0;
let told: Record<string, unknown>[] = [];
beforeEach(() => {
  nowMs = 0;
  told = [];
});

function observer(level: LogLevel = 'info'): Observer {
  const log = openLog({
    level,
    filePath: undefined,
    writeStderr: (line) => told.push(JSON.parse(line) as Record<string, unknown>),
    isTerminal: false,
    hasColors: false,
    redact: (text) => text,
  });
  return createLogObserver(log.logger, () => nowMs);
}

const failed = (id: string): PurgeEvent => ({ kind: 'item.failed', id, httpStatus: 400, code: 5400, message: undefined });
const stopping: PurgeEvent = { kind: 'stopping', reason: 'SIGTERM', inFlight: 3 };

describe('the observer', () => {
  it('tells an event as one record under its name, times of day as ISO text', () => {
    const untilWallMs = Date.UTC(2026, 10, 24, 14, 2, 10);
    observer().event({
      kind: 'lane.throttled',
      lane: 'account',
      httpStatus: 429,
      code: 971,
      waitMs: 18_000,
      untilWallMs,
      cause: 'unknown',
      ratePerSecond: 200,
    });
    expect(told).toEqual([
      {
        level: 'warn',
        time: expect.any(String),
        event: 'lane.throttled',
        lane: 'account',
        httpStatus: 429,
        code: 971,
        waitMs: 18_000,
        until: '2026-11-24T14:02:10.000Z',
        cause: 'unknown',
        ratePerSecond: 200,
      },
    ]);
  });

  it('tells of a retry only where every detail is asked for', () => {
    const retried: PurgeEvent = { kind: 'item.retried', id: 'a', attempt: 1, delayMs: 40, httpStatus: 500, message: undefined };
    observer().event(retried);
    expect(told).toEqual([]);
    observer('debug').event(retried);
    expect(told).toMatchObject([{ level: 'debug', event: 'item.retried', id: 'a', attempt: 1 }]);
  });

  it('counts a flood of failures instead of telling each, and loses none of the count', () => {
    const to = observer();
    for (let n = 0; n < 1_244; n++) to.event(failed(`id${n}`));
    expect(told.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, n) => `id${n}`));
    nowMs = 1_000;
    to.event(failed('later'));
    expect(told.slice(10)).toMatchObject([
      { level: 'warn', event: 'item.more', count: 1_234 },
      { event: 'item.failed', id: 'later' },
    ]);
  });

  it('tells what was passed over before the run stops, and not again when it ends', () => {
    const to = observer();
    for (let n = 0; n < 12; n++) to.event(failed(`id${n}`));
    to.event(stopping);
    to.event(stopping);
    expect(told.slice(10)).toMatchObject([{ event: 'item.more', count: 2 }, { event: 'stopping', inFlight: 3 }, { event: 'stopping' }]);
  });

  it('tells what was passed over even where the ending itself is not told', () => {
    const to = observer('warn');
    for (let n = 0; n < 12; n++) to.event(failed(`id${n}`));
    to.event(stopping);
    expect(told.slice(10)).toMatchObject([{ event: 'item.more', count: 2 }]);
    expect(told).toHaveLength(11);
  });

  it('tells every failure where they come slowly', () => {
    const to = observer();
    for (nowMs = 0; nowMs < 30_000; nowMs += 100) to.event(failed(`id${nowMs}`));
    expect(told).toHaveLength(300);
    expect(told.every(({ event }) => event === 'item.failed')).toBe(true);
  });
});
