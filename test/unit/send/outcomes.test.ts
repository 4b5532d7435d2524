import { describe, expect, it } from 'vitest';

import { ABSENT_COUNT_MAX } from '../../../src/answer/absent-gate.ts';
import { STREAK_COUNT_MAX, type StreakKind } from '../../../src/answer/streaks.ts';
import type { ItemResult, ResultBatch } from '../../../src/checkpoint/results.ts';
import type { PurgeEvent } from '../../../src/observe/events.ts';
import { createCounters, toRunCounts } from '../../../src/run/counters.ts';
import type { Work } from '../../../src/send/work.ts';
import type { Streak } from '../../../src/send/next-step.ts';
import { Outcomes, type Verdict } from '../../../src/send/outcomes.ts';
import type { CountMax } from '../../../src/run/run-options.ts';
import { imageId } from '../../support/ledger/checkpoint.ts';

interface Answered {
  /** An earlier request may have deleted it. */
  readonly isUnknown?: boolean;
  readonly attempts?: number;
  readonly streak?: Streak;
}

/** Outcomes of IDs that are numbered as they are answered, from 1. */
class Bench {
  readonly counters = createCounters(0);
  readonly recorded: ItemResult[] = [];
  readonly events: PurgeEvent[] = [];
  readonly outcomes: Outcomes;
  #seq = 0;

  constructor({ isAbsentBelieved = false, absentMax = { kind: 'none' } }: { isAbsentBelieved?: boolean; absentMax?: CountMax } = {}) {
    this.outcomes = new Outcomes({
      observer: { event: (event: PurgeEvent) => void this.events.push(event) },
      counters: this.counters,
      isAbsentBelieved,
      absentMax,
      record: (result) => this.recorded.push(result),
    });
  }

  answer(outcome: ItemResult['outcome'], { isUnknown = false, attempts = 1, streak = 'none' }: Answered = {}): Verdict {
    const seq = ++this.#seq;
    const work: Work = { seq, id: imageId(`image-${seq}`), attempts, isUnknown };
    return this.outcomes.add(work, resultOf(work, outcome), streak);
  }

  /** @returns the last verdict */
  answerMany(count: number, outcome: ItemResult['outcome'], answered?: Answered): Verdict {
    let verdict: Verdict = 'continue';
    for (let n = 0; n < count; n++) verdict = this.answer(outcome, answered);
    return verdict;
  }

  /** Everything recorded so far is on disk. */
  commit(): void {
    const batch: ResultBatch = { results: [...this.recorded], tried: [], moments: [], run: toRunCounts(this.counters, 0), nowMs: 0 };
    this.outcomes.committed(batch);
  }

  get recordedSeqs(): number[] {
    return this.recorded.map(({ seq }) => seq);
  }
}

function resultOf({ seq, attempts, isUnknown }: Work, outcome: ItemResult['outcome']): ItemResult {
  return {
    seq,
    outcome,
    httpStatus: outcome === 'deleted' ? 200 : 404,
    code: undefined,
    message: 'as it was answered',
    cfRay: undefined,
    attempts,
    earlierUnknown: isUnknown,
    atMs: 0,
    durationMs: 1,
  };
}

describe('an outcome', () => {
  it('of a deletion or a failure is recorded and counted at once', () => {
    const bench = new Bench();
    expect(bench.answer('deleted')).toBe('continue');
    expect(bench.answer('failed')).toBe('continue');
    expect(bench.recorded.map(({ outcome }) => outcome)).toEqual(['deleted', 'failed']);
    expect(bench.counters).toMatchObject({ deleted: 1, failed: 1, absent: 0 });
    expect(bench.outcomes.tried()).toEqual([]);
  });

  it('of a failure is told of, and no other', () => {
    const bench = new Bench({ isAbsentBelieved: true });
    bench.answer('deleted');
    bench.answer('absent');
    bench.answer('failed');
    expect(bench.events).toEqual([{ kind: 'item.failed', id: 'image-3', httpStatus: 404, code: undefined, message: 'as it was answered' }]);
  });
});

