import { type AbsentGate, createAbsentGate } from '../answer/absent-gate.ts';
import { createStreaks, type StreakKind, type Streaks } from '../answer/streaks.ts';
import type { ItemResult, ResultBatch, TriedItem } from '../checkpoint/results.ts';
import type { Observer } from '../observe/events.ts';
import type { RunCounters } from '../run/counters.ts';
import type { CountMax } from '../run/run-options.ts';
import { triedOf, type Work } from './work.ts';
import type { Streak } from './next-step.ts';

export interface OutcomesOptions {
  readonly observer: Observer;
  readonly counters: RunCounters;
  /** Absent answers are accepted from the start. */
  readonly isAbsentBelieved: boolean;
  /** More absences than that end the run. */
  readonly absentMax: CountMax;
  /** Hands a result over to be committed. */
  readonly record: (result: ItemResult) => void;
}

/** What the final answers so far say about the whole run. */
export type Verdict =
  | 'continue'
  /** This many failures of one kind mean that the address is wrong or a firewall blocks, not that the IDs fail. */
  | 'address-doubted'
  /** More are absent than `--max-absent` allows. */
  | 'too-many-absent'
  /** The absent rule: this many absences without a deletion mean that the account is wrong. */
  | 'account-doubted';

/** A share of fewer answers says little. */
const SHARE_ANSWERS_MIN = 100;

interface Answered {
  readonly work: Work;
  readonly result: ItemResult;
}

/**
 * The only place where an ID gets its outcome. Absences and failures that are not accepted yet are held here. If they are
 * never accepted, their IDs stay pending.
 */
export class Outcomes {
  readonly #options: OutcomesOptions;
  readonly #absences: AbsentGate<Answered>;
  readonly #failures: Streaks<Answered> = createStreaks();
  /** IDs that stay pending although requests were sent for them. */
  readonly #pending: Work[] = [];
  /** Final answers of this run, those that are held too. */
  #answeredCount = 0;
  #absentCount = 0;

  constructor(options: OutcomesOptions) {
    this.#options = options;
    this.#absences = createAbsentGate({ isOpen: options.isAbsentBelieved });
  }

  /** A final answer: its outcome is recorded now or held. */
  add(work: Work, result: ItemResult, streak: Streak): Verdict {
    this.#answeredCount++;
    // An absence that may be our own doing says nothing of the list.
    if (result.outcome === 'absent' && !result.earlierUnknown) this.#absentCount++;
    const verdict = this.#judge(work, result, streak);
    return verdict === 'continue' && this.#isTooManyAbsent() ? 'too-many-absent' : verdict;
  }

  #isTooManyAbsent(): boolean {
    const { absentMax } = this.#options;
    switch (absentMax.kind) {
      case 'none':
        return false;
      case 'count':
        return this.#absentCount > absentMax.count;
      case 'share':
        return this.#answeredCount >= SHARE_ANSWERS_MIN && this.#absentCount * 100 > this.#answeredCount * absentMax.percent;
    }
  }

  #judge(work: Work, result: ItemResult, streak: Streak): Verdict {
    const answered: Answered = { work, result };
    if (streak !== 'none') return this.#addToStreak(answered, streak);
    this.#believeFailures();
    if (result.outcome === 'absent') return this.#addAbsence(answered);
    if (result.outcome === 'deleted') this.#absences.deletedAnswered();
    this.#record(answered);
    return 'continue';
  }

  /** The ID gets no outcome in this run. */
  leavePending(work: Work): void {
    this.#pending.push(work);
  }

  /** A batch is on disk. The first deletion shows that the account is right, so held absences are recorded. */
  committed(batch: ResultBatch): void {
    if (this.#absences.isOpen || !batch.results.some(({ outcome }) => outcome === 'deleted')) return;
    this.#recordAll(this.#absences.deletedRecorded());
  }

  /** No more answers will come. Held failures are recorded if they are believed; otherwise their IDs stay pending. */
  endFailures(areBelieved: boolean): void {
    if (areBelieved) this.#believeFailures();
    else this.#doubt(this.#failures.otherFinalAnswer());
  }

  /** No more answers will come. Held absences are recorded if all work was done and the absent rule allows it. */
  endAbsences(isAllDone: boolean): Verdict {
    const { failed, deleted } = this.#options.counters;
    const end = isAllDone ? this.#absences.endOfWork(failed + deleted) : undefined;
    if (end?.kind === 'record') this.#recordAll(end.held);
    else this.#doubt(this.#absences.release());
    return end?.kind === 'trip' ? 'account-doubted' : 'continue';
  }

  /** What the next run must know of IDs that stay pending. */
  tried(): TriedItem[] {
    return triedOf(this.#pending);
  }

  #addAbsence(answered: Answered): Verdict {
    switch (this.#absences.absent(answered, answered.result.earlierUnknown).kind) {
      case 'record':
        this.#record(answered);
        return 'continue';
      case 'hold':
        return 'continue';
      case 'trip':
        return 'account-doubted';
    }
  }

  #addToStreak(answered: Answered, streak: StreakKind): Verdict {
    const held = this.#failures.failItem(streak, answered);
    this.#recordAll(held.toRecord);
    if (held.kind === 'hold') return 'continue';
    this.#doubt(held.held);
    return 'address-doubted';
  }

  #believeFailures(): void {
    this.#recordAll(this.#failures.otherFinalAnswer());
  }

  /** An answer that is not believed does not count as an attempt, like an answer that stops the run. */
  #doubt(all: readonly Answered[]): void {
    for (const { work } of all) {
      work.attempts--;
      this.#pending.push(work);
    }
  }

  #recordAll(all: readonly Answered[]): void {
    for (const answered of all) this.#record(answered);
  }

  #record({ work: { id }, result }: Answered): void {
    const { counters, observer, record } = this.#options;
    const { outcome, httpStatus, code, message } = result;
    counters[outcome]++;
    if (outcome === 'deleted') counters.lastDeletedAtMs = result.atMs;
    record(result);
    if (outcome === 'failed') observer.event({ kind: 'item.failed', id, httpStatus, code, message });
  }
}
