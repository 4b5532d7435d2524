import type { CheckpointFacts } from '../checkpoint/facts.ts';
import type { StoredFailureKind } from '../checkpoint/samples.ts';
import { createClient } from '../cloudflare/client.ts';
import type { CloudflareClient } from '../cloudflare/types.ts';
import { EXIT, type ExitCode, storageError, type UserError } from '../domain/errors.ts';
import { VERSION } from '../domain/version.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Committed } from '../ledger/operations.ts';
import { fromPlain } from '../ledger/messages.ts';
import { createLane } from '../pace/lane.ts';
import { createLanes, type Lanes } from '../pace/lanes.ts';
import { checkSet, checkShare } from '../plan/guards.ts';
import type { OpenedSource } from '../read/source.ts';
import { type AccountStats, readAccountStats } from './account-stats.ts';
import { confirm, planSummary } from './confirm.ts';
import { createCounters, toRunCounts } from './counters.ts';
import { gaveUpError, refusedError } from './deleting-errors.ts';
import { type Deleting, startDeleting } from './deleting.ts';
import type { Ending, Halt } from './ending.ts';
import { runIntake } from './intake.ts';
import type { ApiOptions, PaceOptions } from './options.ts';
import { createProgress, type ProgressBoard } from './progress.ts';
import { Pulse } from './pulse.ts';
import { createReportToStdout } from './report-to-stdout.ts';
import { summaryOf } from './summary.ts';
import type { PurgeDeps, PurgeResult } from './types.ts';

export interface CarryOutOptions {
  readonly deps: PurgeDeps;
  readonly halt: Halt;
  /** Holds an open checkpoint and an open report. */
  readonly ledger: Ledger;
  readonly checkpointPath: string;
  readonly reportPath: string | undefined;
  readonly openedReport: Committed;
  readonly mode: 'delete' | 'plan' | 'dry-run';
  readonly api: ApiOptions;
  readonly pace: PaceOptions;
  /** To read into the checkpoint; `undefined` where nothing is to be read in this run. */
  readonly sources: readonly OpenedSource[] | undefined;
  readonly isDeliveryUrls: boolean;
  readonly expectAbsent: boolean;
  /** `--yes`, or a purge confirmed before whose list has not been read again. */
  readonly isConfirmed: boolean;
}

/** Intake ∥ delete ∥ record on an open checkpoint, to whatever end; writes the ending and tells how it went. */
export async function carryOut(options: CarryOutOptions): Promise<PurgeResult> {
  const run = new Run(options);
  await run.toItsEnd();
  return run.result();
}

class Run {
  readonly #o: CarryOutOptions;
  readonly #counters;
  readonly #board: ProgressBoard;
  readonly #accepted = new Pulse();
  readonly #stdoutReport;
  #facts: CheckpointFacts | undefined;
  #failureKinds: readonly StoredFailureKind[] = [];
  #absentByOthers = 0;
  #deleting: Deleting | undefined;
  #client: CloudflareClient | undefined;
  #lanes: Lanes | undefined;

  constructor(options: CarryOutOptions) {
    this.#o = options;
    const { deps, halt, ledger } = options;
    this.#counters = createCounters(deps.clock.monotonicMs());
    this.#board = { phase: 'reading', isIntakeComplete: false, rows: 0, accepted: 0, lanes: undefined };
    this.#stdoutReport = createReportToStdout(ledger, deps.writeReportText, () => halt.end({ kind: 'stop-requested', request: { exitCode: 5, name: 'stdout closed' } }));
  }

