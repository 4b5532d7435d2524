import { type CheckpointFacts, isWorkedOff, type RepeatedOptions } from '../checkpoint/facts.ts';
import type { TriedItem } from '../checkpoint/results.ts';
import { nextCommand, onOwnQuota } from '../advice/next-command.ts';
import type { AccountStats } from '../connect/account-stats.ts';
import { connect, type Connection } from '../connect/connection.ts';
import { createPermitMemory, type PermitMemory } from '../connect/permit-memory.ts';
import type { BackupFolder } from '../backup/backup-folder.ts';
import type { Reading } from '../intake/reading.ts';
import { needsWholeList } from '../plan/guards.ts';
import type { ApiOptions, BackupSpace } from '../run/run-options.ts';
import { BackingUp } from '../send/saving/backing-up.ts';
import { type Deleting, startDeleting } from '../send/deleting.ts';
import { isConsentRefused, isSetRefused, isShareRefused } from './consent/check-guards.ts';
import { confirm, planSummary } from './consent/confirm.ts';
import { protectNewer } from './account/protect-newer.ts';
import type { PurgeRun } from './purge-run.ts';
import { estimateBackup, openBackup } from './backup/backup-ahead.ts';
import { verifyPurge } from './verify-purge.ts';

/** What only a run that deletes is given. */
export interface DeletionTask {
  readonly mode: 'delete';
  readonly api: ApiOptions;
  readonly expectAbsent: boolean;
  /** Failed IDs are pending again. */
  readonly retriesFailed: boolean;
  /** A purge that was finished before is verified again. */
  readonly verifiesAgain: boolean;
  /** `--yes`, or a purge confirmed before whose list has not been read again. */
  readonly isConfirmed: boolean;
}

/** What a run has in hand once `GET stats` is answered. */
interface Connected {
  readonly connection: Connection;
  readonly stats: AccountStats;
}

/** The sending half of a run: guards, stats, the question, then the DELETEs. It owns the connection. */
export class Deletion {
  readonly #run: PurgeRun;
  readonly #task: DeletionTask;
  #connection: Connection | undefined;
  #memory: PermitMemory | undefined;
  #deleting: Deleting | undefined;
  #backup: BackupFolder | undefined;
  #isAsking = false;
  #stats: AccountStats | undefined;
  /** `--verify` is on record, and every ID has not been looked for yet. */
  #mustVerify = false;

  constructor(run: PurgeRun, task: DeletionTask) {
    this.#run = run;
    this.#task = task;
  }

