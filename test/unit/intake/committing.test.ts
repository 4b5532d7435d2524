import { describe, expect, it } from 'vitest';

import { Committing, type ReadRows } from '../../../src/intake/committing.ts';
import type { ImageId } from '../../../src/domain/image-id.ts';
import type { PlannedBatch } from '../../../src/plan/plan-batch.ts';

function planned(count: number, firstLine: number): PlannedBatch {
  return {
    ids: Array.from({ length: count }, (_, index) => `image-${firstLine + index}` as ImageId),
    lines: Array.from({ length: count }, (_, index) => firstLine + index),
    suspicious: [],
    rejected: [{ raw: '..', reason: 'a dot segment', line: firstLine }],
    skippedCount: 1,
    otherShardIds: [],
  };
}

/** Commits that end when they are told to. */
class Commits {
  readonly seen: ReadRows[] = [];
  isHalted = false;
  #waiting: PromiseWithResolvers<void>[] = [];
  readonly committing: Committing = new Committing(
    (rows) => {
      this.seen.push(rows);
      const end = Promise.withResolvers<void>();
      this.#waiting.push(end);
      return end.promise;
    },
    () => this.isHalted,
  );

  async endNext(): Promise<void> {
    this.#waiting.shift()?.resolve();
    // Whatever follows from it happens before the next macrotask.
    await new Promise((resolve) => setImmediate(resolve));
  }

  failNext(error: Error): void {
    this.#waiting.shift()?.reject(error);
  }

  get counts(): number[] {
    return this.seen.map(({ ids }) => ids.count);
  }
}

describe('what is read while rows are committed', () => {
  it('is gathered and committed as one when that is done, without another row', async () => {
    const commits = new Commits();
    for (const line of [1, 11, 21]) await commits.committing.add(0, planned(10, line));
    expect(commits.counts).toEqual([10]);
    await commits.endNext();
    expect(commits.counts).toEqual([10, 20]);
    expect(commits.seen[1]).toMatchObject({ sourceIndex: 0, skippedCount: 2, rejected: [{ line: 11 }, { line: 21 }] });
    expect([...(commits.seen[1]?.lines ?? [])]).toEqual(Array.from({ length: 20 }, (_, index) => index + 11));
    expect(commits.seen[1]?.ids.texts).toEqual(Array.from({ length: 20 }, (_, index) => `image-${index + 11}`));
  });

  it('waits where it would become too much', async () => {
    const commits = new Commits();
    for (const line of [1, 15_001]) await commits.committing.add(0, planned(15_000, line));
    let isAdded = false;
    const adding = commits.committing.add(0, planned(15_000, 30_001)).then(() => (isAdded = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect([isAdded, ...commits.counts]).toEqual([false, 15_000]);
    await commits.endNext();
    await commits.endNext();
    await adding;
    expect(commits.counts).toEqual([15_000, 15_000, 15_000]);
  });

  it('of another source is another transaction', async () => {
    const commits = new Commits();
    await commits.committing.add(0, planned(1, 1));
    await commits.committing.add(0, planned(1, 2));
    const adding = commits.committing.add(1, planned(1, 1));
    await commits.endNext();
    await commits.endNext();
    await adding;
    expect(commits.seen.map(({ sourceIndex }) => sourceIndex)).toEqual([0, 0, 1]);
  });

  it('is committed to the end, and no more of it once the run is told to stop', async () => {
    const commits = new Commits();
    for (const line of [1, 2]) await commits.committing.add(0, planned(1, line));
    const ended = commits.committing.end();
    await commits.endNext();
    await commits.endNext();
    await ended;
    expect(commits.counts).toEqual([1, 1]);
    for (const line of [3, 4]) await commits.committing.add(0, planned(1, line));
    commits.isHalted = true;
    const stopped = commits.committing.end();
    await commits.endNext();
    await stopped;
    expect(commits.counts).toEqual([1, 1, 1]);
  });

  it('is not committed after a commit has failed, which the next call tells', async () => {
    const commits = new Commits();
    for (const line of [1, 2]) await commits.committing.add(0, planned(1, line));
    commits.failNext(new Error('the disk is full'));
    await expect(commits.committing.end()).rejects.toThrow('the disk is full');
    await expect(commits.committing.end()).rejects.toThrow('the disk is full');
    expect(commits.counts).toEqual([1]);
  });
});