  async toItsEnd(): Promise<void> {
    const { deps, halt, ledger, pace } = this.#o;
    const finished = new AbortController();
    const watchingTime = this.#watchDuration(pace.runDurationMsMax, finished.signal);
    const onStop = (): void => halt.end({ kind: 'stop-requested', request: deps.stop.reason });
    deps.stop.addEventListener('abort', onStop, { once: true });
    if (deps.stop.aborted) onStop();
    try {
      const before = await ledger.ask('facts');
      this.#board.accepted = before.intake.accepted;
      this.#board.isIntakeComplete = before.intake.complete;
      deps.onProgressReady(createProgress(deps.clock, this.#counters, before.outcomes, this.#board));
      this.#stdoutReport.add(this.#o.openedReport);
      const intake = this.#readSources();
      try {
        await this.#deleteWhatMayBe(intake);
      } catch (error) {
        halt.fail(error);
      }
      await intake;
      await this.#deleting?.done.catch((error: unknown) => halt.fail(error));
    } catch (error) {
      halt.fail(error);
    } finally {
      this.#board.phase = 'finishing';
      deps.stop.removeEventListener('abort', onStop);
      finished.abort();
      await watchingTime;
      await this.#stdoutReport.flush();
      await this.#client?.close();
      await this.#lanes?.close();
    }
    halt.throwBug();
    await this.#writeEnding();
  }

  result(): PurgeResult {
    const { halt, reportPath, checkpointPath, deps } = this.#o;
    const facts = this.#facts;
    const error = halt.ending?.kind === 'error' ? halt.ending.error : this.#missingSource(facts);
    const exitCode = this.#exitCode(facts, error);
    const run = toRunCounts(this.#counters, deps.clock.monotonicMs());
    const summary = facts === undefined ? undefined : summaryOf(facts, run, exitCode);
    const endedBecause = endedBecauseOf(halt.ending, facts);
    if (summary !== undefined) deps.observer.event({ kind: 'run.finished', summary, stoppedBecause: endedBecause });
    return { exitCode, summary, error, endedBecause, checkpointPath, reportPath, failureKinds: this.#failureKinds };
  }

  /** Reads to the end in the background; resolves whether or not it got there. */
  async #readSources(): Promise<void> {
    const { sources, halt, deps, ledger, isDeliveryUrls } = this.#o;
    if (sources === undefined) return;
    const startedMs = deps.clock.monotonicMs();
    deps.observer.event({ kind: 'intake.started', sources: sources.map(({ name }) => name) });
    try {
      const isComplete = await runIntake(sources, {
        ledger,
        isDeliveryUrls,
        halt: halt.signal,
        onWarning: (message) => deps.observer.event({ kind: 'warning', code: 'SOURCE', message }),
        onCommitted: (committed) => this.#onIntakeCommitted(committed),
        onAccepted: (count) => {
          this.#board.accepted += count;
          this.#deleting?.feed.moreAccepted();
          this.#accepted.beat();
        },
      });
      if (isComplete) {
        this.#board.isIntakeComplete = true;
        const { intake } = await ledger.ask('facts');
        this.#board.accepted = intake.accepted;
        const { accepted, duplicates, rejected, skipped } = intake;
        deps.observer.event({ kind: 'intake.finished', accepted, duplicates, protected: intake.protected, rejected, skipped, elapsedMs: deps.clock.monotonicMs() - startedMs });
      }
    } catch (error) {
      halt.fail(error);
    } finally {
      this.#deleting?.feed.intakeEnded();
      this.#accepted.beat();
    }
  }

  async #onIntakeCommitted(committed: Committed): Promise<void> {
    this.#stdoutReport.add(committed);
    if (committed.reportFailure !== undefined) this.#o.halt.fail(fromPlain(committed.reportFailure));
    await this.#stdoutReport.whenRoom();
  }

  async #deleteWhatMayBe(intake: Promise<void>): Promise<void> {
    const { mode, halt, ledger, deps, sources } = this.#o;
    const { definition } = await ledger.ask('facts');
    const { guards } = definition;
    const mustWait = mode !== 'delete' || !this.#o.isConfirmed || guards.strict || guards.idCountMin > 0 || guards.deletesCountMax !== null || guards.deletesPercentMax !== null;
    if (mustWait) await intake;
    else if (sources !== undefined) await Promise.race([intake, this.#accepted.next()]);
    if (halt.signal.aborted) return;

    const facts = await ledger.ask('facts');
    const set = { accepted: facts.intake.accepted, rejected: facts.intake.rejected, deleted: facts.outcomes.deleted };
    if (mustWait) this.#refuseIf(checkSet(set, guards, this.#o.reportPath));
    if (halt.signal.aborted) return;
    if (mode !== 'delete') return this.#showPlan(facts);
    if (facts.pending === 0 && facts.intake.complete) {
      this.#refuseIf(checkShare(set, guards, undefined));
      return;
    }
    if (facts.pending === 0 && this.#board.accepted === 0) await Promise.race([intake, this.#accepted.next()]);

    const stats = await this.#connect();
    if (stats === undefined) return;
    this.#refuseIf(checkShare(set, guards, stats.kind === 'count' ? stats.current : undefined));
    if (halt.signal.aborted) return;
    if (!this.#o.isConfirmed) {
      const refusal = await confirm(deps.ask, await planSummary(ledger, facts, this.#o.pace, stats), halt.signal);
      if (refusal !== undefined) halt.end({ kind: 'error', error: refusal, endedBy: 'refused-question' });
      if (halt.signal.aborted) return;
      // The time a person took to read the plan is not the purge's.
      this.#counters.startedMs = deps.clock.monotonicMs();
    }
    await ledger.ask('markConfirmed');
    this.#startDeleting(facts, stats);
  }

  async #showPlan(facts: CheckpointFacts): Promise<void> {
    const { mode, ledger, deps, pace } = this.#o;
    deps.onPlan?.(await planSummary(ledger, facts, pace, undefined));
    if (mode !== 'dry-run') return;
    const committed = await ledger.ask('planPending', deps.clock.wallMs());
    this.#stdoutReport.add(committed);
    if (committed.reportFailure !== undefined) this.#o.halt.fail(fromPlain(committed.reportFailure));
  }

  /** Opens client and lane and asks for stats, once; `undefined` where the run has been told to end. */
  async #connect(): Promise<AccountStats | undefined> {
    const { api, pace, deps, halt, checkpointPath } = this.#o;
    const { clock, random, observer } = deps;
    const client = createClient({ ...api, connections: pace.concurrency, requestTimeoutMs: pace.requestTimeoutMs, userAgent: `images-purge/${VERSION}` });
    this.#client = client;
    const lanes = createLanes([createLane({ name: 'account', rate: pace.rate, clock, random })]);
    this.#lanes = this.#board.lanes = lanes;
    this.#board.phase = 'deleting';
    const context = { checkpointPath, accountId: api.accountId, pace, counters: this.#counters, deletedBefore: 0, stats: { kind: 'unreadable', why: 'refused' } as const };
    return readAccountStats({
      client,
      lanes,
      clock,
      random,
      counters: this.#counters,
      attemptsMax: pace.attemptsMax,
      halt: halt.signal,
      giveUpAfterMs: pace.giveUpAfterMs,
      stopRun: (reason, answer) => halt.fail(refusedError(reason, answer, context)),
      onThrottled: (lane, waitMs) => observer.event({ kind: 'lane.throttled', lane, waitMs, untilWallMs: clock.wallMs() + waitMs }),
      giveUp: (throttle) => halt.fail(gaveUpError(context, throttle)),
    });
  }

  #startDeleting(facts: CheckpointFacts, stats: AccountStats): void {
    const { deps, halt, ledger, pace, api, checkpointPath, expectAbsent } = this.#o;
    if (this.#client === undefined || this.#lanes === undefined) throw new Error('deleting was started before the client');
    this.#deleting = startDeleting({
      deps,
      halt,
      ledger,
      client: this.#client,
      lanes: this.#lanes,
      pace,
      counters: this.#counters,
      stdoutReport: this.#stdoutReport,
      stats,
      accountId: api.accountId,
      checkpointPath,
      isAbsentBelieved: expectAbsent || facts.outcomes.deleted > 0 || (stats.kind === 'count' && stats.current === 0),
      isIntakeComplete: this.#board.isIntakeComplete || this.#o.sources === undefined,
      deletedBefore: facts.outcomes.deleted,
    });
    this.#deleting.feed.moreAccepted();
  }

  async #writeEnding(): Promise<void> {
    const { ledger, halt, deps, mode } = this.#o;
    const { ending } = halt;
    const run = toRunCounts(this.#counters, deps.clock.monotonicMs());
    const wasAsking = ending?.kind === 'stop-requested' && this.#deleting === undefined && !this.#o.isConfirmed && mode === 'delete';
    const endedBy = ending?.kind === 'error' ? ending.endedBy : wasAsking ? 'refused-question' : undefined;
    const nowMs = deps.clock.wallMs();
    try {
      const left = await ledger.ask('end', { tried: this.#deleting?.tried() ?? [], endedBy, run, nowMs }, mode === 'delete' && ending?.kind !== 'error');
      this.#facts = left.facts;
      this.#failureKinds = left.failureKinds;
      this.#absentByOthers = left.absentByOthers;
    } catch (error) {
      halt.fail(error);
      halt.throwBug();
    }
  }

  /** A run without sources has carried out what was accepted, but the list was never read to its end. */
  #missingSource(facts: CheckpointFacts | undefined): UserError | undefined {
    const { halt, mode, sources, checkpointPath } = this.#o;
    if (facts === undefined || facts.intake.complete || halt.ending !== undefined || mode !== 'delete' || sources !== undefined) return undefined;
    const names = facts.sources.map(({ path }) => path).join(', ');
    return storageError('SOURCE_NOT_READ', `what was accepted has been carried out, but ${names} was never read to its end.`, [
      `Give the source again:  images-purge delete ${names} --checkpoint ${checkpointPath}`,
    ]);
  }

  #exitCode(facts: CheckpointFacts | undefined, error: UserError | undefined): ExitCode {
    const { ending } = this.#o.halt;
    if (error !== undefined) return error.exitCode;
    if (ending?.kind === 'stop-requested') return ending.request.exitCode;
    if (facts === undefined) return EXIT.storage;
    if (this.#o.mode !== 'delete') return facts.intake.rejected > 0 ? EXIT.doneWithFailures : EXIT.done;
    if (facts.state !== 'finished') return EXIT.stoppedByLimit;
    const isAbsentFailure = facts.definition.guards.failOnAbsent && this.#absentByOthers > 0;
    return facts.outcomes.failed > 0 || facts.intake.rejected > 0 || isAbsentFailure ? EXIT.doneWithFailures : EXIT.done;
  }

  #refuseIf(refusal: UserError | undefined): void {
    if (refusal !== undefined) this.#o.halt.fail(refusal);
  }

  async #watchDuration(durationMsMax: number, finished: AbortSignal): Promise<void> {
    if (durationMsMax === Infinity) return;
    await this.#o.deps.clock.sleep(durationMsMax, finished);
    if (!finished.aborted) this.#o.halt.end({ kind: 'limit', option: '--max-duration' });
  }
}

function endedBecauseOf(ending: Ending | undefined, facts: CheckpointFacts | undefined): string {
  switch (ending?.kind) {
    case 'stop-requested':
      return `stopped by ${ending.request.name}`;
    case 'limit':
      return `stopped by ${ending.option}`;
    case 'error':
      return ending.error.code;
    case undefined:
      return facts?.state === 'unfinished' ? 'stopped by --limit' : (facts?.state ?? 'unknown');
  }
}
