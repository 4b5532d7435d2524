import { type CheckpointFacts, type EndedBy, isWorkedOff, type RecordedGuards } from '../checkpoint/facts.ts';
import { EXIT, UserError } from '../domain/errors.ts';
import type { Shard } from '../domain/shard.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { fromPlain } from '../ledger/messages.ts';
import type { Committed, RunLeft } from '../ledger/operations.ts';
import { checkSet, checkShare, type GuardedSet, type GuardOrigin } from '../plan/guards.ts';
import type { OpenedSource } from '../read/source.ts';
import type { AccountStats } from '../connect/account-stats.ts';
import { confirm, planSummary } from './confirm.ts';
import { askStats, connect, type Connection } from '../connect/connection.ts';
import { createCounters, type RunCounters, toRunCounts } from '../run/counters.ts';
import { type Deleting, startDeleting } from '../send/deleting.ts';
import type { Ending, Halt } from '../run/halt.ts';
import { goOnCommand } from '../advice/go-on.ts';
import type { ApiOptions, PaceOptions } from '../run/run-options.ts';
import { createPermitMemory, type PermitMemory } from '../connect/permit-memory.ts';
import { createProgress, type ProgressBoard } from '../run/progress-board.ts';
import { type Reading, startReading } from '../intake/reading.ts';
import { createReportToStdout, type ReportToStdout } from '../run/report-to-stdout.ts';
import { resultOf } from './result-of.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { PurgeResult } from '../run/purge-result.ts';

export interface CarryOutOptions {
  readonly deps: PurgeDeps;
  readonly halt: Halt;
  /** Holds an open checkpoint and an open report. */
  readonly ledger: Ledger;
  readonly checkpointPath: string;
  readonly reportPath: string | undefined;
  readonly mode: 'delete' | 'plan' | 'dry-run';
  readonly api: ApiOptions;
  readonly pace: PaceOptions;
  /** To read into the checkpoint; `undefined` where nothing is to be read in this run. */
  readonly sources: readonly OpenedSource[] | undefined;
  readonly isDeliveryUrls: boolean;
  /** `null`: all IDs. */
  readonly shard: Shard | null;
  readonly expectAbsent: boolean;
  /** Failed IDs are pending again. */
  readonly retriesFailed: boolean;
  /** `--yes`, or a purge confirmed before whose list has not been read again. */
  readonly isConfirmed: boolean;
  /** Those of earlier runs, where the purge is gone on with. */
  readonly guardsBefore: RecordedGuards | undefined;
}

/** Intake ∥ delete ∥ record on an open checkpoint, to whatever end; writes the ending and tells how it went. */
export async function carryOut(options: CarryOutOptions): Promise<PurgeResult> {
  const run = new Run(options);
  await run.toItsEnd();
  const { deps, mode, checkpointPath, reportPath } = options;
  const { left, counts, ending } = await run.writeEnding();
  const result = resultOf({ mode, ending, left, run: counts, pace: options.pace, checkpointPath, reportPath });
  if (result.summary !== undefined)
    deps.observer.event({ kind: 'run.finished', summary: result.summary, stoppedBecause: result.endedBecause });
  return result;
}

/** One run: what it has started, and what must be let go of in the end. */
class Run {
  readonly #options: CarryOutOptions;
  readonly #counters: RunCounters;
  readonly #board: ProgressBoard = { phase: 'reading', isIntakeComplete: false, rows: 0, accepted: 0, lanes: undefined };
  readonly #stdoutReport: ReportToStdout;
  #connection: Connection | undefined;
  #memory: PermitMemory | undefined;
  #deleting: Deleting | undefined;
  #isAsking = false;

