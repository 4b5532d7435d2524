import type { TriedItem } from '../checkpoint/results.ts';
import type { Clock } from '../domain/clock.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { createDelayQueue, type DelayQueue } from './delay-queue.ts';
import { Pulse } from '../domain/pulse.ts';
import { DIFFERENT_IDS_MIN } from './outage-detector.ts';
import { triedOf, type Work } from './work.ts';

/** Supplies the IDs to send: new ones page by page, and those whose next attempt is due. */
export interface Feed {
  /** Whether `take` would return an ID now. */
  isReady(): boolean;
  /** The next ID if one is ready now. */
  take(): Work | undefined;
  /** The same of this ID, wherever it stands; `false` where it is in flight, or waits for another try. */
  takeThis(work: Work): boolean;
  /**
   * Puts this many IDs, which only lack a permit, ahead of any that becomes ready later. So at the start of an outage other
   * IDs fail before the first ones fail again, and the outage is noticed before anything is marked failed.
   */
  lineUp(count: number): void;
  /** Puts an ID back at the front: it was not sent, or must be sent again at once. */
  putBack(work: Work): void;
  /** Lines up some others before it, those first that have not failed yet. */
  retryLater(work: Work, delayMs: number): void;
  /** Keeps an ID that failed during an outage of all lanes, so that the next probe uses another ID. It is to wait so long at least. */
  setAside(work: Work, waitMs: number): void;
  /** Puts everything set aside back at the front, for probes, which keep all waits themselves; returns how many IDs that were. */
  bringBack(): number;
  /** The outage is over: the same, but an ID that was told to wait longer waits for the rest of it. */
  release(): void;
  /** Resolves when `take` may succeed, when nothing more will come, or when `halt` aborts. */
  whenChanged(): Promise<void>;
  /** Nothing is ready, waiting or set aside, and the checkpoint has no more. Work in flight may still be put back. */
  isExhausted(): boolean;
  /** Something outside has changed: `whenChanged` resolves. */
  nudge(): void;
  moreAccepted(): void;
  intakeEnded(): void;
  /** IDs that this run may still send and that are not in flight; `Infinity` where the checkpoint may hold more. */
  pendingCount(): number;
  /** Removes everything that is not in flight; returns what must be recorded of it. */
  drain(): TriedItem[];
}

/** Where this many IDs are due for another try, they are sent in their turn: others are not lined up before them. */
const OVERTAKEN_COUNT_MAX = 100;
/** While more IDs than this wait for another try, no new ones are taken. */
const WAITING_COUNT_MAX = 10_000;

export interface FeedOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly halt: AbortSignal;
  /** IDs marked as sent at a time: after a kill, this many may be wrongly taken for sent. */
  readonly pageSize: number;
  readonly sendCountMax: number;
  readonly onError: (error: unknown) => void;
}

export function createFeed(options: FeedOptions): Feed {
  return new PageFeed(options);
}

class PageFeed implements Feed {
  readonly #options: FeedOptions;
  readonly #changed = new Pulse();
  /** Due for another try, or put back; they are taken before new IDs. */
  readonly #again: Work[] = [];
  readonly #aside: { readonly work: Work; readonly dueMs: number }[] = [];
  /** Waiting for permits, ahead of all others. */
  readonly #line: Work[] = [];
  readonly #waiting: DelayQueue<Work>;
  #page: Work[] = [];
  #pageIndex = 0;
  #takenCount = 0;
  #isRefilling = false;
  #isIntakeComplete = false;
  /** Grows with every accepted batch, so that a page asked for before it is not mistaken for the last. */
  #acceptedBatches = 0;
  #seenBatches = -1;

