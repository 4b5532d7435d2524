import { describe, expect, it } from 'vitest';

import { BASE_URL_DEFAULT } from '../../../src/domain/base-url.ts';
import { STREAK_COUNT_MAX } from '../../../src/answer/streaks.ts';
import type { ItemResult, TriedItem } from '../../../src/checkpoint/results.ts';
import type { Exchange } from '../../../src/cloudflare/types.ts';
import type { Connection } from '../../../src/connect/connection.ts';
import type { Refusal, Second } from '../../../src/connect/refusals.ts';
import type { LaneCredentials } from '../../../src/connect/lane-credentials.ts';
import type { PurgeEvent } from '../../../src/observe/events.ts';
import type { Throttled } from '../../../src/domain/disposition.ts';
import type { LaneName } from '../../../src/domain/lane.ts';
import type { Lane, Permit } from '../../../src/pace/types.ts';
import { createCounters } from '../../../src/run/counters.ts';
import { createHalt, type Halt } from '../../../src/run/halt.ts';
import type { PaceOptions } from '../../../src/run/run-options.ts';
import type { Feed } from '../../../src/send/feed.ts';
import type { Work } from '../../../src/send/work.ts';
import { ItemSender } from '../../../src/send/item-sender.ts';
import type { Outages } from '../../../src/send/outages.ts';
import { Outcomes } from '../../../src/send/outcomes.ts';
import type { Recorder } from '../../../src/send/recorder.ts';
import { imageId } from '../../support/ledger/checkpoint.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { apiAnswer } from '../../support/answer/api-answer.ts';

interface Setup {
  readonly laneName?: LaneName;
  readonly attemptsMax?: number;
  readonly failureCountMax?: number;
  readonly outage?: 'none' | 'of the lane' | 'of all';
}

/** Sends IDs whose answers are given, and notes what it does to their lane, to the feed and to the run. */
class Bench {
  readonly notes: string[] = [];
  readonly recorded: ItemResult[] = [];
  readonly tried: TriedItem[] = [];
  readonly events: PurgeEvent[] = [];
  readonly counters = createCounters(0);
  readonly credentials: LaneCredentials;
  readonly halt: Halt;
  readonly outcomes: Outcomes;
  /** What would confirm the last refusal. */
  again: (() => Promise<Second>) | undefined;
  readonly #sender: ItemSender;
  readonly #permit: Permit;
  #exchange: Exchange = answered(200);

