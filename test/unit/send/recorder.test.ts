import { describe, expect, it } from 'vitest';

import type { ItemResult, ResultBatch } from '../../../src/checkpoint/results.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { Committed } from '../../../src/ledger/committed.ts';
import { createRecorder, type Recorder } from '../../../src/send/recorder.ts';
import { NO_RUN } from '../../support/ledger/checkpoint.ts';
import { flushMicrotasks, VirtualClock } from '../../support/virtual-clock.ts';

const COMMITTED: Committed = { stdoutText: '', lineCount: 0, failure: undefined };

const result = (seq: number): ItemResult => ({
  seq,
  outcome: 'deleted',
  httpStatus: 200,
  code: undefined,
  message: undefined,
  cfRay: undefined,
  attempts: 1,
  earlierUnknown: false,
  atMs: 0,
  durationMs: 1,
});

/** A recorder on a ledger that commits when it is told to. */
class Bench {
  readonly clock: VirtualClock = new VirtualClock();
  /** Groups on their way to the disk, oldest first. */
  readonly waiting: { batch: ResultBatch; resolve: (committed: Committed) => void; reject: (error: unknown) => void }[] = [];
  readonly committed: ResultBatch[] = [];
  readonly errors: unknown[] = [];
  readonly recorder: Recorder;
  addedCount = 0;

  constructor(inFlightMax = 16) {
    const ledger: Partial<Ledger> = {
      record: (batch) => new Promise((resolve, reject) => this.waiting.push({ batch, resolve, reject })),
    };
    this.recorder = createRecorder({
      ledger: ledger as Ledger,
      clock: this.clock,
      runCounts: () => NO_RUN,
      takeMoments: () => [],
      inFlightMax,
      onCommitted: (batch) => this.committed.push(batch),
      onError: (error) => this.errors.push(error),
    });
  }

  add(count: number): void {
    for (let n = 0; n < count; n++) this.recorder.add(result(++this.addedCount));
  }

  async commitOldest(): Promise<void> {
    this.waiting.shift()?.resolve(COMMITTED);
    await flushMicrotasks();
  }

  get committedSeqs(): number[] {
    return this.committed.flatMap(({ results }) => results.map(({ seq }) => seq));
  }

  get uncommittedCount(): number {
    return this.addedCount - this.committedSeqs.length;
  }
}

describe('the recorder', () => {
  it('hands a lone answer over after 50 ms, so that it is committed within 100', async () => {
    const bench = new Bench();
    bench.add(1);
    await bench.clock.advance(49);
    expect(bench.waiting).toHaveLength(0);
    await bench.clock.advance(1);
    expect(bench.waiting).toHaveLength(1);
  });

  it('lets no answer wait longer because others follow it, nor because a commit is under way', async () => {
    const bench = new Bench();
    for (let ms = 0; ms < 200; ms++) {
      bench.add(1);
      await bench.clock.advance(1);
    }
    const oldestLeft = bench.waiting.reduce((sum, { batch }) => sum + batch.results.length, 0);
    expect(bench.addedCount - oldestLeft).toBeLessThanOrEqual(50);
  });

  it('hands answers over at once where there are many, in groups and in order', async () => {
    const bench = new Bench();
    bench.add(1_700);
    expect(bench.waiting.length).toBeGreaterThan(1);
    while (bench.waiting.length > 0) await bench.commitOldest();
    await bench.clock.advance(50);
    while (bench.waiting.length > 0) await bench.commitOldest();
    expect(bench.committedSeqs).toEqual(Array.from({ length: 1_700 }, (_, index) => index + 1));
  });

  it.each([1, 16, 64, 1_000])('has never more than 2,000 answers uncommitted while %i workers wait for room', async (workerCount) => {
    const bench = new Bench(workerCount);
    let most = 0;
    let stop = false;
    const worker = async (): Promise<void> => {
      while (!stop) {
        await Promise.resolve(); // A request, and its answer.
        bench.add(1);
        most = Math.max(most, bench.uncommittedCount);
        for (let room = bench.recorder.whenRoom(); room !== undefined; room = bench.recorder.whenRoom()) await room;
      }
    };
    const workers = Promise.all(Array.from({ length: workerCount }, worker));
    for (let n = 0; n < 30; n++) {
      await bench.clock.advance(100);
      await bench.commitOldest();
    }
    expect(most).toBeLessThanOrEqual(2_000);
    expect(bench.committedSeqs.length).toBeGreaterThan(1_000);
    stop = true;
    while (bench.waiting.length > 0) await bench.commitOldest();
    await bench.clock.advance(100);
    while (bench.waiting.length > 0) await bench.commitOldest();
    await workers;
  });

  it('is flushed when everything added is committed, what was tried included, and not before', async () => {
    const bench = new Bench();
    bench.add(600);
    bench.recorder.addTried({ seq: 9_999, attempts: 1, isUnknown: true });
    let isFlushed = false;
    const flushed = bench.recorder.flush().then(() => (isFlushed = true));
    await flushMicrotasks();
    expect(bench.waiting.length).toBe(2);
    await bench.commitOldest();
    expect(isFlushed).toBe(false);
    await bench.commitOldest();
    await flushed;
    expect(bench.committedSeqs).toHaveLength(600);
    expect(bench.committed.flatMap(({ tried }) => tried)).toEqual([{ seq: 9_999, attempts: 1, isUnknown: true }]);
  });

  it('is flushed at once where nothing was added', async () => {
    await new Bench().recorder.flush();
  });

  it('tells of a checkpoint that cannot be written, keeps nobody waiting and calls nothing committed', async () => {
    const bench = new Bench();
    bench.add(3_000);
    expect(bench.recorder.whenRoom()).toBeDefined();
    const waiting = bench.recorder.whenRoom();
    const flushed = bench.recorder.flush();
    await flushMicrotasks();
    for (const { reject } of bench.waiting.splice(0)) reject(new Error('disk full'));
    await waiting;
    await flushed;
    expect(bench.errors[0]).toMatchObject({ message: 'disk full' });
    expect(bench.committed).toEqual([]);
    expect(bench.recorder.whenRoom()).toBeUndefined();
    bench.add(1);
    await bench.clock.advance(1_000);
    expect(bench.waiting).toEqual([]);
    await bench.recorder.flush();
  });

  it('tells what could not be committed, for its next answer may be our own doing', async () => {
    const bench = new Bench();
    bench.add(600);
    await flushMicrotasks();
    bench.waiting.shift()?.reject(new Error('the disk is full'));
    await flushMicrotasks();
    bench.recorder.add({ ...result(601), outcome: 'absent', attempts: 3 });
    await bench.recorder.flush();
    expect(bench.recorder.lost()).toHaveLength(601);
    expect(bench.recorder.lost()).toContainEqual({ seq: 7, attempts: 1, isUnknown: true });
    expect(bench.recorder.lost()).toContainEqual({ seq: 601, attempts: 3, isUnknown: false });
  });

  it('tells all of it: when one group has failed, it is flushed only after those behind it are settled too', async () => {
    const bench = new Bench();
    bench.add(1_500);
    let isFlushed = false;
    const flushed = bench.recorder.flush().then(() => (isFlushed = true));
    const [first, second, third] = bench.waiting;
    first?.reject(new Error('the disk is full'));
    await flushMicrotasks();
    second?.resolve(COMMITTED);
    await flushMicrotasks();
    expect(isFlushed).toBe(false);
    third?.reject(new Error('the disk is full'));
    await flushed;
    expect(bench.committedSeqs).toHaveLength(500);
    expect(bench.recorder.lost()).toHaveLength(1_000);
  });
});
