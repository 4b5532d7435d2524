import { existsSync, readFileSync } from 'node:fs';

import type { RecordedRequest } from '../../../src/simulator/simulator-record.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import { backupProblems } from '../../support/purge/backup.ts';
import type { ReportLine } from '../../support/purge/purge.ts';
import { outcomeProblems, requestCountProblems, type StatusSummary, statusProblems } from './final-problems.ts';
import { earlierUnknownProblems, reportProblems } from './report-problems.ts';
import { type CheckpointState, stateOf } from './state-of.ts';
import { type History, isFinal, type RunFacts, type ServerFacts, type Truth } from './truth.ts';

/** The contract's bound on what a kill may cause to be sent again, besides what was in flight. */
const UNCOMMITTED_MAX = 2_000;
const PROBLEMS_MAX = 50;

/** Compares what the server did with what checkpoint and report say, after each run and at the end. */
export class Oracle {
  readonly problems: string[] = [];
  /** Where each image must be whole that was deleted; `undefined`: nowhere. */
  backupFolder: string | undefined;
  /** Of all answers that were lost to a kill, how long before it the oldest one's request came in. */
  oldestLostMs = 0;
  readonly #simulator: Simulator;
  readonly #truth: Truth;
  readonly #checkpointPath: string;
  readonly #inFlightMax: number;
  readonly #server: ServerFacts;
  readonly #history: History = {
    killCount: 0,
    stopCount: 0,
    outageCount: 0,
    retryFailedCount: 0,
    everFailed: new Set(),
    excludedLate: new Set(),
    mayBeUnknown: new Set(),
  };
  /** All that `--report -` wrote in all runs. */
  #stdoutReport: string | undefined;
  #requestsBefore = 0;
  #before: CheckpointState | undefined;

  /** @param deletedEarlier - by another server, before this bench began */
  constructor(
    simulator: Simulator,
    truth: Truth,
    checkpointPath: string,
    inFlightMax: number,
    deletedEarlier: ReadonlySet<string> = new Set(),
  ) {
    const { record } = simulator;
    this.#simulator = simulator;
    this.#truth = truth;
    this.#checkpointPath = checkpointPath;
    this.#inFlightMax = inFlightMax;
    this.#server = {
      requests: record.requests,
      deleteRequests: record.deleteRequests,
      wasDeleted: (id) => record.deleted.has(id) || deletedEarlier.has(id),
    };
    this.#before = stateOf(checkpointPath);
    this.#noteFailed(this.#before);
    for (const id of [...(this.#before?.unanswered ?? []), ...(this.#before?.unknown ?? [])]) this.#history.mayBeUnknown.add(id);
  }

  get killCount(): number {
    return this.#history.killCount;
  }

  get isFinished(): boolean {
    return this.#before?.isFinished === true;
  }

  /** Something was sent, or may have been: a plan is resumed then, and not replaced. */
  get hasBegun(): boolean {
    return (
      this.#history.mayBeUnknown.size > 0 ||
      [...(this.#before?.items.values() ?? [])].some((outcome) => outcome !== undefined && outcome !== 'protected')
    );
  }

  get failedCount(): number {
    return [...(this.#before?.items.values() ?? [])].filter((outcome) => outcome === 'failed').length;
  }

  /** Forgets the checkpoint of before: the next run begins a new purge. */
  expectNewPurge(): void {
    this.#before = undefined;
    this.#history.mayBeUnknown.clear();
  }

  afterRun(run: RunFacts): void {
    const before = this.#before;
    const sent = this.#simulator.record.requests.slice(this.#requestsBefore).filter(({ method }) => method === 'DELETE');
    this.#requestsBefore = this.#simulator.record.requests.length;
    this.#noteRun(run);

    const after = stateOf(this.#checkpointPath);
    this.#checkRequests(sent, before, run);
    if (this.backupFolder !== undefined) this.#add(backupProblems(this.backupFolder, this.#simulator.record.deleted));
    if (after === undefined) {
      if (before !== undefined) this.#problem('the checkpoint is gone');
      if (sent.length > 0) this.#problem('something was sent without a checkpoint');
      return;
    }
    this.#checkKept(before, after, run);
    this.#checkOutcomes(after);
    this.#checkAnswered(sent, before, after, run);
    // A run that ended before it opened the report leaves it as the kill before left it.
    if (!run.wasKilled && (sent.length > 0 || after.isFinished)) this.#checkReport(this.#reportLines(), after);
    this.#noteFailed(after);
    const { mayBeUnknown } = this.#history;
    for (const id of after.unanswered) mayBeUnknown.add(id);
    for (const request of sent) if (request.id !== undefined && !isFinal(request) && request.status !== 429) mayBeUnknown.add(request.id);
    this.#before = after;
  }

  /** The purge is finished: everything must be exactly as it must be. */
  atEnd(summary: StatusSummary): void {
    const state = this.#before;
    if (state === undefined || !state.isFinished) return this.#problem('the purge did not finish');
    this.#add(outcomeProblems(state, this.#truth));
    const lines = this.#reportLines();
    this.#checkReport(lines, state);
    const { siblingHits } = this.#simulator.record;
    if (siblingHits.length > 0) this.#problem(`sibling routes were hit: ${siblingHits.join(' ')}`);
    this.#add(statusProblems(summary, state, this.#truth, this.#history));
    this.#add(requestCountProblems(state, this.#history, this.#server));
    this.#add(earlierUnknownProblems(lines, this.#history, this.#server));
  }

  #problem(text: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(text);
  }

  #add(problems: Iterable<string>): void {
    for (const problem of problems) this.#problem(problem);
  }

  #noteRun(run: RunFacts): void {
    if (run.wasKilled) this.#history.killCount++;
    else this.#history.stopCount++;
    if (run.hadOutage) this.#history.outageCount++;
    if (run.retriesFailed) this.#history.retryFailedCount++;
    for (const id of run.excludedLate) this.#history.excludedLate.add(id);
    // A kill may leave half a line in a pipe.
    if (run.stdoutReport !== undefined)
      this.#stdoutReport = (this.#stdoutReport ?? '') + run.stdoutReport.slice(0, run.stdoutReport.lastIndexOf('\n') + 1);
  }

  #noteFailed(state: CheckpointState | undefined): void {
    for (const [id, outcome] of state?.items ?? []) if (outcome === 'failed') this.#history.everFailed.add(id);
  }

  /** What was sent may be sent, was not known to be done, and was not sent again once it was answered. */
  #checkRequests(sent: readonly RecordedRequest[], before: CheckpointState | undefined, run: RunFacts): void {
    const answered = new Set<string>();
    for (const request of sent) {
      const { id, rawUrl } = request;
      if (id === undefined || !this.#truth.accepted.has(id)) {
        this.#problem(`${rawUrl} was sent, which was never accepted`);
        continue;
      }
      if (run.excludedLate.has(id)) this.#problem(`${id} was sent although it is excluded`);
      const known = before?.items.get(id);
      if (known !== undefined && !(known === 'failed' && run.retriesFailed))
        this.#problem(`${id} was sent although its outcome ${known} was on record`);
      if (answered.has(id)) this.#problem(`${id} was sent again after its final answer in the same run`);
      if (isFinal(request)) answered.add(id);
    }
  }

  /** No outcome once on record is lost or changed. */
  #checkKept(before: CheckpointState | undefined, after: CheckpointState, run: RunFacts): void {
    for (const [id, outcome] of before?.items ?? []) {
      const now = after.items.get(id);
      if (outcome === undefined || outcome === now) continue;
      if (outcome === 'failed' && this.#history.retryFailedCount > 0 && run.command === 'resume') continue;
      // A list that is read again protects its rows again.
      if (outcome === 'protected' && !after.isIntakeComplete && now === undefined) continue;
      this.#problem(`${id} was ${outcome} and is now ${now}`);
    }
    if (before !== undefined && before.isIntakeComplete)
      for (const id of before.items.keys()) if (!after.items.has(id)) this.#problem(`${id} was forgotten`);
  }

  #checkOutcomes(after: CheckpointState): void {
    const { accepted, protected: protectedIds, images } = this.#truth;
    for (const [id, outcome] of after.items) {
      const wasDeleted = this.#server.wasDeleted(id);
      if (!accepted.has(id) && !protectedIds.has(id)) this.#problem(`the checkpoint holds ${id}, which no source names`);
      if (outcome === 'deleted' && !wasDeleted) this.#problem(`${id} is called deleted, and the server never deleted it`);
      if (outcome === 'absent' && !wasDeleted && (images === 'any' || images.has(id)))
        this.#problem(`${id} is called absent, and it is still there`);
      if (outcome === 'protected' && !protectedIds.has(id) && !this.#history.excludedLate.has(id))
        this.#problem(`${id} is called protected, and no list protects it`);
      if (outcome === 'planned') this.#problem(`${id} is called planned`);
    }
  }

  /** A run that ended by itself recorded every final answer; a killed one all but the last. */
  #checkAnswered(sent: readonly RecordedRequest[], before: CheckpointState | undefined, after: CheckpointState, run: RunFacts): void {
    const answered = sent.filter(isFinal);
    // Absences are held until a deletion is on record, and a run that is told to stop gives them back to pending.
    const isHolding = !run.expectsAbsent && ![...(before?.items.values() ?? [])].includes('deleted');
    const mayBeHeld = (status: number | undefined): boolean => status === 404 && isHolding;
    const lost = answered.filter(({ id = '', status }) => after.items.get(id) === undefined && !mayBeHeld(status));
    if (run.wasKilled) {
      for (const { atMs } of lost) this.oldestLostMs = Math.max(this.oldestLostMs, (run.killedAtMs ?? atMs) - atMs);
      if (lost.length > UNCOMMITTED_MAX + this.#inFlightMax) this.#problem(`${lost.length} answers were lost to one kill`);
      this.#checkLostAreLast(answered, lost, after);
      return;
    }
    for (const { id, status } of lost.slice(0, 5))
      this.#problem(`${id} was answered ${status}, and the run ended (${run.exitCode}) without recording it`);
  }

  /** Answers are committed in the order in which they came: a kill loses the last ones, and none before one that is on record. */
  #checkLostAreLast(answered: readonly RecordedRequest[], [firstLost]: readonly RecordedRequest[], after: CheckpointState): void {
    // Where answers trickle, they do not come in the order in which the server began them.
    if (firstLost === undefined || this.#simulator.options.faults.slowDrip > 0) return;
    const kept = answered.slice(answered.indexOf(firstLost) + 1).filter(({ id = '' }) => after.items.get(id) !== undefined);
    // Those in flight together may be read in any order.
    if (kept.length > this.#inFlightMax)
      this.#problem(`${firstLost.id} was answered and lost to a kill, and ${kept.length} answered after it were not`);
  }

  #reportLines(): ReportLine[] {
    const path = `${this.#checkpointPath}.report.ndjson`;
    if (this.#stdoutReport === undefined && !existsSync(path)) return [];
    const text = this.#stdoutReport ?? readFileSync(path, 'utf8');
    if (text !== '' && !text.endsWith('\n')) this.#problem('the report ends in half a line');
    const lines = text.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as ReportLine);
  }

  #checkReport(lines: readonly ReportLine[], state: CheckpointState): void {
    this.#add(reportProblems({ lines, isToStdout: this.#stdoutReport !== undefined }, state, this.#history));
  }
}