describe('the absent rule', () => {
  it('records absences at once where they are believed from the start, however many there are', () => {
    const bench = new Bench({ isAbsentBelieved: true });
    expect(bench.answerMany(ABSENT_COUNT_MAX + 1, 'absent')).toBe('continue');
    expect(bench.counters.absent).toBe(ABSENT_COUNT_MAX + 1);
    expect(bench.outcomes.endAbsences(true)).toBe('continue');
  });

  it('holds absences until a deletion is on disk, then records them', () => {
    const bench = new Bench();
    bench.answerMany(3, 'absent');
    bench.answer('failed');
    bench.commit();
    expect(bench.recordedSeqs).toEqual([4]);
    bench.answer('deleted');
    expect(bench.recordedSeqs).toEqual([4, 5]);
    bench.commit();
    expect(bench.recordedSeqs).toEqual([4, 5, 1, 2, 3]);
    bench.answer('absent');
    expect(bench.recordedSeqs).toEqual([4, 5, 1, 2, 3, 6]);
    expect(bench.counters).toMatchObject({ absent: 4, deleted: 1, failed: 1 });
  });

  it('doubts the account at the last of so many absences, not before', () => {
    const bench = new Bench();
    expect(bench.answerMany(ABSENT_COUNT_MAX - 1, 'absent')).toBe('continue');
    expect(bench.answer('absent')).toBe('account-doubted');
    expect(bench.recorded).toEqual([]);
  });

  it('does not count absences that an earlier request may have caused', () => {
    const bench = new Bench();
    bench.answerMany(ABSENT_COUNT_MAX - 1, 'absent');
    expect(bench.answerMany(ABSENT_COUNT_MAX, 'absent', { isUnknown: true })).toBe('continue');
    expect(bench.answer('absent')).toBe('account-doubted');
  });

  it('does not doubt the account once something was deleted, though that is not on disk yet', () => {
    const bench = new Bench();
    bench.answer('deleted');
    expect(bench.answerMany(ABSENT_COUNT_MAX + 1, 'absent')).toBe('continue');
    expect(bench.recordedSeqs).toEqual([1]);
  });

  it('at the end of all work records what was held where other IDs were deleted or failed', () => {
    const bench = new Bench();
    bench.answerMany(2, 'absent');
    bench.answer('failed');
    expect(bench.outcomes.endAbsences(true)).toBe('continue');
    expect(bench.recordedSeqs).toEqual([3, 1, 2]);
    expect(bench.outcomes.tried()).toEqual([]);
  });

  it('at the end of all work doubts the account where nothing but absences were answered; they stay pending', () => {
    const bench = new Bench();
    bench.answer('absent');
    expect(bench.outcomes.endAbsences(true)).toBe('account-doubted');
    expect(bench.recorded).toEqual([]);
    expect(bench.counters.absent).toBe(0);
  });

  it('at any other end leaves what was held pending, whatever else was answered', () => {
    const bench = new Bench();
    bench.answer('failed');
    bench.answer('absent', { attempts: 3, isUnknown: true });
    expect(bench.outcomes.endAbsences(false)).toBe('continue');
    expect(bench.recordedSeqs).toEqual([1]);
    expect(bench.outcomes.tried()).toEqual([{ seq: 2, attempts: 2, isUnknown: true }]);
  });
});

