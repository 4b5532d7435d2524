import type { ItemResult, ResultBatch, TriedItem } from '../checkpoint/results.ts';
import type { Clock } from '../domain/clock.ts';
import type { RunCounts } from '../domain/summary.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Committed } from '../ledger/operations.ts';
import { Pulse } from './pulse.ts';

/** Gathers answers and commits them in groups: at most 2,000 answers, or 100 ms of them, are ever uncommitted. */
export interface Recorder {
  add(result: ItemResult): void;
  addTried(tried: TriedItem): void;
  /** `undefined` where another answer may be waited for at once; else resolves when there may be room. */
  whenRoom(): Promise<void> | undefined;
  /** Resolves when everything added so far is committed, or cannot be any more. */
  flush(): Promise<void>;
}

/** Half of the contract's 2,000, because one group gathers while the other is being committed. */
const GROUP_SIZE_MAX = 1_000;
/** Half of the contract's 100 ms, for the same reason. */
const GROUP_AGE_MS_MAX = 50;

export interface RecorderOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly runCounts: () => RunCounts;
  /** After each commit, in order. */
  readonly onCommitted: (batch: ResultBatch, committed: Committed) => void;
  /** The checkpoint could not be written; nothing more will be. */
  readonly onError: (error: unknown) => void;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { ledger, clock } = options;
  let results: ItemResult[] = [];
  let tried: TriedItem[] = [];
  let committingCount = 0;
  let isCommitting = false;
  let isTimerSet = false;
  let hasFailed = false;
  const committed = new Pulse();

  const gatheredCount = (): number => results.length + tried.length;

  async function commitGathered(): Promise<void> {
    if (isCommitting || hasFailed || gatheredCount() === 0) return;
    isCommitting = true;
    const batch: ResultBatch = { results, tried, run: options.runCounts(), nowMs: clock.wallMs() };
    committingCount = gatheredCount();
    results = [];
    tried = [];
    try {
      const done = await ledger.ask('record', batch);
      options.onCommitted(batch, done);
    } catch (error) {
      hasFailed = true;
      options.onError(error);
    } finally {
      isCommitting = false;
      committingCount = 0;
      committed.beat();
    }
    if (gatheredCount() >= GROUP_SIZE_MAX) void commitGathered();
  }

  function schedule(): void {
    if (gatheredCount() >= GROUP_SIZE_MAX) void commitGathered();
    if (isTimerSet) return;
    isTimerSet = true;
    void clock.sleep(GROUP_AGE_MS_MAX).then(() => {
      isTimerSet = false;
      if (isCommitting && gatheredCount() > 0) schedule();
      return commitGathered();
    });
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
      return hasFailed || gatheredCount() + committingCount < 2 * GROUP_SIZE_MAX ? undefined : committed.next();
    },
    async flush() {
      while (!hasFailed && (isCommitting || gatheredCount() > 0)) {
        if (isCommitting) await committed.next();
        else await commitGathered();
      }
    },
  };
}