  constructor(options: CarryOutOptions) {
    const { deps, halt, ledger } = options;
    this.#options = options;
    this.#counters = createCounters(deps.clock.monotonicMs());
    this.#stdoutReport = createReportToStdout(ledger, deps.writeReportText, halt.overdue, (error) => {
      if (error instanceof UserError) halt.fail(error);
      else halt.end({ kind: 'stop-requested', request: { exitCode: EXIT.storage, name: 'stdout closed' } });
    });
  }

  /** Resolves when everything that was started has ended, for whatever reason. */
  async toItsEnd(): Promise<void> {
    const { deps, halt, ledger, sources, isDeliveryUrls, shard, retriesFailed } = this.#options;
    halt.signal.addEventListener('abort', () => (this.#board.phase = 'stopping'), { once: true });
    try {
      await this.#untilNothingIsLeft(() => ledger.ask('tellSome'));
      // A list read again gives failed IDs new numbers, by which what is on record as untold would not find them.
      await this.#stdoutReport.flush();
      // What failed is told before it is pending again, and is then protected like everything that is.
      if (retriesFailed && !halt.signal.aborted) await ledger.ask('putBackFailed');
      await this.#untilNothingIsLeft(() => ledger.ask('protectSome'));
      const before = await ledger.ask('facts');
      this.#board.accepted = before.intake.accepted;
      this.#board.isIntakeComplete = before.intake.complete;
      deps.onProgressReady(createProgress(deps.clock, this.#counters, before.outcomes, this.#board));
      const reading = startReading({
        deps,
        halt,
        ledger,
        sources,
        isDeliveryUrls,
        shard,
        board: this.#board,
        stdoutReport: this.#stdoutReport,
      });
      await this.#send(reading).catch((error: unknown) => halt.fail(error));
      await reading.done;
      await this.#deleting?.done.catch((error: unknown) => halt.fail(error));
    } catch (error) {
      halt.fail(error);
    } finally {
      this.#board.phase = 'finishing';
      await this.#stdoutReport.flush();
      await this.#connection?.close();
      halt.release();
    }
    halt.throwBug();
  }

  /** The last transaction of the run. */
  async writeEnding(): Promise<{ left: RunLeft; counts: ReturnType<typeof toRunCounts>; ending: Ending | undefined }> {
    const { ledger, halt, deps, mode } = this.#options;
    const { ending } = halt;
    const counts = toRunCounts(this.#counters, deps.clock.monotonicMs());
    // Ctrl-C at the question is a refusal too.
    const endedBy: EndedBy | undefined = ending?.kind === 'error' ? ending.endedBy : this.#isAsking ? 'refused-question' : undefined;
    const mayFinish = mode === 'delete' && ending?.kind !== 'error';
    const left = await ledger.ask(
      'end',
      { tried: this.#deleting?.tried() ?? [], endedBy, run: counts, nowMs: deps.clock.wallMs() },
      mayFinish,
      this.#usedPermits(),
    );
    return {
      left,
      counts,
      ending: left.reportFailure === undefined ? ending : this.#withReportFailure(ending, fromPlain(left.reportFailure)),
    };
  }

  /** A report that cannot be written ends a run with its error, however late it shows; after a signal or another error it is told beside. */
  #withReportFailure(ending: Ending | undefined, failure: UserError): Ending {
    if (ending === undefined || ending.kind === 'limit') return { kind: 'error', error: failure, endedBy: undefined };
    const isTold = ending.kind === 'error' && ending.error.message === failure.message;
    if (!isTold) this.#options.deps.observer.event({ kind: 'warning', code: failure.code, message: failure.message });
    return ending;
  }

  #usedPermits(): ReturnType<PermitMemory['usedOf']> {
    const connection = this.#connection;
    if (connection === undefined || this.#memory === undefined) return [];
    return this.#memory.usedOf([...new Set([...connection.account.all, ...connection.lanes.all])]);
  }

  /** Guards, stats, the question, and then the deleting, which goes on when this resolves. */
  async #send(reading: Reading): Promise<void> {
    const { mode, halt, ledger } = this.#options;
    const { guards } = (await ledger.ask('facts')).definition;
    const mustWait =
      mode !== 'delete' ||
      !this.#options.isConfirmed ||
      guards.strict ||
      guards.idCountMin > 0 ||
      guards.deletesCountMax !== null ||
      guards.deletesPercentMax !== null;
    await (mustWait ? reading.done : reading.firstAccepted());
    if (halt.signal.aborted) return;

    const facts = await ledger.ask('facts');
    const set: GuardedSet = { accepted: facts.intake.accepted, rejected: facts.intake.rejected, deleted: facts.outcomes.deleted };
    if (mustWait && (await this.#isRefused(facts, (by, origin) => checkSet(set, by, origin, this.#options.reportPath)))) return;
    if (mode !== 'delete') return this.#showPlan(facts);
    if (isWorkedOff(facts)) return ledger.ask('endPlan');

    const stats = await this.#connect(facts);
    if (stats === undefined) return;
    const accountImageCount = stats.kind === 'count' ? stats.current : undefined;
    if (await this.#isRefused(facts, (by, origin) => checkShare(set, by, origin, accountImageCount))) return;
    if (!this.#options.isConfirmed && !(await this.#ask(facts, stats))) return;
    await ledger.ask('markConfirmed');
    if (!(await this.#connection?.openLanes())) return;
    this.#startDeleting(facts, stats, reading);
  }

  async #showPlan(facts: CheckpointFacts): Promise<void> {
    const { mode, ledger, deps, pace } = this.#options;
    // Whoever carries a plan out gives the limits of that run then.
    deps.onPlan?.(await planSummary(ledger, facts, mode === 'plan' ? { ...pace, sendCountMax: Infinity } : pace, undefined));
    if (mode !== 'dry-run') return;
    await this.#untilNothingIsLeft(() => ledger.ask('planSome', deps.clock.wallMs()));
  }

  /** Takes one step after another until one commits nothing; a slow stdout holds the next step back. */
  async #untilNothingIsLeft(step: () => Promise<Committed>): Promise<void> {
    const { halt } = this.#options;
    for (let isMore = true; isMore && !halt.signal.aborted;) {
      const committed = await step();
      isMore = committed.lineCount > 0;
      this.#stdoutReport.add(committed);
      if (committed.reportFailure !== undefined) halt.fail(fromPlain(committed.reportFailure));
      await this.#stdoutReport.whenRoom();
    }
  }

  async #connect(facts: CheckpointFacts): Promise<AccountStats | undefined> {
    const { api, pace, deps, halt, ledger } = this.#options;
    this.#memory = createPermitMemory(ledger, deps.clock, await ledger.ask('recordedPermits'));
    const options = {
      deps,
      halt,
      counters: this.#counters,
      api,
      pace,
      memory: this.#memory,
      goOnCommand: () => this.#goOnCommand(facts),
      deletedBefore: facts.outcomes.deleted,
    };
    const connection = await connect(options);
    this.#connection = connection;
    this.#board.lanes = connection.lanes;
    this.#board.phase = 'deleting';
    const stats = await askStats(connection, options);
    return halt.signal.aborted ? undefined : stats;
  }

  /** Whether the person typed what the plan asks for. */
  async #ask(facts: CheckpointFacts, stats: AccountStats): Promise<boolean> {
    const { deps, halt, ledger, pace } = this.#options;
    this.#isAsking = true;
    const refusal = await confirm(deps.ask, await planSummary(ledger, facts, pace, stats), halt.signal);
    if (refusal !== undefined) halt.end({ kind: 'error', error: refusal, endedBy: 'refused-question' });
    if (halt.signal.aborted) return false;
    this.#isAsking = false;
    // The time a person took to read the plan is not the purge's.
    this.#counters.startedMs = deps.clock.monotonicMs();
    return true;
  }

  #startDeleting(facts: CheckpointFacts, stats: AccountStats, reading: Reading): void {
    const { api, expectAbsent } = this.#options;
    if (this.#connection === undefined) throw new Error('deleting was started before the connection');
    this.#deleting = startDeleting({
      ...this.#options,
      ...this.#connection,
      goOnCommand: () => this.#goOnCommand(facts),
      counters: this.#counters,
      stdoutReport: this.#stdoutReport,
      stats,
      accountId: api.accountId,
      isAbsentBelieved: expectAbsent || facts.outcomes.deleted > 0 || (stats.kind === 'count' && stats.current === 0),
      deletedBefore: facts.outcomes.deleted,
    });
    reading.listen(this.#deleting.feed);
  }

  /** As things stand now: intake may have come to its end since the facts were read. */
  #goOnCommand(facts: CheckpointFacts): string {
    return goOnCommand(facts, this.#options.checkpointPath, this.#board.isIntakeComplete);
  }

  async #isRefused(
    { definition, hasOutcomes, hasUnanswered }: CheckpointFacts,
    check: (guards: RecordedGuards, origin: GuardOrigin) => UserError | undefined,
  ): Promise<boolean> {
    const { halt, ledger, checkpointPath, guardsBefore } = this.#options;
    const beginsAnew = !hasOutcomes && !hasUnanswered;
    const before = guardsBefore === undefined ? undefined : check(guardsBefore, { recordedIn: checkpointPath, beginsAnew });
    const refusal = before ?? check(definition.guards, { recordedIn: undefined, beginsAnew });
    if (refusal !== undefined) {
      halt.fail(refusal);
      // A guard that only this run was given goes with it: left behind, it would refuse every later run too.
      if (guardsBefore !== undefined) await ledger.ask('setGuards', guardsBefore);
    }
    return halt.signal.aborted;
  }
}
