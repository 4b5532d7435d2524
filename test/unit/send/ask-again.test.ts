import { describe, expect, it } from 'vitest';

import type { ReadAnswer } from '../../../src/answer/answers.ts';
import type { Disposition } from '../../../src/domain/disposition.ts';
import type { Lane, Permit } from '../../../src/pace/types.ts';
import { askAgain } from '../../../src/send/ask-again.ts';
import type { Work } from '../../../src/send/work.ts';
import { imageId } from '../../support/ledger/checkpoint.ts';

const work = (name: string): Work => ({ seq: 1, id: imageId(name), attempts: 0, isUnknown: false });
const answerOf = (disposition: Disposition): ReadAnswer => ({
  disposition,
  httpStatus: 403,
  code: undefined,
  message: '',
  cfRay: undefined,
  retryAfterMs: undefined,
});

/** A feed with one ID that is ready, and perhaps the refused one; whatever is sent gets the given answer. */
class Bench {
  readonly notes: string[] = [];
  refused: Work | undefined = work('refused');
  readonly #permit = { lane: { requestEnded: () => void this.notes.push('permit unused') } } as unknown as Permit;
  ready: Work[] = [work('another')];
  isAtHand = true;
  permitted = true;

  ask(disposition: Disposition | undefined, lane?: Partial<Lane>): ReturnType<typeof askAgain> {
    return askAgain(this.refused, lane as Lane | undefined, {
      feed: { take: () => this.ready.shift(), takeThis: () => this.isAtHand, nudge: () => void this.notes.push('nudged') },
      lanes: {
        takeProbe: (only) => {
          this.notes.push(`permit of ${only === undefined ? 'any lane' : String(only.name)}`);
          return Promise.resolve(this.permitted ? this.#permit : undefined);
        },
      },
      ended: new AbortController().signal,
      send: ({ id }) => {
        this.notes.push(`sent ${id}`);
        return Promise.resolve(disposition === undefined ? undefined : answerOf(disposition));
      },
    });
  }
}

describe('a refused ID that is asked for again', () => {
  it.each<[string, Disposition | undefined, object]>([
    ['deleted', { kind: 'done', outcome: 'deleted' }, { kind: 'well' }],
    ['absent', { kind: 'done', outcome: 'absent' }, { kind: 'well' }],
    ['failed by itself', { kind: 'fail-item', streak: 'none' }, { kind: 'well' }],
    ['a 429', { kind: 'throttled', retryAfterMs: 1, httpStatus: 429, code: undefined }, { kind: 'throttled' }],
    ['a failure that is retried', { kind: 'retry', retryAfterMs: undefined }, { kind: 'unanswered' }],
    ['a refused token', { kind: 'refused', reason: 'credentials' }, { kind: 'unanswered' }],
    ['no answer as the run ends', undefined, { kind: 'unanswered' }],
    ['refused', { kind: 'stop-run', reason: 'address' }, { kind: 'refused', reason: 'address', answer: { httpStatus: 403 } }],
  ])('tells by its answer (%s) whether the refusal lasts', async (_, disposition, second) => {
    const bench = new Bench();
    expect(await bench.ask(disposition, { name: 1, isClosed: false })).toMatchObject(second);
    expect(bench.notes).toEqual(['permit of 1', 'sent refused', 'nudged']);
  });

  it('is another one where it is not at hand, and goes to any lane where its own has closed', async () => {
    const bench = new Bench();
    bench.isAtHand = false;
    await bench.ask({ kind: 'done', outcome: 'deleted' }, { name: 1, isClosed: true });
    bench.refused = undefined;
    bench.ready = [work('third')];
    await bench.ask({ kind: 'done', outcome: 'deleted' });
    expect(bench.notes.filter((note) => note !== 'nudged')).toEqual([
      'permit of any lane',
      'sent another',
      'permit of any lane',
      'sent third',
    ]);
  });

  it('tells nothing where there is no ID, or no permit', async () => {
    const bench = new Bench();
    bench.isAtHand = false;
    bench.ready = [];
    expect(await bench.ask(undefined)).toEqual({ kind: 'unanswered' });
    bench.permitted = false;
    expect(await bench.ask(undefined)).toEqual({ kind: 'unanswered' });
    expect(bench.notes).toEqual(['permit of any lane', 'permit unused', 'permit of any lane']);
  });
});