  constructor(options: FeedOptions) {
    const { clock, halt } = options;
    this.#options = options;
    const onDue = (work: Work): void => {
      this.#again.push(work);
      this.#changed.beat();
    };
    this.#waiting = createDelayQueue(clock, onDue, halt);
    halt.addEventListener('abort', () => this.#changed.beat(), { once: true });
  }

  isReady(): boolean {
    if (this.#options.halt.aborted) return false;
    this.#refill();
    return this.#line.length > 0 || this.#again.length > 0 || this.#pageIndex < this.#page.length;
  }

  lineUp(count: number): void {
    this.#lineUp(count, () => this.#pull());
  }

  take(): Work | undefined {
    if (this.#options.halt.aborted) return undefined;
    return this.#line.shift() ?? this.#pull();
  }

  takeThis(work: Work): boolean {
    if (this.#options.halt.aborted) return false;
    const asideIndex = this.#aside.findIndex((one) => one.work === work);
    if (asideIndex !== -1) return this.#aside.splice(asideIndex, 1).length > 0;
    return [this.#again, this.#line].some((works) => works.includes(work) && works.splice(works.indexOf(work), 1).length > 0);
  }

  putBack(work: Work): void {
    this.#again.unshift(work);
    this.#changed.beat();
  }

  retryLater(work: Work, delayMs: number): void {
    this.#waiting.add(work, delayMs);
    // Few requests in flight that fail slowly would otherwise be for the same few IDs again and again, until those are given up.
    this.#lineUp(DIFFERENT_IDS_MIN, () => this.#pullUnfailed() ?? this.#pull());
  }

  setAside(work: Work, waitMs: number): void {
    this.#aside.push({ work, dueMs: this.#options.clock.monotonicMs() + waitMs });
  }

  bringBack(): number {
    const works = this.#takeAside();
    this.#again.unshift(...works.toReversed());
    this.#changed.beat();
    return works.length;
  }

  release(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const early = this.#aside.filter(({ dueMs }) => dueMs > nowMs);
    for (const { work, dueMs } of early) this.#waiting.add(work, dueMs - nowMs);
    this.#aside.splice(0, Infinity, ...this.#aside.filter(({ dueMs }) => dueMs <= nowMs));
    this.bringBack();
  }

  whenChanged(): Promise<void> {
    return this.#changed.next();
  }

  isExhausted(): boolean {
    const isMoreComing = (!this.#isIntakeComplete || this.#mayHoldMore()) && this.#leftToTake() > 0;
    return !isMoreComing && !this.#isRefilling && this.#heldCount() === 0;
  }

  pendingCount(): number {
    const mayBeMore = this.#isRefilling || (this.#mayHoldMore() && this.#leftToTake() > 0);
    return mayBeMore ? Infinity : this.#heldCount();
  }

  nudge(): void {
    this.#changed.beat();
  }

  moreAccepted(): void {
    this.#acceptedBatches++;
    this.#refill();
    this.#changed.beat();
  }

  intakeEnded(): void {
    this.#isIntakeComplete = true;
    this.#changed.beat();
  }

  drain(): TriedItem[] {
    const rest = [this.#line, this.#again].flatMap((works) => works.splice(0));
    rest.push(...this.#takeAside(), ...this.#page.slice(this.#pageIndex), ...this.#waiting.drain());
    this.#page = [];
    this.#pageIndex = 0;
    return triedOf(rest);
  }

  #takeAside(): Work[] {
    return this.#aside.splice(0).map(({ work }) => work);
  }

  #lineUp(count: number, pull: () => Work | undefined): void {
    while (this.#line.length < count) {
      const work = pull();
      if (work === undefined) return;
      this.#line.push(work);
    }
  }

  #pull(): Work | undefined {
    return this.#again.shift() ?? this.#pullNew();
  }

  #pullNew(): Work | undefined {
    const work = this.#page[this.#pageIndex];
    if (work !== undefined) this.#pageIndex++;
    this.#refill();
    return work;
  }

  /** One whose next request is its first DELETE, or comes before it. */
  #pullUnfailed(): Work | undefined {
    if (this.#again.length > OVERTAKEN_COUNT_MAX) return undefined;
    const index = this.#again.findIndex(({ attempts }) => attempts === 0);
    return index === -1 ? this.#pullNew() : this.#again.splice(index, 1)[0];
  }

  #heldCount(): number {
    const inPage = this.#page.length - this.#pageIndex;
    return this.#line.length + this.#again.length + this.#aside.length + this.#waiting.size + inPage;
  }

  #mayHoldMore(): boolean {
    return this.#seenBatches < this.#acceptedBatches;
  }

  #leftToTake(): number {
    return this.#options.sendCountMax - this.#takenCount;
  }

  #refill(): void {
    const { halt, pageSize, onError } = this.#options;
    if (this.#isRefilling || halt.aborted || !this.#mayHoldMore() || this.#leftToTake() <= 0) return;
    if (this.#waiting.size >= WAITING_COUNT_MAX || this.#page.length - this.#pageIndex > pageSize / 2) return;
    this.#isRefilling = true;
    this.#takePage()
      .catch(onError)
      .finally(() => {
        this.#isRefilling = false;
        this.#changed.beat();
      });
  }

  async #takePage(): Promise<void> {
    const { ledger, pageSize } = this.#options;
    const batchesBefore = this.#acceptedBatches;
    const wanted = Math.min(pageSize, this.#leftToTake());
    const items = await ledger.takePage(wanted);
    if (items.length < wanted) this.#seenBatches = batchesBefore;
    this.#takenCount += items.length;
    this.#page = this.#pageIndex < this.#page.length ? [...this.#page.slice(this.#pageIndex), ...items] : items;
    this.#pageIndex = 0;
  }
}
