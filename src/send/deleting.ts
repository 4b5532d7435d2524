import type { ItemResult, TriedItem } from '../checkpoint/results.ts';
import { createAbsentGate } from '../answer/absent-gate.ts';
import { createStreaks } from '../answer/streaks.ts';
import { runWorker } from './worker.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { fromPlain } from '../ledger/messages.ts';
import { startWorkers } from '../pace/concurrency.ts';
import type { Permit } from '../pace/types.ts';
import type { AccountStats } from '../connect/account-stats.ts';
import { absentRuleError, refusedError } from '../connect/stop-errors.ts';
import type { Connection } from '../connect/connection.ts';
import type { Halt } from '../run/halt.ts';
import { sendWithPermit } from '../connect/paced-request.ts';
import { createFeed, type Feed, type Work } from './feed.ts';
import type { PaceOptions } from '../run/run-options.ts';
import { createOutages } from './outages.ts';
import type { ProbeResult } from './outage-watch.ts';
import { createProbe, NO_PROBE } from './probe.ts';
import { createRecorder } from './recorder.ts';
import type { ReportToStdout } from '../run/report-to-stdout.ts';
import type { RunCounters } from '../run/counters.ts';
import { toRunCounts } from '../run/counters.ts';
import { createSettler, type HeldFailure } from './settle.ts';
import type { PurgeDeps } from '../run/deps.ts';

export interface DeletingOptions extends Connection {
  readonly deps: PurgeDeps;
  readonly halt: Halt;
  readonly ledger: Ledger;
  readonly pace: PaceOptions;
  readonly counters: RunCounters;
  readonly stdoutReport: ReportToStdout;
  readonly stats: AccountStats;
  readonly accountId: string;
  readonly goOnCommand: () => string;
  /** Absent answers are believed from the start: something was deleted before, or a person expects them. */
  readonly isAbsentBelieved: boolean;
  readonly deletedBefore: number;
}

/** The sending half of a run, while intake may still be reading. */
export interface Deleting {
  readonly feed: Feed;
  /** Resolves when all work is done, or the run was told to end and everything in flight is settled. */
  readonly done: Promise<void>;
  /** What is to be remembered of IDs that are still pending; call it once `done`. */
  readonly tried: () => TriedItem[];
}

/** A page is about this much of the rate, so that a kill leaves few IDs in doubt. */
const PAGE_MS = 250;
const PAGE_SIZE_MAX = 2_000;

