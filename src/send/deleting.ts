import type { ReadAnswer } from '../answer/answers.ts';
import type { ResultBatch, TriedItem } from '../checkpoint/results.ts';
import type { Connection } from '../connect/connection.ts';
import type { Second } from '../connect/refusals.ts';
import type { ErrorContext } from '../connect/stop-errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { fromPlain } from '../ledger/plain-error.ts';
import type { Committed } from '../ledger/committed.ts';
import type { Lane, Permit } from '../pace/types.ts';
import { type RunCounters, toRunCounts } from '../run/counters.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { Halt } from '../run/halt.ts';
import type { Moments } from '../run/moments.ts';
import type { ReportToStdout } from '../run/report-to-stdout.ts';
import type { PaceOptions } from '../run/run-options.ts';
import type { BackingUp } from './saving/backing-up.ts';
import { askAgain } from './ask-again.ts';
import { startDispatch } from './dispatch.ts';
import { createFeed, type Feed } from './feed.ts';
import type { Work } from './work.ts';
import { ItemSender } from './item-sender.ts';
import { createOutages, type Outages } from './outages.ts';
import { Outcomes } from './outcomes.ts';
import { createProbe } from './probe.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { probeStats } from './stats-probe.ts';

export interface DeletingOptions {
  readonly deps: PurgeDeps;
  readonly halt: Halt;
  readonly ledger: Ledger;
  readonly connection: Connection;
  readonly pace: PaceOptions;
  readonly counters: RunCounters;
  readonly moments: Moments;
  readonly stdoutReport: ReportToStdout;
  readonly errorContext: ErrorContext;
  /** `undefined`: images are not saved before they are deleted. */
  readonly backingUp: BackingUp | undefined;
  /** Absent answers are accepted from the start: something was deleted before, or the user expects them. */
  readonly isAbsentBelieved: boolean;
}

/** The sending half of a run, while intake may still be reading. */
export interface Deleting {
  readonly feed: Feed;
  /** Resolves when all work is done, or when the run is ending and everything in flight has been handled. */
  readonly done: Promise<void>;
  /** What must be recorded of IDs that are still pending; call it after `done`. */
  readonly tried: () => TriedItem[];
}

/** A page holds about as many IDs as are sent in this time, so that a kill leaves few IDs in doubt. */
const PAGE_MS = 250;
const PAGE_SIZE_MAX = 2_000;

export function startDeleting(options: DeletingOptions): Deleting {
  return new DeletingRun(options);
}

/** Connects feed, permits, sending, outages and recording, and ends them in order. */
class DeletingRun implements Deleting {
  readonly feed: Feed;
  readonly done: Promise<void>;
  readonly #options: DeletingOptions;
  readonly #outcomes: Outcomes;
  readonly #recorder: Recorder;
  readonly #outages: Outages;
  readonly #sender: ItemSender;
  readonly #workDone = new AbortController();
  /** The run is ending, or all its work is done. */
  readonly #ended: AbortSignal;
  #isIdle = false;

