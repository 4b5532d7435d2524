import { existsSync, readFileSync } from 'node:fs';

import type { StoredOutcome } from '../../src/checkpoint/format/outcomes.ts';
import type { RecordedRequest } from '../../src/simulator/simulator-record.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import type { ReportLine } from '../support/purge/purge.ts';
import { type CheckpointState, stateOf, type StoredResult } from './state-of.ts';

/** What a list must come to, known from how it was made and not from reading it. */
export interface Truth {
  /** IDs that may be sent. */
  readonly accepted: ReadonlySet<string>;
  /** IDs of the list that stood on an exclude list from the start. */
  readonly protected: ReadonlySet<string>;
  readonly counts: {
    readonly rows: number;
    readonly accepted: number;
    readonly duplicates: number;
    readonly protected: number;
    readonly rejected: number;
    readonly skipped: number;
  };
  /** IDs that exist at the server when the first run begins; `any`: all do. */
  readonly images: ReadonlySet<string> | 'any';
}

export interface RunFacts {
  readonly command: 'delete' | 'resume';
  /** SIGKILL, or a crash of our making: nothing was left to the run to put in order. */
  readonly wasKilled: boolean;
  readonly exitCode: number | null;
  readonly retriesFailed: boolean;
  /** Excluded in this run and all later ones, besides those that were from the start. */
  readonly excludedLate: ReadonlySet<string>;
  readonly expectsAbsent: boolean;
  /** When SIGKILL was sent, by the server's clock; `undefined` where it was not. */
  readonly killedAtMs?: number | undefined;
  /** What `--report -` wrote; `undefined`: the report is a file. */
  readonly stdoutReport?: string | undefined;
}

/** The contract's bound on what a kill may cause to be sent again, besides what was in flight. */
const UNCOMMITTED_MAX = 2_000;