describe.each(Object.entries(STREAK_COUNT_MAX) as [StreakKind, number][])('failures of the kind %s', (streak, countMax) => {
  const other: StreakKind = streak === 'firewall' ? 'not-found' : 'firewall';

  it('are held, and believed with the next answer of another kind', () => {
    const bench = new Bench();
    expect(bench.answerMany(countMax - 1, 'failed', { streak })).toBe('continue');
    expect(bench.recorded).toEqual([]);
    expect(bench.counters.failed).toBe(0);
    bench.answer('deleted');
    expect(bench.counters).toMatchObject({ failed: countMax - 1, deleted: 1 });
    // Before the answer that ended the streak: in the order in which they were answered.
    expect(bench.recorded.at(-1)?.outcome).toBe('deleted');
  });

  it('are believed with a failure of the other kind, which is held in turn', () => {
    const bench = new Bench();
    bench.answerMany(2, 'failed', { streak });
    expect(bench.answer('failed', { streak: other })).toBe('continue');
    expect(bench.recordedSeqs).toEqual([1, 2]);
  });

  it('are not believed when there are too many in a row: their IDs stay pending, without that attempt', () => {
    const bench = new Bench();
    bench.answerMany(countMax - 1, 'failed', { streak, attempts: 2 });
    expect(bench.answer('failed', { streak, attempts: 1 })).toBe('address-doubted');
    expect(bench.recorded).toEqual([]);
    expect(bench.counters.failed).toBe(0);
    // The last was sent once and never failed before: the next run need not know.
    expect(bench.outcomes.tried()).toEqual(
      Array.from({ length: countMax - 1 }, (_, index) => ({ seq: index + 1, attempts: 1, isUnknown: false })),
    );
  });

  it('are doubted one by one after that: what was in flight then', () => {
    const bench = new Bench();
    bench.answerMany(countMax, 'failed', { streak });
    expect(bench.answer('failed', { streak })).toBe('address-doubted');
    expect(bench.recorded).toEqual([]);
  });

  it('are recorded at the end of a run where they are believed', () => {
    const bench = new Bench();
    bench.answerMany(2, 'failed', { streak });
    bench.outcomes.endFailures(true);
    expect(bench.recordedSeqs).toEqual([1, 2]);
    expect(bench.outcomes.tried()).toEqual([]);
  });

  it('are left pending at the end of a run that was refused', () => {
    const bench = new Bench();
    bench.answer('failed', { streak, isUnknown: true });
    bench.answer('failed', { streak });
    bench.outcomes.endFailures(false);
    expect(bench.recorded).toEqual([]);
    expect(bench.outcomes.tried()).toEqual([{ seq: 1, attempts: 0, isUnknown: true }]);
  });
});

describe('an ID that is left pending', () => {
  it('is remembered as it is, where anything was sent for it', () => {
    const { outcomes, counters, recorded } = new Bench();
    outcomes.leavePending({ seq: 1, id: imageId('a'), attempts: 0, isUnknown: false });
    outcomes.leavePending({ seq: 2, id: imageId('b'), attempts: 2, isUnknown: false });
    outcomes.leavePending({ seq: 3, id: imageId('c'), attempts: 0, isUnknown: true });
    expect(outcomes.tried()).toEqual([
      { seq: 2, attempts: 2, isUnknown: false },
      { seq: 3, attempts: 0, isUnknown: true },
    ]);
    expect(recorded).toEqual([]);
    expect(counters).toMatchObject({ deleted: 0, absent: 0, failed: 0 });
  });
});

describe('--max-absent', () => {
  it('as a number ends the run with the first absence beyond it, held or recorded', () => {
    for (const isAbsentBelieved of [false, true]) {
      const bench = new Bench({ isAbsentBelieved, absentMax: { kind: 'count', count: 5 } });
      expect(bench.answerMany(5, 'absent')).toBe('continue');
      expect(bench.answer('absent')).toBe('too-many-absent');
      // Whatever is still in flight changes nothing.
      expect(bench.answer('deleted')).toBe('too-many-absent');
    }
  });

  it('does not count absences that may be our own doing', () => {
    const bench = new Bench({ isAbsentBelieved: true, absentMax: { kind: 'count', count: 0 } });
    expect(bench.answer('absent', { isUnknown: true })).toBe('continue');
    expect(bench.answer('absent')).toBe('too-many-absent');
  });

  it('as a share waits for 100 answers', () => {
    const bench = new Bench({ isAbsentBelieved: true, absentMax: { kind: 'share', percent: 10 } });
    expect(bench.answerMany(11, 'absent')).toBe('continue');
    expect(bench.answerMany(80, 'deleted')).toBe('continue');
    expect(bench.answerMany(8, 'failed')).toBe('continue');
    expect(bench.answer('deleted')).toBe('too-many-absent');
    const exact = new Bench({ isAbsentBelieved: true, absentMax: { kind: 'share', percent: 10 } });
    exact.answerMany(10, 'absent');
    expect(exact.answerMany(90, 'deleted')).toBe('continue');
  });
});
