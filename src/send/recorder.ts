import type { ItemResult, ResultBatch, TriedItem } from '../checkpoint/results.ts';
import type { Clock } from '../domain/clock.ts';
import type { Moment } from '../checkpoint/timeline/moment.ts';
import type { RunCounts } from '../domain/summary.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Committed } from '../ledger/committed.ts';
import { Pulse } from '../domain/pulse.ts';

/** Collects answers and commits them in groups: at most 2,000 answers, or 100 ms of them, are uncommitted at any time. */
export interface Recorder {
  add(result: ItemResult): void;
  addTried(tried: TriedItem): void;
  /** `undefined` if there is room for another answer; otherwise resolves when there may be. */
  whenRoom(): Promise<void> | undefined;
  /** Resolves when everything added so far is committed, or can no longer be. */
  flush(): Promise<void>;
  /** IDs answered but not committed: if the next answer is "absent", this run may have deleted them. Call it after `flush`. */
  lost(): TriedItem[];
}

/** How many IDs may have to be sent again after a kill, besides those in flight. */
const UNCOMMITTED_MAX = 2_000;
/** A quarter of that: while some groups are being written, the next is collected, and sending need not wait. */
const GROUP_SIZE_MAX = UNCOMMITTED_MAX / 4;
/** Half of the 100 ms that an answer may stay uncommitted; committing takes the other half. */
const GROUP_AGE_MS_MAX = 50;

export interface RecorderOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly runCounts: () => RunCounts;
  readonly takeMoments: () => readonly Moment[];
  /** How many requests may be in flight: each may still be answered when there is no more room. */
  readonly inFlightMax: number;
  /** After each commit, in order. */
  readonly onCommitted: (batch: ResultBatch, committed: Committed) => void;
  /** The checkpoint could not be written; nothing more will be written. */
  readonly onError: (error: unknown) => void;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { ledger, clock } = options;
  let results: ItemResult[] = [];
  let tried: TriedItem[] = [];
  /** How many are in groups that the ledger has not committed yet. */
  let committingCount = 0;
  let isTimerSet = false;
  let hasFailed = false;
  const lost: TriedItem[] = [];
  const roomMax = Math.max(UNCOMMITTED_MAX - options.inFlightMax, GROUP_SIZE_MAX);
  const committed = new Pulse();

  const gatheredCount = (): number => results.length + tried.length;

  async function commitGathered(): Promise<void> {
    const count = gatheredCount();
    if (hasFailed || count === 0) return;
    const batch: ResultBatch = { results, tried, moments: options.takeMoments(), run: options.runCounts(), nowMs: clock.wallMs() };
    results = [];
    tried = [];
    committingCount += count;
    try {
      const done = await ledger.record(batch);
      options.onCommitted(batch, done);
    } catch (error) {
      hasFailed = true;
      lost.push(...batch.results.map(asTried));
      options.onError(error);
    } finally {
      committingCount -= count;
      committed.beat();
    }
  }

  function schedule(): void {
    if (gatheredCount() >= GROUP_SIZE_MAX) void commitGathered();
    else if (!isTimerSet) {
      isTimerSet = true;
      void clock.sleep(GROUP_AGE_MS_MAX).then(() => {
        isTimerSet = false;
        return commitGathered();
      });
    }
  }

  return {
    add(result) {
      results.push(result);
      schedule();
    },
    addTried(item) {
      tried.push(item);
      schedule();
    },
    whenRoom() {
      return hasFailed || gatheredCount() + committingCount < roomMax ? undefined : committed.next();
    },
    async flush() {
      // After one group has failed, later ones may fail too. Only then is it known what is lost.
      while (committingCount > 0 || (!hasFailed && gatheredCount() > 0)) {
        void commitGathered();
        await committed.next();
      }
    },
    lost: () => [...lost, ...results.map(asTried)],
  };
}

/** For the next run, a deletion that is not on record is a request that was never answered. */
function asTried({ seq, attempts, outcome, earlierUnknown }: ItemResult): TriedItem {
  return { seq, attempts, isUnknown: earlierUnknown || outcome === 'deleted' };
}
