import type { TriedItem } from '../checkpoint/results.ts';
import type { Clock } from '../domain/clock.ts';
import type { ImageId } from '../domain/image-id.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { createDelayQueue, type DelayQueue } from './delay-queue.ts';
import { Pulse } from '../domain/pulse.ts';

/** An ID on its way: taken from the checkpoint, not yet recorded. */
export interface Work {
  readonly seq: number;
  readonly id: ImageId;
  /** Requests answered by a failure that counted, in earlier runs too. */
  attempts: number;
  /** An earlier request ended without an answer, or in one that is retried. */
  isUnknown: boolean;
  /** Times a batch token was refused for it in this run. */
  refusals?: number;
}

/** Where IDs to be sent come from: new ones page by page, and those whose time to be tried again has come. */
export interface Feed {
  /** Whether `take` would give an ID this instant. */
  isReady(): boolean;
  /** The next ID if one is ready this instant. */
  take(): Work | undefined;
  /**
   * Lets IDs, as many as could be sent but for a permit, keep their places before any that becomes ready later. So when
   * the API goes out, others fail before the first IDs fail again: the outage is noticed before anything is marked failed.
   */
  lineUp(count: number): void;
  /** Back to the front: it was not sent, or is to be sent again at once. */
  putBack(work: Work): void;
  retryLater(work: Work, delayMs: number): void;
  /** Keeps an ID that failed during an outage of all lanes, so that the next probe is of another ID. */
  setAside(work: Work): void;
  /** Puts everything set aside back to the front; returns how many that were. */
  bringBack(): number;
  /** Resolves when `take` is worth another try, or nothing will ever come, or `halt` aborts. */
  whenChanged(): Promise<void>;
  /** Nothing is ready, waits or is set aside, and the checkpoint has no more. Work in flight may still come back. */
  isExhausted(): boolean;
  /** Something outside changed: what waits for a change should look again. */
  nudge(): void;
  moreAccepted(): void;
  intakeEnded(): void;
  /** IDs that wait for another try. */
  readonly waitingCount: number;
  /** Takes out everything that is not in flight; what was tried of it must be remembered. */
  drain(): TriedItem[];
}

/** IDs waiting for another try; beyond it no new IDs are taken until some are through. */
const WAITING_COUNT_MAX = 10_000;

export interface FeedOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly halt: AbortSignal;
  /** IDs marked as sent at a time: after a kill, so many may be thought sent that were not. */
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
  /** Due for another try, or put back; they go before new IDs. */
  readonly #again: Work[] = [];
  readonly #aside: Work[] = [];
  /** Waiting for permits, before all others. */
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

  get waitingCount(): number {
    return this.#waiting.size;
  }

  isReady(): boolean {
    if (this.#options.halt.aborted) return false;
    this.#refill();
    return this.#line.length > 0 || this.#again.length > 0 || this.#pageIndex < this.#page.length;
  }

  lineUp(count: number): void {
    while (this.#line.length < count) {
      const work = this.#pull();
      if (work === undefined) return;
      this.#line.push(work);
    }
  }

  take(): Work | undefined {
    if (this.#options.halt.aborted) return undefined;
    return this.#line.shift() ?? this.#pull();
  }

  putBack(work: Work): void {
    this.#again.unshift(work);
    this.#changed.beat();
  }

  retryLater(work: Work, delayMs: number): void {
    this.#waiting.add(work, delayMs);
  }

  setAside(work: Work): void {
    this.#aside.push(work);
  }

  bringBack(): number {
    const works = this.#aside.splice(0);
    this.#again.unshift(...works.toReversed());
    this.#changed.beat();
    return works.length;
  }

  whenChanged(): Promise<void> {
    return this.#changed.next();
  }

  isExhausted(): boolean {
    const isMoreComing = (!this.#isIntakeComplete || this.#mayHoldMore()) && this.#leftToTake() > 0;
    if (isMoreComing || this.#isRefilling) return false;
    return this.#line.length + this.#again.length + this.#aside.length + this.#waiting.size === 0 && this.#pageIndex >= this.#page.length;
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
    const rest = [this.#line, this.#again, this.#aside].flatMap((works) => works.splice(0));
    rest.push(...this.#page.slice(this.#pageIndex), ...this.#waiting.drain());
    this.#page = [];
    this.#pageIndex = 0;
    return triedOf(rest);
  }

  #pull(): Work | undefined {
    const work = this.#again.shift() ?? this.#page[this.#pageIndex];
    if (work !== undefined && work === this.#page[this.#pageIndex]) this.#pageIndex++;
    this.#refill();
    return work;
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

/** What the next run must know of IDs that stay pending: only those for which a request was sent. */
export function triedOf(works: readonly Work[]): TriedItem[] {
  return works.flatMap(({ seq, attempts, isUnknown }) => (attempts > 0 || isUnknown ? [{ seq, attempts, isUnknown }] : []));
}
