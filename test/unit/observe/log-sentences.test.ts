import { describe, expect, it } from 'vitest';

import { prettyLine } from '../../../src/observe/pretty.ts';

const TIME = '2026-11-24T14:01:52.000Z';
const CLOCK = new Date(TIME).toLocaleTimeString('en-GB');

function sentence(fields: Record<string, unknown>, level = 'info'): string {
  const line = prettyLine(JSON.stringify({ level, time: TIME, ...fields }), false);
  expect(line.startsWith(` ${CLOCK}  `)).toBe(true);
  expect(line.endsWith('\n')).toBe(true);
  return line.slice(CLOCK.length + 3, -1);
}

describe('a log line on a terminal', () => {
  const until = '2026-11-24T14:02:10.000Z';
  it.each([
    [{ event: 'run.started', isResumed: false, checkpointPath: 'a.checkpoint', pending: 0 }, 'new purge, checkpoint a.checkpoint'],
    [{ event: 'run.started', isResumed: true, checkpointPath: 'a.checkpoint', pending: 1200 }, 'resuming a.checkpoint, 1,200 IDs left'],
    [{ event: 'intake.started', sources: ['a.csv', 'b.csv'] }, 'reading a.csv, b.csv'],
    [{ event: 'intake.finished', accepted: 301_245, elapsedMs: 2_100 }, 'read 301,245 IDs in 2.1 s'],
    [{ event: 'intake.finished', accepted: 1, elapsedMs: 3 }, 'read 1 ID in 3 ms'],
    [
      { event: 'lane.throttled', lane: 'account', httpStatus: 429, waitMs: 18_000, until },
      `account was told to wait 18 s (429), until ${new Date(until).toLocaleTimeString('en-GB')}`,
    ],
    [
      { event: 'lane.throttled', lane: 'account', httpStatus: 429, waitMs: 1_000, until, cause: 'random', ratePerSecond: 200 },
      `account was told to wait 1 s (429), until ${new Date(until).toLocaleTimeString('en-GB')}; throttled at random; the pace is kept`,
    ],
    [
      { event: 'lane.throttled', lane: 'account', httpStatus: 429, waitMs: 1_000, until, cause: 'speed', ratePerSecond: 147.28 },
      `account was told to wait 1 s (429), until ${new Date(until).toLocaleTimeString('en-GB')}; the API allows about 147/s`,
    ],
    [
      { event: 'lane.throttled', lane: 3, httpStatus: 403, code: 971, waitMs: 18_000, until },
      `lane 3 was told to wait 18 s (403/971), until ${new Date(until).toLocaleTimeString('en-GB')}; the others go on`,
    ],
    [
      { event: 'outage.started', failures: 20, lastError: '503' },
      'the API does not answer (20 failures in a row, the last: 503); sending stops, probes go on',
    ],
    [{ event: 'outage.probed', answered: true, nextProbeMs: 0 }, 'a probe was answered'],
    [{ event: 'outage.probed', answered: false, nextProbeMs: 4_000 }, 'a probe was not answered; the next in 4 s'],
    [{ event: 'outage.ended', elapsedMs: 61_000 }, 'sending goes on after 1 min 1 s'],
    [
      { event: 'refusal.doubted', lane: 'account', httpStatus: 403, code: 10000, message: 'Forbidden', deleted: 1234, waitMs: 5_000 },
      'the API refused a request (403/10000 Forbidden), after 1,234 IDs had been deleted; sending stops, and it is asked again in 5 s',
    ],
    [{ event: 'refusal.unanswered', waitMs: 10_000 }, 'whether the refusal lasts is not known yet: no answer; it is asked again in 10 s'],
    [
      { event: 'refusal.passed', strays: 1, straysMax: 5 },
      'the refusal was a mistake: asked again, all is well, and sending goes on (1 such within an hour; the 5th ends the run)',
    ],
    [{ event: 'item.failed', id: 'a', httpStatus: 400, code: 5400, message: 'Bad request' }, 'failed a: 400/5400 Bad request'],
    [{ event: 'item.failed', id: 'a', message: 'connection reset' }, 'failed a: connection reset'],
    [{ event: 'item.failed', id: 'a' }, 'failed a: no answer'],
    [{ event: 'item.more', count: 1234 }, 'and 1,234 more failed'],
    [{ event: 'metrics.listening', address: '[::1]:9464' }, 'metrics are served at http://[::1]:9464/metrics'],
    [{ event: 'item.retried', id: 'a', attempt: 2, delayMs: 1_500, httpStatus: 500 }, 'a is tried again in 1.5 s (attempt 2: 500)'],
    [
      { event: 'progress', done: 114_473, total: 301_245, perSecond: 1988, etaSeconds: 94 },
      '114,473 of 301,245 IDs done, 1988/s, 1 min 34 s left',
    ],
    [{ event: 'progress', done: 0, total: 1, perSecond: 0 }, '0 of 1 ID done, 0/s'],
    [{ event: 'stopping', reason: 'SIGINT', inFlight: 1 }, 'stopping: waiting for 1 request in flight'],
    [{ event: 'stopping', reason: 'SIGINT', inFlight: 61 }, 'stopping: waiting for 61 requests in flight'],
    [{ event: 'run.finished', stoppedBecause: 'finished', summary: {} }, 'the run ended: finished'],
  ])('for %j says %j', (fields, expected) => {
    expect(sentence(fields)).toBe(expected);
  });

  it('says that a warning is one, without colours too', () => {
    expect(sentence({ event: 'warning', code: 'SOURCE', message: 'old.csv holds no rows' }, 'warn')).toBe('warning: old.csv holds no rows');
  });

  it('without a sentence of its own shows name and fields, and no name of an inherited property is taken for one', () => {
    expect(sentence({ event: 'quota.seen', left: 3, of: 'account', deep: { a: 1 } })).toBe('quota.seen left=3 of=account deep={"a":1}');
    expect(sentence({ event: 'toString' })).toBe('toString');
    expect(sentence({ msg: 'plain' })).toBe('plain');
  });

  it('has its control characters escaped after the sentence is made, so none can hide in a field', () => {
    expect(sentence({ event: 'intake.started', sources: ['a\u001b[31m.csv\n'] })).toBe('reading a\\u{1b}[31m.csv\\u{a}');
    expect(sentence({ event: 'unknown\u0007', field: '\u2028' })).toBe('unknown\\u{7} field=\\u{2028}');
  });

  it('is coloured by its level where colours are wanted', () => {
    const line = prettyLine(JSON.stringify({ level: 'warn', time: TIME, event: 'warning', message: 'x' }), true);
    expect(line).toBe(` ${CLOCK}  \u001b[33mwarning: x\u001b[39m\n`);
  });
});
