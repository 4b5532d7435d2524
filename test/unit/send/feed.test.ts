import { describe, expect, it } from 'vitest';

import type { HandedOut } from '../../../src/ledger/packed-page.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { createFeed, type Feed, type FeedOptions } from '../../../src/send/feed.ts';
import type { Work } from '../../../src/send/work.ts';
import { imageId } from '../../support/ledger/checkpoint.ts';
import { flushMicrotasks, VirtualClock } from '../../support/virtual-clock.ts';

/** A feed on a list of pending IDs that may still grow. */
class Bench {
  readonly clock: VirtualClock = new VirtualClock();
  readonly halt: AbortController = new AbortController();
  readonly pending: HandedOut[] = [];
  readonly pages: number[] = [];
  readonly errors: unknown[] = [];
  readonly feed: Feed;
  takePageError: Error | undefined;
  #seq = 0;

  constructor({ isIntakeComplete = true, ...options }: Partial<FeedOptions> & { isIntakeComplete?: boolean } = {}) {
    const ledger: Partial<Ledger> = {
      takePage: (countMax) => {
        this.pages.push(countMax);
        return this.takePageError === undefined ? Promise.resolve(this.pending.splice(0, countMax)) : Promise.reject(this.takePageError);
      },
    };
    this.feed = createFeed({
      ledger: ledger as Ledger,
      clock: this.clock,
      halt: this.halt.signal,
      pageSize: 4,
      sendCountMax: Infinity,
      onError: (error) => this.errors.push(error),
      ...options,
    });
    if (isIntakeComplete) this.feed.intakeEnded();
  }

