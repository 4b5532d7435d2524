import type { ItemResult, ResultBatch, TriedItem } from '../checkpoint/results.ts';
import type { Clock } from '../domain/clock.ts';
import type { RunCounts } from '../domain/summary.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Committed } from '../ledger/committed.ts';
import { Pulse } from '../domain/pulse.ts';

/** Gathers answers and commits them in groups: at most 2,000 answers, or 100 ms of them, are ever uncommitted. */
export interface Recorder {
  add(result: ItemResult): void;
  addTried(tried: TriedItem): void;
  /** `undefined` where another answer may be waited for at once; else resolves when there may be room. */
  whenRoom(): Promise<void> | undefined;
  /** Resolves when everything added so far is committed, or cannot be any more. */
  flush(): Promise<void>;
  /** Answered, and not committed: what their next answer says may be our own doing. Call it after `flush`. */
  lost(): TriedItem[];
}

/** What a kill may cause to be sent again, besides what is in flight. */
const UNCOMMITTED_MAX = 2_000;
/** A quarter of that: while some groups are on their way to the disk, the next gathers, and nobody waits. */
const GROUP_SIZE_MAX = UNCOMMITTED_MAX / 4;
/** Half of the 100 ms that an answer may stay uncommitted; committing takes the other half. */
const GROUP_AGE_MS_MAX = 50;

export interface RecorderOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly runCounts: () => RunCounts;
  /** How many requests may be in flight: each may still bring an answer when there is no room for more. */
  readonly inFlightMax: number;
  /** After each commit, in order. */
  readonly onCommitted: (batch: ResultBatch, committed: Committed) => void;
  /** The checkpoint could not be written; nothing more will be. */
  readonly onError: (error: unknown) => void;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { ledger, clock } = options;
  let results: ItemResult[] = [];
  let tried: TriedItem[] = [];
  /** In groups handed to the ledger and not committed yet. */
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
    const batch: ResultBatch = { results, tried, run: options.runCounts(), nowMs: clock.wallMs() };
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
      // Where one group has failed, those after it still may: what is lost is known only then.
      while (committingCount > 0 || (!hasFailed && gatheredCount() > 0)) {
        void commitGathered();
        await committed.next();
      }
    },
    lost: () => [...lost, ...results.map(asTried)],
  };
}

/** What deleted an image and is not on record is, to the next run, a request that was never answered. */
function asTried({ seq, attempts, outcome, earlierUnknown }: ItemResult): TriedItem {
  return { seq, attempts, isUnknown: earlierUnknown || outcome === 'deleted' };
}