/** Compares what the server did with what checkpoint and report say, after each run and at the end. */
export class Oracle {
  readonly problems: string[] = [];
  killCount = 0;
  stopCount = 0;
  retryFailedCount = 0;
  /** Of all answers that were lost to a kill, how long before it the oldest one's request came in. */
  oldestLostMs = 0;
  readonly #simulator: Simulator;
  readonly #truth: Truth;
  readonly #checkpointPath: string;
  readonly #inFlightMax: number;
  readonly #deletedEarlier: ReadonlySet<string>;
  readonly #everFailed = new Set<string>();
  /** All that `--report -` wrote in all runs. */
  #stdoutReport: string | undefined;
  readonly #lateProtectable = new Set<string>();
  /** IDs of which an earlier request may have had an answer that nobody knows. */
  readonly #mayBeUnknown = new Set<string>();
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
    this.#simulator = simulator;
    this.#truth = truth;
    this.#checkpointPath = checkpointPath;
    this.#inFlightMax = inFlightMax;
    this.#deletedEarlier = deletedEarlier;
    this.#before = stateOf(checkpointPath);
    this.#noteFailed(this.#before);
    for (const id of [...(this.#before?.unanswered ?? []), ...(this.#before?.unknown ?? [])]) this.#mayBeUnknown.add(id);
  }

  get isFinished(): boolean {
    return this.#before?.isFinished === true;
  }

  /** Something was sent, or may have been: a plan is gone on with then, and not replaced. */
  get hasBegun(): boolean {
    return (
      this.#mayBeUnknown.size > 0 ||
      [...(this.#before?.items.values() ?? [])].some((outcome) => outcome !== undefined && outcome !== 'protected')
    );
  }

  get failedCount(): number {
    return [...(this.#before?.items.values() ?? [])].filter((outcome) => outcome === 'failed').length;
  }

  /** Forgets the checkpoint of before: the run to come begins a new purge. */
  expectNewPurge(): void {
    this.#before = undefined;
    this.#mayBeUnknown.clear();
  }

  afterRun(run: RunFacts): void {
    const before = this.#before;
    const sent = this.#simulator.record.requests.slice(this.#requestsBefore).filter(({ method }) => method === 'DELETE');
    this.#requestsBefore = this.#simulator.record.requests.length;
    if (run.wasKilled) this.killCount++;
    else this.stopCount++;
    if (run.retriesFailed) this.retryFailedCount++;
    for (const id of run.excludedLate) this.#lateProtectable.add(id);
    // Half a line is what a kill leaves in a pipe.
    if (run.stdoutReport !== undefined)
      this.#stdoutReport = (this.#stdoutReport ?? '') + run.stdoutReport.slice(0, run.stdoutReport.lastIndexOf('\n') + 1);

    const after = stateOf(this.#checkpointPath);
    this.#checkRequests(sent, before, run);
    if (after === undefined) {
      if (before !== undefined) this.#problem('the checkpoint is gone');
      if (sent.length > 0) this.#problem('something was sent without a checkpoint');
      return;
    }
    this.#checkKept(before, after, run);
    this.#checkOutcomes(after);
    this.#checkAnswered(sent, before, after, run);
    // A run that ended before it opened the report leaves it as the kill before left it.
    if (!run.wasKilled && (sent.length > 0 || after.isFinished)) this.#checkReport(after);
    this.#noteFailed(after);
    for (const id of after.unanswered) this.#mayBeUnknown.add(id);
    for (const request of sent)
      if (request.id !== undefined && !isFinal(request) && request.status !== 429) this.#mayBeUnknown.add(request.id);
    this.#before = after;
  }

  /** The purge is finished: everything must be exactly as it must be. `summary` is what `status --json` says. */
  atEnd(summary: { state: string; pending: number; intake: Record<string, number | boolean>; outcomes: Record<string, number> }): void {
    const state = this.#before;
    if (state === undefined || !state.isFinished) return this.#problem('the purge did not finish');
    const { accepted, protected: protectedIds, counts } = this.#truth;
    for (const id of [...accepted, ...protectedIds]) if (state.items.get(id) === undefined) this.#problem(`${id} has no outcome`);
    for (const id of protectedIds)
      if (state.items.get(id) !== 'protected') this.#problem(`${id} is ${state.items.get(id)} and not protected`);
    this.#checkReport(state);
    if (this.#simulator.record.siblingHits.length > 0)
      this.#problem(`sibling routes were hit: ${this.#simulator.record.siblingHits.join(' ')}`);
    this.#checkStatus(state, summary, counts);
    this.#checkRequestCounts(state);
    this.#checkEarlierUnknown();
  }

  #problem(text: string): void {
    if (this.problems.length < 50) this.problems.push(text);
  }

  #noteFailed(state: CheckpointState | undefined): void {
    for (const [id, outcome] of state?.items ?? []) if (outcome === 'failed') this.#everFailed.add(id);
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

  /** No outcome once on record is lost or another. */
  #checkKept(before: CheckpointState | undefined, after: CheckpointState, run: RunFacts): void {
    for (const [id, outcome] of before?.items ?? []) {
      const now = after.items.get(id);
      if (outcome === undefined || outcome === now) continue;
      if (outcome === 'failed' && this.retryFailedCount > 0 && run.command === 'resume') continue;
      // A list that is read again protects its rows anew.
      if (outcome === 'protected' && !after.isIntakeComplete && now === undefined) continue;
      this.#problem(`${id} was ${outcome} and is now ${now}`);
    }
    if (before !== undefined && before.isIntakeComplete)
      for (const id of before.items.keys()) if (!after.items.has(id)) this.#problem(`${id} was forgotten`);
  }

  #checkOutcomes(after: CheckpointState): void {
    const { accepted, protected: protectedIds, images } = this.#truth;
    for (const [id, outcome] of after.items) {
      if (!accepted.has(id) && !protectedIds.has(id)) this.#problem(`the checkpoint holds ${id}, which no source names`);
      if (outcome === 'deleted' && !this.#wasDeleted(id)) this.#problem(`${id} is called deleted, and the server never deleted it`);
      if (outcome === 'absent' && !this.#wasDeleted(id) && (images === 'any' || images.has(id)))
        this.#problem(`${id} is called absent, and it is still there`);
      if (outcome === 'protected' && !protectedIds.has(id) && !this.#lateProtectable.has(id))
        this.#problem(`${id} is called protected, and no list protects it`);
      if (outcome === 'planned') this.#problem(`${id} is called planned`);
    }
  }

  #wasDeleted(id: string): boolean {
    return this.#simulator.record.deleted.has(id) || this.#deletedEarlier.has(id);
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
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ReportLine);
  }

  /** The report says what the checkpoint says, once for each ID (on stdout at least once), and once more where failed ones were tried again. */
  #checkReport(state: CheckpointState): void {
    const said = new Map<string, ReportLine>();
    const isToStdout = this.#stdoutReport !== undefined;
    const rejectedPlaces = new Set<string>();
    let rejectedCount = 0;
    for (const reported of this.#reportLines()) {
      const { id, outcome, source, line } = reported;
      if (id === undefined) {
        // What stdout is told may be told again after a kill.
        if (!isToStdout || !rejectedPlaces.has(`${source}:${line}`)) rejectedCount++;
        rejectedPlaces.add(`${source}:${line}`);
        continue;
      }
      const earlier = said.get(id);
      if (!isToStdout && earlier !== undefined && !(this.retryFailedCount > 0 && this.#everFailed.has(id)))
        this.#problem(`${id} has two lines: ${earlier.outcome}, ${outcome}`);
      said.set(id, reported);
    }
    if (rejectedCount !== state.rejectedCount)
      this.#problem(`the report has ${rejectedCount} rejected rows, the checkpoint ${state.rejectedCount}`);
    for (const [id, outcome] of state.items) {
      const pendingAgain = outcome === undefined && this.retryFailedCount > 0 && said.get(id)?.outcome === 'failed';
      const inReport = lineText(said.get(id));
      const stored = storedText(state.results.get(id));
      if (inReport !== stored && !pendingAgain) this.#problem(`the report says ${inReport} of ${id}, the checkpoint ${stored}`);
    }
    for (const id of said.keys())
      if (!state.items.has(id)) this.#problem(`the report has a line for ${id}, which the checkpoint does not hold`);
  }

  #checkStatus(state: CheckpointState, summary: Parameters<Oracle['atEnd']>[0], counts: Truth['counts']): void {
    const count = (wanted: StoredOutcome): number => [...state.items.values()].filter((outcome) => outcome === wanted).length;
    const protectedLate = [...this.#lateProtectable].filter(
      (id) => state.items.get(id) === 'protected' && !this.#truth.protected.has(id),
    ).length;
    const expected = { ...counts, accepted: counts.accepted - protectedLate, protected: counts.protected + protectedLate };
    for (const [name, value] of Object.entries(expected))
      if (summary.intake[name] !== value) this.#problem(`status says ${String(summary.intake[name])} ${name}, and there are ${value}`);
    for (const name of ['deleted', 'absent', 'failed'] as const)
      if (summary.outcomes[name] !== count(name))
        this.#problem(`status says ${summary.outcomes[name]} ${name}, and there are ${count(name)}`);
    if (summary.state !== 'finished' || summary.pending !== 0)
      this.#problem(`status says ${summary.state} with ${summary.pending} pending`);
  }

  /** Each request is an attempt on record, a 429, or one that a kill or a stop made forgotten. */
  #checkRequestCounts(state: CheckpointState): void {
    const throttled = new Map<string, number>();
    for (const { id, status, method } of this.#simulator.record.requests)
      if (method === 'DELETE' && id !== undefined && status === 429) throttled.set(id, (throttled.get(id) ?? 0) + 1);
    for (const [id, count] of this.#simulator.record.deleteRequests) {
      // In the 100 ms that a kill may take, the first retry may have been sent too.
      const allowed =
        (state.results.get(id)?.attempts ?? 0) +
        (throttled.get(id) ?? 0) +
        2 * this.killCount +
        this.stopCount +
        (this.#everFailed.has(id) ? 8 * this.retryFailedCount : 0);
      if (count > allowed) this.#problem(`${id} was sent ${count} times, and ${allowed} are accounted for`);
    }
  }

  /** An absence of our own making is called so, and one that cannot be is not. */
  #checkEarlierUnknown(): void {
    for (const { id = '', outcome, earlierUnknown } of this.#reportLines()) {
      if (outcome === 'absent' && this.#wasDeleted(id) && earlierUnknown !== true)
        this.#problem(`${id} is called absent, and it was this purge that deleted it`);
      if (earlierUnknown === true && !this.#mayBeUnknown.has(id))
        this.#problem(`${id} is called absent by our own doing, and every request for it was answered`);
    }
  }
}

function lineText(line: ReportLine | undefined): string {
  return line === undefined
    ? 'nothing'
    : [
        line.outcome,
        line.httpStatus ?? '-',
        line.attempts ?? 0,
        line.earlierUnknown === true ? 'unknown' : 'known',
        line.source,
        line.line,
      ].join(' ');
}

function storedText(result: StoredResult | undefined): string {
  return result === undefined
    ? 'nothing'
    : [
        result.outcome,
        result.httpStatus ?? '-',
        result.attempts,
        result.outcome === 'absent' && result.isUnknown ? 'unknown' : 'known',
        result.source,
        result.line,
      ].join(' ');
}

/** Whether an answer gives an ID its outcome; a batch host's 401 or 403 is about its token. */
function isFinal({ status, lane }: RecordedRequest): boolean {
  return status !== undefined && status !== 429 && status < 500 && (lane === 'account' || (status !== 401 && status !== 403));
}