export function startDeleting(options: DeletingOptions): Deleting {
  const { deps, halt, ledger, lanes, pace, counters, giveUp } = options;
  const { clock, random, observer } = deps;

  const feed = createFeed({
    ledger,
    clock,
    halt: halt.signal,
    pageSize: pageSizeFor(pace),
    sendCountMax: pace.sendCountMax,
    onError: (error) => halt.fail(error),
  });
  const absentGate = createAbsentGate<ItemResult>({ isOpen: options.isAbsentBelieved });
  /** Absences that were not believed: their IDs are pending. */
  const released: ItemResult[] = [];
  const recorder = createRecorder({
    ledger,
    clock,
    runCounts: () => toRunCounts(counters, clock.monotonicMs()),
    inFlightMax: pace.concurrency,
    onCommitted(batch, committed) {
      options.stdoutReport.add(committed);
      if (committed.reportFailure !== undefined) halt.fail(fromPlain(committed.reportFailure));
      // A run that has been told to end gives what is held back to pending, whatever else is answered until then.
      if (halt.signal.aborted || absentGate.isOpen) return;
      if (batch.results.some((result) => result.outcome === 'deleted')) recordHeld(absentGate.deletedRecorded());
    },
    onError: (error) => halt.fail(error),
  });
  const handedProbes = new Map<Permit, (result: ProbeResult) => void>();
  const workDone = new AbortController();
  const ended = AbortSignal.any([halt.signal, workDone.signal]);
  const probe = createProbe({ options, feed, ended, send, handToWorker });
  const outages = createOutages({
    clock,
    observer,
    lanes,
    ended,
    probe: probe.once,
    onOver: probe.release,
    onError: (error) => halt.fail(error),
  });
  const settler = createSettler({
    clock,
    random,
    observer,
    counters,
    attemptsMax: pace.attemptsMax,
    feed,
    recorder,
    absentGate,
    streaks: createStreaks<HeldFailure>(),
    isOutage: outages.isActive,
    setAside: (work) => (outages.isTotal() ? probe.setAside(work) : feed.putBack(work)),
    onRetryableFailure: outages.onFailure,
    onAnswered: outages.onAnswered,
    onRefused: options.refused,
    onFinalAnswer: () => giveUp.finalAnswer(),
    onThrottled: options.onThrottled,
    onFailedRecorded() {
      if (counters.failed > pace.failureCountMax) halt.end({ kind: 'limit', option: '--max-failures' });
    },
    stopRun: (reason, answer) => halt.fail(refusedError(reason, answer, options)),
    tripAbsentRule: () => halt.fail(absentRuleError(options)),
  });

  async function send(work: Work, permit: Permit): Promise<boolean> {
    counters.inFlight++;
    const credentials = options.credentialsOf(permit.lane);
    const exchange = await sendWithPermit(permit, counters, () => credentials.deleter.deleteImage(work.id));
    counters.inFlight--;
    const isAnswered = settler.settle(work, permit, credentials, exchange);
    handedProbes.get(permit)?.({ isAnswered, id: work.id });
    handedProbes.delete(permit);
    // The last one in flight decides whether there is any work left.
    if (counters.inFlight === 0) feed.nudge();
    return isAnswered;
  }

  function handToWorker(permit: Permit): Promise<ProbeResult> | undefined {
    const { promise, resolve } = Promise.withResolvers<ProbeResult>();
    handedProbes.set(permit, resolve);
    if (lanes.hand(permit)) return promise;
    handedProbes.delete(permit);
    return undefined;
  }

  function recordHeld(held: readonly ItemResult[]): void {
    for (const result of held) {
      counters.absent++;
      recorder.add(result);
    }
  }

  async function waitForPermit(): Promise<Permit | undefined> {
    const permit = await lanes.take();
    if (permit === undefined || !halt.signal.aborted) return permit;
    permit.lane.settled(permit, false);
    handedProbes.get(permit)?.(NO_PROBE);
    return undefined;
  }

  async function waitForWork(): Promise<boolean> {
    if (halt.signal.aborted || (feed.isExhausted() && counters.inFlight === 0 && !probe.holdsWork())) {
      feed.nudge();
      return false;
    }
    await feed.whenChanged();
    return true;
  }

  async function run(): Promise<void> {
    const finished = new AbortController();
    drainOnHalt(options, finished.signal);
    try {
      await startWorkers(pace.concurrency, () =>
        runWorker<Work, Permit>({
          take: () => feed.take(),
          waitForWork,
          tryPermit: () => lanes.tryTake(),
          waitForPermit,
          putBack: (work) => feed.putBack(work),
          sendAndSettle: send,
          whenRoom: () => options.stdoutReport.whenRoom() ?? recorder.whenRoom(),
        }),
      ).finally(() => {
        workDone.abort();
        giveUp.pause();
      });
      await outages.settled();
      // What failed while the run was ending was set aside when no probe was left to bring it back.
      probe.release();
      settleHeld();
      await recorder.flush();
    } finally {
      finished.abort();
    }
  }

  /** Held failures are believed at every end but a refusal; held absences only where all work was done. */
  function settleHeld(): void {
    settler.endStreaks(!halt.isRefused);
    if (!halt.signal.aborted) {
      const end = absentGate.endOfWork(counters.failed + counters.deleted);
      if (end.kind === 'record') return recordHeld(end.held);
      halt.fail(absentRuleError(options));
    }
    released.push(...absentGate.release());
  }

  return {
    feed,
    done: run(),
    tried: () => [
      ...feed.drain(),
      // The disk may have had no room for them and have some for the ending.
      ...recorder.lost(),
      // The next run is to know that an earlier request may have deleted them; what was not believed counts no attempt.
      ...released.filter(({ isUnknown }) => isUnknown).map(({ seq, attempts }) => ({ seq, attempts: attempts - 1, isUnknown: true })),
      ...settler.returned
        .filter((work) => work.attempts > 0 || work.isUnknown)
        .map(({ seq, attempts, isUnknown }) => ({ seq, attempts, isUnknown })),
    ],
  };
}

function pageSizeFor({ rate, batchTokenCount }: PaceOptions): number {
  if (rate.kind === 'unlimited') return PAGE_SIZE_MAX;
  const perPage = Math.ceil((rate.requests * Math.max(batchTokenCount, 1) * PAGE_MS) / rate.perMs);
  return Math.min(Math.max(perPage, 1), PAGE_SIZE_MAX);
}

/** After the run has been told to end: waits for what is in flight, then gives it up. */
function drainOnHalt({ halt, deps, abortAll, counters }: DeletingOptions, finished: AbortSignal): void {
  const onHalt = (): void => deps.observer.event({ kind: 'stopping', reason: 'the run ends', inFlight: counters.inFlight });
  halt.signal.addEventListener('abort', onHalt, { once: true, signal: finished });
  if (halt.signal.aborted) onHalt();
  halt.overdue.addEventListener('abort', abortAll, { once: true, signal: finished });
}