  accept(count: number, more: Partial<HandedOut> = {}): void {
    for (let n = 0; n < count; n++)
      this.pending.push({ seq: ++this.#seq, id: imageId(`image-${this.#seq}`), attempts: 0, isUnknown: false, ...more });
    this.feed.moreAccepted();
  }

  /** As a worker does: a `take` in vain may have asked for the next page. */
  async takeAll(): Promise<Work[]> {
    const taken: Work[] = [];
    for (let inVain = 0; inVain < 3;) {
      await flushMicrotasks();
      const work = this.feed.take();
      if (work === undefined) inVain++;
      else taken.push(work);
    }
    return taken;
  }
}

const seqs = (works: readonly Work[]): number[] => works.map(({ seq }) => seq);
const oneTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('the feed', () => {
  it('lines up what waits for a permit in its turn: an ID that is due again is not overtaken by new ones', async () => {
    const bench = new Bench({ pageSize: 40 });
    bench.accept(40);
    await flushMicrotasks();
    const failed = bench.feed.take();
    if (failed === undefined) throw new Error('an ID is ready');
    failed.attempts = 1;
    bench.feed.retryLater(failed, 100);
    // The ten that are to fail before it does again.
    for (let n = 0; n < 10; n++) bench.feed.take();
    await bench.clock.advance(100);
    bench.feed.lineUp(3);
    expect(bench.feed.take()).toBe(failed);
  });

  it('gives every pending ID once, in order, page by page', async () => {
    const bench = new Bench();
    bench.accept(10);
    expect(seqs(await bench.takeAll())).toEqual(oneTo(10));
    expect(bench.feed.isExhausted()).toBe(true);
    expect(bench.pages.every((countMax) => countMax === 4)).toBe(true);
  });

  it('has the next page before the last one is used up', async () => {
    const bench = new Bench();
    bench.accept(100);
    await flushMicrotasks();
    expect(bench.pages).toHaveLength(1);
    bench.feed.take();
    expect(bench.pages).toHaveLength(1);
    bench.feed.take();
    expect(bench.pages).toHaveLength(2);
  });

  it('is not exhausted while intake still reads, and wakes those who wait when more is accepted or intake ends', async () => {
    const bench = new Bench({ isIntakeComplete: false });
    expect(await bench.takeAll()).toEqual([]);
    expect(bench.feed.isExhausted()).toBe(false);
    const woken = bench.feed.whenChanged();
    bench.accept(1);
    await woken;
    expect(seqs(await bench.takeAll())).toEqual([1]);
    expect(bench.feed.isExhausted()).toBe(false);
    const ended = bench.feed.whenChanged();
    bench.feed.intakeEnded();
    await ended;
    await bench.takeAll();
    expect(bench.feed.isExhausted()).toBe(true);
  });

  it('gives one that is asked for once, wherever it stands; not one that waits for its next try, nor any as the run ends', async () => {
    const bench = new Bench();
    bench.accept(4);
    const works = await bench.takeAll();
    const [back, inLine, aside, waiting] = works as [Work, Work, Work, Work];
    bench.feed.putBack(inLine);
    bench.feed.lineUp(1);
    bench.feed.putBack(back);
    bench.feed.setAside(aside, 0);
    bench.feed.retryLater(waiting, 1_000);
    expect(bench.feed.pendingCount()).toBe(4);
    for (const work of [back, inLine, aside]) expect([bench.feed.takeThis(work), bench.feed.takeThis(work)]).toEqual([true, false]);
    expect(bench.feed.takeThis(waiting)).toBe(false);
    expect(bench.feed.pendingCount()).toBe(1);
    bench.feed.putBack(back);
    bench.halt.abort();
    expect(bench.feed.takeThis(back)).toBe(false);
  });

  it('does not take a short page for the end where more was accepted while it was being fetched', async () => {
    const bench = new Bench({ isIntakeComplete: false });
    bench.accept(2);
    bench.accept(6);
    bench.feed.intakeEnded();
    expect(seqs(await bench.takeAll())).toEqual(oneTo(8));
    expect(bench.feed.isExhausted()).toBe(true);
  });

  it('gives back first what was put back: it was not sent', async () => {
    const bench = new Bench();
    bench.accept(3);
    await flushMicrotasks();
    const first = bench.feed.take();
    if (first === undefined) throw new Error('three IDs were accepted');
    bench.feed.putBack(first);
    expect(seqs(await bench.takeAll())).toEqual([1, 2, 3]);
  });

  it('gives an ID again when its time has come, before new ones, and is not exhausted until then', async () => {
    const bench = new Bench();
    bench.accept(2);
    const [first] = await bench.takeAll();
    if (first === undefined) throw new Error('two IDs were accepted');
    bench.feed.retryLater(first, 5_000);
    expect(bench.feed.pendingCount()).toBe(1);
    expect(bench.feed.isExhausted()).toBe(false);
    await bench.clock.advance(4_999);
    expect(bench.feed.take()).toBeUndefined();
    const woken = bench.feed.whenChanged();
    await bench.clock.advance(1);
    await woken;
    bench.accept(1);
    expect(seqs(await bench.takeAll())).toEqual([1, 3]);
    expect(bench.feed.isExhausted()).toBe(true);
  });

  it('knows how many are pending once the checkpoint holds no more', async () => {
    const bench = new Bench();
    bench.accept(5);
    expect(bench.feed.pendingCount()).toBe(Infinity);
    const taken = await bench.takeAll();
    expect(bench.feed.pendingCount()).toBe(0);
    for (const work of taken.splice(0, 2)) bench.feed.putBack(work);
    for (const work of taken) bench.feed.setAside(work, 0);
    expect(bench.feed.pendingCount()).toBe(5);
  });

  it('lets an ID that was told to wait wait on when an outage is over; a probe may have it', async () => {
    const bench = new Bench();
    bench.accept(3);
    const [first, second, third] = await bench.takeAll();
    if (first === undefined || second === undefined || third === undefined) throw new Error('there are three');
    const setAside = (): void => {
      bench.feed.setAside(first, 5_000);
      bench.feed.setAside(second, 0);
      bench.feed.setAside(third, 1_000);
    };
    setAside();
    expect(bench.feed.bringBack()).toBe(3);
    expect(seqs(await bench.takeAll())).toEqual([3, 2, 1]);
    setAside();
    await bench.clock.advance(1_000);
    bench.feed.release();
    expect(seqs(await bench.takeAll())).toEqual([3, 2]);
    expect(bench.feed.pendingCount()).toBe(1);
    await bench.clock.advance(3_999);
    expect(seqs(await bench.takeAll())).toEqual([]);
    await bench.clock.advance(1);
    expect(seqs(await bench.takeAll())).toEqual([1]);
  });

  it('takes no new IDs while 10,000 wait for another try, and goes on when some are through', async () => {
    const bench = new Bench({ pageSize: 2_000 });
    bench.accept(20_000);
    for (let waitingCount = 0; waitingCount < 10_000;) {
      const work = bench.feed.take();
      if (work === undefined) await flushMicrotasks();
      else {
        bench.feed.retryLater(work, 1_000);
        waitingCount++;
      }
    }
    const pagesBefore = bench.pages.length;
    const left = await bench.takeAll();
    expect(bench.pages.length).toBe(pagesBefore);
    for (const work of left) bench.feed.putBack(work);
    await bench.clock.advance(1_000);
    await bench.takeAll();
    expect(bench.pages.length).toBeGreaterThan(pagesBefore);
  });

  it('takes no more IDs than the limit, tries those again that need it, and says that the limit was reached', async () => {
    const bench = new Bench({ sendCountMax: 5 });
    bench.accept(10);
    const taken = await bench.takeAll();
    expect(seqs(taken)).toEqual(oneTo(5));
    const [first] = taken;
    if (first === undefined) throw new Error('five IDs were taken');
    bench.feed.retryLater(first, 10);
    expect(bench.feed.isExhausted()).toBe(false);
    await bench.clock.advance(10);
    expect(seqs(await bench.takeAll())).toEqual([1]);
    expect(bench.feed.isExhausted()).toBe(true);
    expect(bench.pending).toHaveLength(5);
  });

  it('sends IDs that wait for permits before any that is put back later, and loses none of them', async () => {
    const bench = new Bench();
    bench.accept(4, { attempts: 1 });
    await flushMicrotasks();
    const first = bench.feed.take();
    if (first === undefined) throw new Error('four IDs were accepted');
    bench.feed.lineUp(2);
    bench.feed.putBack(first);
    expect(bench.feed.isExhausted()).toBe(false);
    expect([bench.feed.take()?.seq, bench.feed.take()?.seq, bench.feed.take()?.seq]).toEqual([2, 3, 1]);
    bench.feed.lineUp(5);
    expect(bench.feed.drain()).toEqual([{ seq: 4, attempts: 1, isUnknown: false }]);
  });

  it('gives nothing any more once it is halted, wakes those who wait, and drains what was tried, each once', async () => {
    const bench = new Bench();
    bench.accept(3);
    bench.accept(1, { attempts: 2, isUnknown: true });
    const [first, second] = await bench.takeAll();
    if (first === undefined || second === undefined) throw new Error('four IDs were accepted');
    first.attempts = 1;
    bench.feed.retryLater(first, 60_000);
    bench.feed.putBack(second);
    const woken = bench.feed.whenChanged();
    bench.halt.abort();
    await woken;
    expect(bench.feed.take()).toBeUndefined();
    // The untried is pending anyway; those the test still holds are in flight.
    expect(bench.feed.drain()).toEqual([{ seq: 1, attempts: 1, isUnknown: false }]);
    expect(bench.feed.drain()).toEqual([]);
  });

  it('drains what was tried in an earlier run and not sent in this one', async () => {
    const bench = new Bench();
    bench.accept(2, { attempts: 3, isUnknown: true });
    await flushMicrotasks();
    expect(bench.feed.drain()).toEqual(oneTo(2).map((seq) => ({ seq, attempts: 3, isUnknown: true })));
  });

  it('tells of a checkpoint that cannot be read, and does not ask on and on', async () => {
    const bench = new Bench({
      onError: (error) => {
        bench.errors.push(error);
        bench.halt.abort();
      },
    });
    bench.takePageError = new Error('disk full');
    bench.accept(1);
    expect(await bench.takeAll()).toEqual([]);
    expect(bench.errors).toHaveLength(1);
    expect(bench.pages).toHaveLength(1);
  });

  it('lets ten others go before an ID that waits for its next try, however soon it is due', async () => {
    const bench = new Bench({ pageSize: 20 });
    bench.accept(20);
    await flushMicrotasks();
    const first = bench.feed.take();
    if (first === undefined) throw new Error('there are twenty');
    bench.feed.retryLater(first, 100);
    await bench.clock.advance(100);
    expect(seqs(await bench.takeAll())).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });
});
