import { describe, expect, it } from 'vitest';

import { ABSENT_COUNT_MAX, createAbsentGate } from '../../../src/answer/absent-gate.ts';
import { createStreaks } from '../../../src/answer/streaks.ts';

const times = <T>(count: number, work: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => work(index));

describe('the absent rule', () => {
  it('holds absences until the first deletion is recorded, then gives them back in order', () => {
    const gate = createAbsentGate<number>({ isOpen: false });
    expect(times(5, (index) => gate.absent(index, false).kind)).toEqual(times(5, () => 'hold'));
    expect([gate.isOpen, gate.heldCount]).toEqual([false, 5]);
    expect(gate.deletedRecorded()).toEqual([0, 1, 2, 3, 4]);
    expect(gate.isOpen).toBe(true);
    expect(gate.absent(6, false).kind).toBe('record');
    expect(gate.heldCount).toBe(0);
  });

  it('trips on the hundredth absence and not before', () => {
    const gate = createAbsentGate<number>({ isOpen: false });
    const kinds = times(ABSENT_COUNT_MAX, (index) => gate.absent(index, false).kind);
    expect(kinds.slice(0, -1).every((kind) => kind === 'hold')).toBe(true);
    expect(kinds.at(-1)).toBe('trip');
    expect(gate.release()).toHaveLength(ABSENT_COUNT_MAX);
  });

  it('holds on, and never trips, between the answer to the first deletion and its record', () => {
    const gate = createAbsentGate<number>({ isOpen: false });
    times(ABSENT_COUNT_MAX - 1, (index) => gate.absent(index, false));
    gate.deletedAnswered();
    expect(times(50, (index) => gate.absent(index, false).kind)).toEqual(times(50, () => 'hold'));
    expect(gate.isOpen).toBe(false);
    expect(gate.deletedRecorded()).toHaveLength(ABSENT_COUNT_MAX + 49);
  });

  it('does not count IDs that an earlier request may have deleted', () => {
    const gate = createAbsentGate<number>({ isOpen: false });
    expect(times(500, (index) => gate.absent(index, true).kind).every((kind) => kind === 'hold')).toBe(true);
    expect(gate.endOfWork(0)).toMatchObject({ kind: 'record' });
  });

  it('trips at the end of a shorter run in which all were absent', () => {
    const gate = createAbsentGate<number>({ isOpen: false });
    gate.absent(1, false);
    expect(gate.endOfWork(0)).toEqual({ kind: 'trip' });
  });

  it('believes a shorter run in which another ID got another answer', () => {
    const gate = createAbsentGate<number>({ isOpen: false });
    gate.absent(1, false);
    expect(gate.endOfWork(1)).toEqual({ kind: 'record', held: [1] });
  });

  it('believes everything where absences are expected', () => {
    const gate = createAbsentGate<number>({ isOpen: true });
    expect(times(500, (index) => gate.absent(index, false).kind).every((kind) => kind === 'record')).toBe(true);
  });
});

describe('streaks', () => {
  it.each([
    ['not-found', 20],
    ['firewall', 5],
  ] as const)('%s: %i in a row trip, with all of them; one fewer does not', (kind, count) => {
    const streaks = createStreaks<number>();
    const steps = times(count, (index) => streaks.failItem(kind, index));
    for (const step of steps.slice(0, -1)) expect(step).toEqual({ toRecord: [], kind: 'hold' });
    expect(steps.at(-1)).toEqual({ toRecord: [], kind: 'trip', held: times(count, (index) => index) });
  });

  it('any other final answer ends a streak: what was held is recorded', () => {
    const streaks = createStreaks<number>();
    times(19, (index) => streaks.failItem('not-found', index));
    expect(streaks.otherFinalAnswer()).toEqual(times(19, (index) => index));
    expect(times(19, (index) => streaks.failItem('not-found', index).kind).every((kind) => kind === 'hold')).toBe(true);
  });

  it('a failure of the other kind ends a streak too, and begins its own', () => {
    const streaks = createStreaks<string>();
    streaks.failItem('firewall', 'a');
    expect(streaks.failItem('not-found', 'b')).toEqual({ toRecord: ['a'], kind: 'hold' });
    expect(streaks.otherFinalAnswer()).toEqual(['b']);
  });

  it('one that has tripped takes in what was still in flight', () => {
    const streaks = createStreaks<number>();
    times(5, (index) => streaks.failItem('firewall', index));
    expect(streaks.failItem('firewall', 5)).toEqual({ toRecord: [], kind: 'trip', held: [5] });
    expect(streaks.otherFinalAnswer()).toEqual([]);
  });
});
