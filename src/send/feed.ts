import type { TriedItem } from '../checkpoint/results.ts';
import type { Clock } from '../domain/clock.ts';
import type { ImageId } from '../domain/image-id.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { createDelayQueue } from './delay-queue.ts';
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

/** Where the workers get their work: new IDs page by page, and those whose time to be tried again has come. */
export interface Feed {
  /** The next ID if one is ready this instant. */
  take(): Work | undefined;
  /** Back to the front: it was not sent, or is to be sent again at once. */
  putBack(work: Work): void;
  retryLater(work: Work, delayMs: number): void;
  /** Resolves when `take` is worth another try, or nothing will ever come, or `halt` aborts. */
  whenChanged(): Promise<void>;
  /** Nothing is ready, nothing waits and the checkpoint has no more. Work in flight may still come back. */
  isExhausted(): boolean;
  /** Something outside changed that waiting workers should look at. */
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
  const { ledger, halt, pageSize } = options;
  const changed = new Pulse();
  /** Due again, or put back; before new ones. */
  const again: Work[] = [];
  let page: Work[] = [];
  let pageIndex = 0;
  let takenCount = 0;
  let isRefilling = false;
  let isIntakeComplete = false;
  /** Grows with every accepted batch, so that a page asked for before it does not look like the last. */
  let acceptedBatches = 0;
  let seenBatches = -1;
  const waiting = createDelayQueue<Work>(
    options.clock,
    (work) => {
      again.push(work);
      changed.beat();
    },
    halt,
  );
  halt.addEventListener('abort', () => changed.beat(), { once: true });

  const mayHoldMore = (): boolean => seenBatches < acceptedBatches;
  const leftToTake = (): number => options.sendCountMax - takenCount;

  function refill(): void {
    if (isRefilling || halt.aborted || !mayHoldMore() || leftToTake() <= 0 || waiting.size >= WAITING_COUNT_MAX) return;
    if (page.length - pageIndex > pageSize / 2) return;
    isRefilling = true;
    takePage()
      .catch(options.onError)
      .finally(() => {
        isRefilling = false;
        changed.beat();
      });
  }

  async function takePage(): Promise<void> {
    const batchesBefore = acceptedBatches;
    const wanted = Math.min(pageSize, leftToTake());
    const items = await ledger.takePage(wanted);
    if (items.length < wanted) seenBatches = batchesBefore;
    takenCount += items.length;
    page = pageIndex < page.length ? [...page.slice(pageIndex), ...items] : items;
    pageIndex = 0;
  }

  return {
    take() {
      if (halt.aborted) return undefined;
      const work = again.shift() ?? page[pageIndex];
      if (work !== undefined && work === page[pageIndex]) pageIndex++;
      refill();
      return work;
    },
    putBack(work) {
      again.unshift(work);
      changed.beat();
    },
    retryLater(work, delayMs) {
      waiting.add(work, delayMs);
    },
    whenChanged: () => changed.next(),
    isExhausted() {
      const isMoreComing = (!isIntakeComplete || mayHoldMore() || isRefilling) && leftToTake() > 0;
      return !isMoreComing && !isRefilling && again.length === 0 && pageIndex >= page.length && waiting.size === 0;
    },
    nudge: () => changed.beat(),
    moreAccepted() {
      acceptedBatches++;
      refill();
      changed.beat();
    },
    intakeEnded() {
      isIntakeComplete = true;
      changed.beat();
    },
    get waitingCount() {
      return waiting.size;
    },
    drain() {
      const rest = [...again.splice(0), ...page.slice(pageIndex), ...waiting.drain()];
      page = [];
      pageIndex = 0;
      return rest
        .filter((work) => work.attempts > 0 || work.isUnknown)
        .map(({ seq, attempts, isUnknown }) => ({ seq, attempts, isUnknown }));
    },
  };
}