  constructor(options: DeletingOptions) {
    const { deps, halt, ledger, pace, counters, moments, isAbsentBelieved } = options;
    const onError = (error: unknown): void => halt.fail(error);
    this.#options = options;
    this.#ended = AbortSignal.any([halt.signal, this.#workDone.signal]);
    this.feed = createFeed({
      ledger,
      clock: deps.clock,
      halt: halt.signal,
      pageSize: pageSizeFor(pace),
      sendCountMax: pace.sendCountMax,
      onError,
    });
    this.#recorder = createRecorder({
      ledger,
      clock: deps.clock,
      runCounts: () => toRunCounts(counters, deps.clock.monotonicMs()),
      takeMoments: () => moments.take(),
      inFlightMax: pace.concurrency,
      onCommitted: (batch, committed) => this.#onCommitted(batch, committed),
      onError,
    });
    this.#outcomes = new Outcomes({
      observer: deps.observer,
      counters,
      isAbsentBelieved,
      absentMax: pace.absentMax,
      record: (result) => this.#recorder.add(result),
    });
    this.#outages = this.#createOutages();
    this.#sender = new ItemSender({
      ...options,
      feed: this.feed,
      outages: this.#outages,
      outcomes: this.#outcomes,
      recorder: this.#recorder,
      askAgain: (work, lane) => this.#askAgain(work, lane),
    });
    this.done = this.#run();
  }

  tried(): TriedItem[] {
    // The disk may have been full when the recorder wrote, and have room at the end of the run.
    return [...this.feed.drain(), ...this.#recorder.lost(), ...this.#outcomes.tried()];
  }

  #createOutages(): Outages {
    const { deps, halt, connection, counters, errorContext } = this.#options;
    const { lanes, access } = connection;
    const { clock, observer } = deps;
    // Stats say nothing about the batch host.
    const isStatsEnough = errorContext.stats.kind === 'count' && lanes === access.account;
    const onToldToWait = (retryAfterMs: number | undefined): void => this.#outages.toldToWait(retryAfterMs);
    const probe = createProbe({
      feed: this.feed,
      lanes,
      counters,
      clock,
      send: async (work, permit) => {
        const answer = await this.#sender.send(work, permit);
        return answer !== undefined && answer.disposition.kind !== 'retry';
      },
      askStats: isStatsEnough
        ? (ended) => probeStats({ connection, counters, clock, onToldToWait, ended, askId: () => this.#askAgain(undefined, undefined) })
        : undefined,
    });
    return createOutages({
      clock,
      observer,
      lanes,
      // Of the account, stats were asked for before.
      wasReached: lanes === access.account,
      pendingCount: () => this.feed.pendingCount() + counters.inFlight,
      ended: this.#ended,
      probe: probe.once,
      onAnswered: probe.answered,
      onStandstill: (waitMs) => connection.giveUp.standsStill(waitMs),
      onBegin: probe.begin,
      onOver: probe.release,
      onError: (error) => halt.fail(error),
    });
  }

  #askAgain(work: Work | undefined, lane: Lane | undefined): Promise<Second> {
    const send = (one: Work, permit: Permit): Promise<ReadAnswer | undefined> => this.#sender.send(one, permit);
    return askAgain(work, lane, { feed: this.feed, lanes: this.#options.connection.lanes, ended: this.#ended, send });
  }

  async #run(): Promise<void> {
    const { connection } = this.#options;
    const finished = new AbortController();
    drainOnHalt(this.#options, finished.signal);
    try {
      await this.#sendAll().finally(() => {
        this.#workDone.abort();
        connection.giveUp.pause();
      });
      await Promise.all([this.#outages.probesEnded(), connection.access.refusals.close()]);
      this.#endHeld();
      await this.#recorder.flush();
    } finally {
      finished.abort();
    }
  }

  /** Resolves when nothing is left to send or the run is ending, and everything in flight has been handled. */
  async #sendAll(): Promise<void> {
    const { connection, pace, counters, stdoutReport, halt } = this.#options;
    const { lanes } = connection;
    const { feed } = this;
    const dispatch = startDispatch<Work, Permit>({
      concurrency: pace.concurrency,
      isWorkReady: () => feed.isReady(),
      takeWork: () => feed.take(),
      lineUp: (count) => feed.lineUp(count),
      tryPermit: () => lanes.tryTake(),
      send: (work, permit) => this.#sender.send(work, permit),
      whenRoom: () => stdoutReport.whenRoom() ?? this.#recorder.whenRoom(),
      isOver: () => lanes.isOver || (feed.isExhausted() && counters.inFlight === 0),
      whenChanged: () => {
        this.#watchGivingUp();
        return feed.whenChanged();
      },
      onSent: () => feed.nudge(),
      onError: (error) => halt.fail(error),
    });
    lanes.listen(() => {
      dispatch.fill();
      if (lanes.isOver) feed.nudge();
    });
    await dispatch.done;
  }

  /** While intake has nothing to send, a final answer cannot come. */
  #watchGivingUp(): void {
    const { connection, counters } = this.#options;
    const isIdle = this.feed.pendingCount() + counters.inFlight === 0;
    if (isIdle === this.#isIdle) return;
    this.#isIdle = isIdle;
    connection.giveUp[isIdle ? 'pause' : 'start']();
  }

  #onCommitted(batch: ResultBatch, committed: Committed): void {
    const { halt, stdoutReport } = this.#options;
    stdoutReport.add(committed);
    if (committed.failure !== undefined) halt.fail(fromPlain(committed.failure));
    // Once the run is ending, held answers stay pending, whatever other answers arrive.
    if (!halt.signal.aborted) this.#outcomes.committed(batch);
  }

  /**
   * Held failures are recorded unless the API refused the run, as far as is known; held absences only if all work was done. Where it was,
   * a refusal that nobody confirmed ends nothing, and was of no DELETE: that ID would be pending.
   */
  #endHeld(): void {
    const { halt, connection } = this.#options;
    const isUnconfirmed = halt.signal.aborted && connection.access.refusals.isUnconfirmed;
    this.#outcomes.endFailures(!halt.isRefused && !isUnconfirmed);
    this.#sender.apply('continue', undefined);
    this.#sender.apply(this.#outcomes.endAbsences(!halt.signal.aborted), undefined);
  }
}

function pageSizeFor({ rate, batchTokenCount }: PaceOptions): number {
  if (rate.kind === 'unlimited') return PAGE_SIZE_MAX;
  const perPage = Math.ceil((rate.requests * Math.max(batchTokenCount, 1) * PAGE_MS) / rate.perMs);
  return Math.min(Math.max(perPage, 1), PAGE_SIZE_MAX);
}

/** When the run ends: waits for what is in flight, then gives it up. */
function drainOnHalt({ halt, deps, connection, counters }: DeletingOptions, finished: AbortSignal): void {
  const onHalt = (): void => deps.observer.event({ kind: 'stopping', reason: 'the run ends', inFlight: counters.inFlight });
  halt.signal.addEventListener('abort', onHalt, { once: true, signal: finished });
  if (halt.signal.aborted) onHalt();
  halt.overdue.addEventListener('abort', connection.abortAll, { once: true, signal: finished });
}