  constructor({ laneName = 'account', attemptsMax = 3, failureCountMax = Infinity, outage = 'none' }: Setup = {}) {
    const { notes, counters } = this;
    const clock = new VirtualClock();
    const observer = { event: (event: PurgeEvent) => void this.events.push(event) };
    const note = (text: string) => (): void => void notes.push(text);
    const lane: Partial<Lane> = {
      name: laneName,
      requestEnded: (_permit, wasAnswered) => void notes.push(`request ended ${wasAnswered ? 'with' : 'without'} an answer`),
      answered: note('lane answered'),
    };
    const feed: Partial<Feed> = {
      putBack: note('put back'),
      setAside: (_work, waitMs) => void notes.push(waitMs === 0 ? 'set aside' : `set aside for ${waitMs} ms at least`),
      retryLater: (_work, delayMs) => void notes.push(`again in ${delayMs} ms`),
    };
    const outages: Partial<Outages> = {
      isActive: () => outage !== 'none',
      isTotal: () => outage === 'of all',
      isUnreachedBy: () => false,
      onFailure: (_lane, { id, message }) => void notes.push(`outage: ${id} failed, ${message}`),
      onAnswered: note('outage: answered'),
    };
    const connection = {
      credentialsOf: () => this.credentials,
      refused: note('token refused'),
      onThrottled: (_permit: Permit, { retryAfterMs }: Throttled) => void notes.push(`throttled for ${String(retryAfterMs)} ms`),
      renewToken: note('another token'),
      giveUp: { finalAnswer: note('final answer') },
      access: {
        refusals: {
          refused: ({ reason, answer }: Refusal, again: () => Promise<Second>) => {
            notes.push(`refused: ${reason}, ${answer.message}`);
            this.again = again;
          },
        },
      },
    } as unknown as Connection;
    this.#permit = { lane: lane as Lane, ordinal: 1, sentAtMs: 0, pauseCount: 0 };
    this.credentials = {
      deleter: {
        deleteImage: () => {
          expect(counters).toMatchObject({ inFlight: 1, requests: 1 });
          return Promise.resolve(this.#exchange);
        },
      },
      isAfterRefusal: false,
      isProven: false,
    };
    this.halt = createHalt({ clock, stop: new AbortController().signal }, Infinity);
    this.outcomes = new Outcomes({
      observer,
      counters,
      isAbsentBelieved: false,
      absentMax: { kind: 'count', count: 3 },
      record: (result) => this.recorded.push(result),
    });
    this.#sender = new ItemSender({
      deps: { clock, random: () => 0.5, observer },
      halt: this.halt,
      connection,
      pace: { attemptsMax, failureCountMax } as PaceOptions,
      counters,
      feed: feed as Feed,
      outages: outages as Outages,
      outcomes: this.outcomes,
      recorder: { addTried: (item: TriedItem) => void this.tried.push(item) } as Partial<Recorder> as Recorder,
      backingUp: undefined,
      errorContext: {
        baseUrl: BASE_URL_DEFAULT,
        nextCommand: () => 'images-purge resume x',
        accountId: 'a'.repeat(32),
        stats: { kind: 'unreadable', why: 'HTTP 403' },
        deletedCount: () => 0,
        counters,
      },
      askAgain: (work, { name }) => {
        notes.push(`asks for ${work?.id ?? 'another'} again on ${String(name)}`);
        return Promise.resolve({ kind: 'well' });
      },
    });
  }

  async send(work: Work, exchange: Exchange): Promise<boolean> {
    this.#exchange = exchange;
    this.counters.requests = 0;
    const answer = await this.#sender.send(work, this.#permit);
    expect(this.counters.inFlight).toBe(0);
    return answer !== undefined && answer.disposition.kind !== 'retry';
  }

  apply(...given: Parameters<ItemSender['apply']>): void {
    this.#sender.apply(...given);
  }

  /** The code of the error that has ended the run, or the limit. */
  get endedBy(): string | undefined {
    const { ending } = this.halt;
    return ending?.kind === 'error' ? ending.error.code : ending?.kind === 'limit' ? ending.option : undefined;
  }
}

function item(more: Partial<Work> = {}): Work {
  return { seq: 7, id: imageId('cat'), attempts: 0, isUnknown: false, ...more };
}

function answered(httpStatus: number, code?: number, more: { readonly retryAfter?: string } = {}): Exchange {
  const errors = code === undefined ? [] : [{ code, message: `said ${code}` }];
  const body = JSON.stringify({ success: code === undefined, errors, result: {} });
  return apiAnswer({ httpStatus, body, retryAfter: more.retryAfter, cfRay: 'ray-1', durationMs: 12 });
}

/** What a firewall answers. */
function plainText(httpStatus: number): Exchange {
  return { ...answered(httpStatus), body: 'Forbidden' } as Exchange;
}

function edgeRefusal(): Exchange {
  return { ...answered(403), body: 'error code: 1020' } as Exchange;
}

function unanswered(reason: 'connection' | 'aborted'): Exchange {
  return { kind: 'no-answer', reason, code: 'ECONNRESET', message: 'ECONNRESET', durationMs: 12 };
}

const WITH_ANSWER = 'request ended with an answer';
const WITHOUT_ANSWER = 'request ended without an answer';