  /** Resolves when the DELETEs have begun, or none will be sent. */
  async begin(reading: Reading): Promise<void> {
    const { halt, ledger, confirmedSet } = this.#run;
    const before = await ledger.ask('facts');
    const { guards } = before.definition;
    this.#mustVerify = guards.verifies && (before.state !== 'finished' || this.#task.verifiesAgain);
    this.#backup = isWorkedOff(before) ? undefined : await openBackup(this.#run, before);
    // What a backup needs, and what is new, is known only once the list is.
    const needsList = needsWholeList(guards) || guards.newerThanMs !== null || this.#backup !== undefined;
    const mustWait = !this.#task.isConfirmed || confirmedSet !== undefined || needsList;
    await (mustWait ? reading.done : reading.firstAccepted());
    if (halt.signal.aborted) return;

    const facts = await ledger.ask('facts');
    const waitsForList = guards.newerThanMs !== null && facts.pending > 0;
    if (mustWait && (await isSetRefused(this.#run, facts, !waitsForList))) return;
    if (isConsentRefused(this.#run, facts)) return;
    // As with --yes: a run that ends before its first DELETE must not make the next one ask.
    if (confirmedSet !== undefined) await ledger.ask('setConfirmed', true);
    if (isWorkedOff(facts)) {
      await ledger.ask('endPlan', false);
      if (this.#mustVerify) await this.#connect(facts);
      return;
    }

    const connected = await this.#connect(facts);
    if (connected === undefined) return;
    const left = waitsForList ? await this.#protectNewer(connected, guards.newerThanMs ?? 0) : facts;
    if (left !== undefined) await this.#send(left, connected, reading);
  }

  /** What is left to send once the account's list has been read; `undefined`: nothing, or the run may not go on. */
  async #protectNewer({ connection, stats }: Connected, ageMs: number): Promise<CheckpointFacts | undefined> {
    const { ledger } = this.#run;
    const imageCount = stats.kind === 'count' ? stats.current : undefined;
    if (!(await protectNewer(this.#run, connection.access, { ageMs, imageCount }))) return undefined;
    const facts = await ledger.ask('facts');
    if (await isSetRefused(this.#run, facts, true)) return undefined;
    if (!isWorkedOff(facts)) return facts;
    await ledger.ask('endPlan', false);
    return undefined;
  }

  async #send(facts: CheckpointFacts, { connection, stats }: Connected, reading: Reading): Promise<void> {
    const { ledger, halt, confirmedSet } = this.#run;
    const accountImageCount = stats.kind === 'count' ? stats.current : undefined;
    if (await isShareRefused(this.#run, facts, accountImageCount)) return;
    const space = await estimateBackup(this.#run, connection.access, facts);
    if (halt.signal.aborted) return;
    if (!this.#task.isConfirmed && confirmedSet === undefined && !(await this.#ask(facts, stats, space))) return;
    await ledger.ask('endPlan', true);
    if (!(await connection.openLanes())) return;
    this.#startDeleting(connection, facts, stats, reading);
  }

  /** Resolves when everything in flight is settled; at once where no DELETE has begun. */
  async whenDone(): Promise<void> {
    await this.#deleting?.done;
  }

  /** `--verify`: once every ID has its outcome. A run that does not come to its end here leaves the purge unfinished. */
  async verify(): Promise<void> {
    const { halt, ledger } = this.#run;
    const [connection, stats] = [this.#connection, this.#stats];
    if (!this.#mustVerify || connection === undefined || stats === undefined || halt.signal.aborted) return;
    const facts = await ledger.ask('facts');
    if (isWorkedOff(facts)) this.#mustVerify = !(await verifyPurge(this.#run, connection.access, facts, stats));
  }

  /** The purge is not finished, although nothing may be left to send. */
  get isUnverified(): boolean {
    return this.#mustVerify;
  }

  async close(): Promise<void> {
    await this.#connection?.close();
    await this.#closeBackup().catch((error: unknown) => this.#run.halt.fail(error));
  }

  async #closeBackup(): Promise<void> {
    if (this.#backup === undefined) return;
    await this.#backup.close();
    const { deps, counters } = this.#run;
    if (counters.saved > 0) deps.observer.event({ kind: 'backup.finished', folder: this.#backup.folder, images: counters.saved });
  }

  get retriesFailed(): boolean {
    return this.#task.retriesFailed;
  }

  /** A person was asked and has not answered: Ctrl-C at the question is a refusal too. */
  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** What is to be remembered of IDs that are still pending. */
  tried(): TriedItem[] {
    return this.#deleting?.tried() ?? [];
  }

  /** Permits that were used, for the next run of this account. */
  usedPermits(): ReturnType<PermitMemory['usedOf']> {
    if (this.#connection === undefined || this.#memory === undefined) return [];
    const { access, lanes } = this.#connection;
    return this.#memory.usedOf([...new Set([...access.account.all, ...lanes.all])]);
  }

  /** `undefined` where something has ended the run. */
  async #connect(facts: CheckpointFacts): Promise<Connected | undefined> {
    const { deps, halt, ledger, pace, counters, board } = this.#run;
    const memory = createPermitMemory(ledger, deps.clock, await ledger.ask('recordedPermits'));
    this.#memory = memory;
    const connection = await connect({
      deps,
      halt,
      counters,
      api: this.#task.api,
      pace,
      memory,
      nextCommand: () => this.#nextCommand(facts),
      commandOnOwnQuota: () => this.#nextCommand(facts, onOwnQuota(this.#run.repeated)),
      deletedCount: () => this.#deletedCount(facts),
    });
    this.#connection = connection;
    board.lanes = connection.lanes;
    board.phase = 'deleting';
    const stats = await connection.access.askStats();
    this.#stats = stats;
    return stats === undefined || halt.signal.aborted ? undefined : { connection, stats };
  }

  /** Whether the person typed what the plan asks for. */
  async #ask(facts: CheckpointFacts, stats: AccountStats, space: BackupSpace | undefined): Promise<boolean> {
    const { deps, halt, ledger, pace, counters } = this.#run;
    this.#isAsking = true;
    halt.pauseTime();
    const refusal = await confirm(deps.ask, await planSummary(ledger, facts, pace, { stats, space, isFinal: true }), halt.signal);
    if (refusal !== undefined) halt.end({ kind: 'error', error: refusal, endedBy: 'refused-question' });
    if (halt.signal.aborted) return false;
    this.#isAsking = false;
    // The time a person took to read the plan is not the purge's.
    halt.resumeTime();
    counters.startedMs = deps.clock.monotonicMs();
    return true;
  }

  #startDeleting(connection: Connection, facts: CheckpointFacts, stats: AccountStats, reading: Reading): void {
    const { deps, halt, ledger, pace, counters, moments, stdoutReport } = this.#run;
    const { api, expectAbsent } = this.#task;
    const [folder, { reader }] = [this.#backup, connection.access];
    moments.runBegins();
    this.#deleting = startDeleting({
      deps,
      halt,
      ledger,
      connection,
      pace,
      counters,
      moments,
      stdoutReport,
      errorContext: {
        nextCommand: () => this.#nextCommand(facts),
        accountId: api.accountId,
        baseUrl: api.baseUrl,
        stats,
        counters,
        deletedCount: () => this.#deletedCount(facts),
      },
      backingUp: folder === undefined ? undefined : new BackingUp({ folder, reader, clock: deps.clock, counters }),
      isAbsentBelieved: expectAbsent || facts.outcomes.deleted > 0 || (stats.kind === 'count' && stats.current === 0),
    });
    reading.listen(this.#deleting.feed);
  }

  #deletedCount(facts: CheckpointFacts): number {
    return facts.outcomes.deleted + this.#run.counters.deleted;
  }

  /** As things stand now: intake may have come to its end since the facts were read. */
  #nextCommand(facts: CheckpointFacts, repeated: RepeatedOptions = this.#run.repeated): string {
    const { checkpointPath, board } = this.#run;
    return nextCommand(facts, checkpointPath, repeated, board.isIntakeComplete);
  }
}