describe('an answer that is final', () => {
  it('of a deletion is recorded, proves the credentials and resets the time until the run gives up', async () => {
    const bench = new Bench();
    expect(await bench.send(item({ attempts: 1, isUnknown: true }), answered(200))).toBe(true);
    expect(bench.notes).toEqual([WITH_ANSWER, 'lane answered', 'outage: answered', 'final answer']);
    expect(bench.credentials.isProven).toBe(true);
    expect(bench.recorded).toMatchObject([
      { seq: 7, outcome: 'deleted', httpStatus: 200, attempts: 2, earlierUnknown: true, durationMs: 12 },
    ]);
    expect(bench.endedBy).toBeUndefined();
  });

  it('of a failure is recorded with what the API said of it', async () => {
    const bench = new Bench();
    await bench.send(item(), answered(400, 5400));
    expect(bench.recorded).toMatchObject([
      { outcome: 'failed', httpStatus: 400, code: 5400, message: 'said 5400', cfRay: 'ray-1', attempts: 1, earlierUnknown: false },
    ]);
    expect(bench.notes).toContain('final answer');
  });

  it('ends the run with the first absence beyond --max-absent', async () => {
    const bench = new Bench();
    for (const seq of [8, 9, 10]) await bench.send(item({ seq }), answered(404, 5404));
    expect(bench.endedBy).toBeUndefined();
    await bench.send(item({ seq: 11 }), answered(404, 5404));
    expect(bench.endedBy).toBe('--max-absent');
  });

  it('ends the run with the first failure beyond --max-failures', async () => {
    const bench = new Bench({ failureCountMax: 1 });
    await bench.send(item(), answered(400, 5400));
    expect(bench.endedBy).toBeUndefined();
    await bench.send(item({ seq: 8 }), answered(400, 5400));
    expect(bench.endedBy).toBe('--max-failures');
  });

  it('ends the run where so many of its kind in a row mean that the address is wrong', async () => {
    const bench = new Bench();
    for (let seq = 1; seq < STREAK_COUNT_MAX.firewall; seq++) await bench.send(item({ seq }), plainText(403));
    expect(bench.endedBy).toBeUndefined();
    await bench.send(item({ seq: 99 }), plainText(403));
    expect(bench.endedBy).toBe('REFUSED_ADDRESS');
    expect(bench.recorded).toEqual([]);
  });

  it('of an absence is held as long as nothing was deleted', async () => {
    const bench = new Bench();
    await bench.send(item(), answered(404, 5404));
    expect(bench.recorded).toEqual([]);
    expect(bench.notes).toContain('final answer');
  });
});

describe('a failure that is retried', () => {
  it('says nothing of the lane but that it may be out; the ID is put on record as tried and sent again later', async () => {
    const bench = new Bench();
    const work = item();
    expect(await bench.send(work, answered(500, 1))).toBe(false);
    expect(bench.notes).toEqual([WITH_ANSWER, 'outage: cat failed, said 1', 'again in 125 ms']);
    expect(bench.tried).toEqual([{ seq: 7, attempts: 1, isUnknown: true }]);
    expect(work).toMatchObject({ attempts: 1, isUnknown: true });
    expect(bench.counters).toMatchObject({ retries: 1, failed: 0 });
    expect(bench.credentials.isProven).toBe(false);
    expect(bench.events).toEqual([{ kind: 'item.retried', id: 'cat', attempt: 1, delayMs: 125, httpStatus: 500, message: 'said 1' }]);
  });

  it('without an answer is the same, and its request ends unanswered', async () => {
    const bench = new Bench();
    expect(await bench.send(item(), unanswered('connection'))).toBe(false);
    expect(bench.notes).toEqual([WITHOUT_ANSWER, 'outage: cat failed, ECONNRESET', 'again in 125 ms']);
  });

  it('at the last attempt is recorded as failed; the image may be gone', async () => {
    const bench = new Bench({ attemptsMax: 2 });
    expect(await bench.send(item({ attempts: 1 }), unanswered('connection'))).toBe(false);
    expect(bench.recorded).toMatchObject([{ outcome: 'failed', attempts: 2, earlierUnknown: true, httpStatus: undefined }]);
    expect(bench.notes).toEqual([WITHOUT_ANSWER, 'outage: cat failed, ECONNRESET']);
    expect(bench.counters.retries).toBe(0);
  });

  it.each([
    ['of the lane', 'put back'],
    ['of all', 'set aside'],
  ] as const)('during an outage %s counts no attempt: the ID is %s', async (outage, what) => {
    const bench = new Bench({ outage, attemptsMax: 1 });
    const work = item();
    expect(await bench.send(work, unanswered('connection'))).toBe(false);
    expect(bench.notes.at(-1)).toBe(what);
    expect(work).toMatchObject({ attempts: 0, isUnknown: true });
    expect(bench.recorded).toEqual([]);
    expect(bench.tried).toEqual([]);
  });
});

describe('a wait that the answer asks for', () => {
  it.each([
    ['none', 'again in 7125 ms'],
    ['of the lane', 'again in 7000 ms'],
    ['of all', 'set aside for 7000 ms at least'],
  ] as const)('is the least until the ID is sent again; outage: %s', async (outage, what) => {
    const bench = new Bench({ outage });
    await bench.send(item(), answered(503, 5503, { retryAfter: '7' }));
    expect(bench.notes.at(-1)).toBe(what);
  });
});

describe('an edge’s refusal on a batch lane', () => {
  it('fails the ID, proves nothing of the token, and renews none', async () => {
    const bench = new Bench({ laneName: 1 });
    await bench.send(item(), edgeRefusal());
    expect(bench.credentials.isProven).toBe(false);
    expect(bench.notes).toEqual([WITH_ANSWER, 'lane answered', 'outage: answered', 'final answer']);
    bench.outcomes.endFailures(true);
    expect(bench.recorded).toMatchObject([{ outcome: 'failed', httpStatus: 403, code: 1020 }]);
  });

  it('a page without a code is still about the token', async () => {
    const bench = new Bench({ laneName: 1 });
    await bench.send(item(), plainText(403));
    expect(bench.notes).toContain('token refused');
  });
});

describe('a 429', () => {
  it('is the lane’s affair: the ID is sent again, and nothing is counted', async () => {
    const bench = new Bench();
    const work = item();
    expect(await bench.send(work, answered(429, 971, { retryAfter: '7' }))).toBe(true);
    expect(bench.notes).toEqual([WITH_ANSWER, 'throttled for 7000 ms', 'put back']);
    expect(work).toEqual(item());
    expect(bench.credentials.isProven).toBe(false);
  });
});

describe('a refusal', () => {
  it('of the account’s credentials is told; the ID is pending again as it was, and asked for again where that is wanted', async () => {
    const bench = new Bench();
    const work = item({ attempts: 2 });
    expect(await bench.send(work, answered(403, 10000))).toBe(true);
    expect(bench.notes).toEqual([WITH_ANSWER, 'lane answered', 'outage: answered', 'put back', 'refused: credentials, said 10000']);
    expect(work).toEqual(item({ attempts: 2 }));
    expect(bench.recorded).toEqual([]);
    expect(await bench.again?.()).toEqual({ kind: 'well' });
    expect(bench.notes.slice(-2)).toEqual(['another token', 'asks for cat again on account']);
    work.attempts++;
    await bench.again?.();
    expect(bench.notes.slice(-2)).toEqual(['asks for cat again on account', 'asks for another again on account']);
  });

  it('of a batch token asks for another; the ID is sent again, at once the first time and later after that', async () => {
    const bench = new Bench({ laneName: 1 });
    const work = item();
    for (let n = 0; n < 3; n++) await bench.send(work, answered(401, 10000));
    expect(bench.notes.filter((note) => /put back|again in|refused/.test(note))).toEqual([
      'token refused',
      'put back',
      'token refused',
      'again in 1000 ms',
      'token refused',
      'again in 2000 ms',
    ]);
    expect(work).toEqual(item({ refusals: 3 }));
    expect(bench.credentials.isProven).toBe(false);
    expect(bench.notes).not.toContain('final answer');
    expect(bench.endedBy).toBeUndefined();
  });
});

describe('a request that is given up as the run ends', () => {
  it('leaves its ID pending, perhaps deleted, and says nothing of lane or outage', async () => {
    const bench = new Bench();
    expect(await bench.send(item(), unanswered('aborted'))).toBe(false);
    expect(bench.notes).toEqual([WITHOUT_ANSWER]);
    expect(bench.outcomes.tried()).toEqual([{ seq: 7, attempts: 0, isUnknown: true }]);
    expect(bench.counters).toMatchObject({ retries: 0, failed: 0 });
  });
});

describe('a verdict', () => {
  it('that doubts the account ends the run by the absent rule', () => {
    const bench = new Bench();
    bench.apply('continue', undefined);
    expect(bench.halt.signal.aborted).toBe(false);
    bench.apply('account-doubted', undefined);
    expect(bench.endedBy).toBe('ABSENT_RULE');
    expect(bench.halt.isRefused).toBe(true);
  });

  it('is applied after failures held until the end have been counted', () => {
    const bench = new Bench({ failureCountMax: 4 });
    bench.counters.failed = 4;
    bench.apply('continue', undefined);
    expect(bench.endedBy).toBeUndefined();
    bench.counters.failed = 5;
    bench.apply('continue', undefined);
    expect(bench.endedBy).toBe('--max-failures');
  });
});
