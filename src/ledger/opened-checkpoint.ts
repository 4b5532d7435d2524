import type { DatabaseSync } from 'node:sqlite';

import { isWorkedOff, type ReadCounts } from '../checkpoint/facts.ts';
import { DigestTaker } from '../checkpoint/digest/digest-taker.ts';
import { closeDatabase } from '../checkpoint/file/database.ts';
import { ItemsById } from '../checkpoint/find/items-by-id.ts';
import { inTransaction } from '../checkpoint/file/transaction.ts';
import { type AcceptBatch, Intake, type NamedSource, type ReadDigest } from '../checkpoint/intake/intake.ts';
import { type PackedResultBatch, packedSeqs } from '../checkpoint/packed-results.ts';
import { noteUnanswered, type PageItem, type Pages, preparePages } from '../checkpoint/pages.ts';
import { markStillListed } from '../checkpoint/gone/still-listed.ts';
import { type AskedItem, planAsked, planPending } from '../checkpoint/plan/planned.ts';
import { type LaneUse, type Permits, preparePermits, type RecordedPermits } from '../checkpoint/permits.ts';
import { NewerRule } from '../checkpoint/protect/newer-rule.ts';
import { prepareProtectPending, type ProtectPending } from '../checkpoint/protect/pending.ts';
import { Protection } from '../checkpoint/protect/protection.ts';
import { addProtected, dropRules } from '../checkpoint/protect/rules.ts';
import { readFacts } from '../checkpoint/read-facts.ts';
import { RecordedState } from '../checkpoint/recorded-state.ts';
import { prepareResults, putBackFailed, type RecordResults } from '../checkpoint/store-results.ts';
import { countAbsentByOthers, readFailureKinds, sampleManyAbsent } from '../checkpoint/samples.ts';
import * as state from '../checkpoint/state.ts';
import { type AddToTally, prepareTally } from '../checkpoint/tally.ts';
import type { UserError } from '../domain/errors.ts';
import type { Committed, RunLeft } from './committed.ts';
import { packPage, type PackedPage } from './packed-page.ts';
import { type PlainUserError, toPlain, userErrorOf } from './plain-error.ts';
import { ReportBook, type StdoutLines } from './report-book.ts';
import { type ChangedRows, changedRows, packedLines } from './report-lines.ts';
import type { StagedRules } from './staged-rules.ts';

/** How many rows a transaction that records no answers touches at most. With the longest IDs, their lines are 10 MB of text. */
const ROWS_PER_TRANSACTION = 4_000;
/** How many IDs are added to the digest before the thread is free for others: some 30 ms. */
const IDS_PER_DIGEST_STEP = 10_000;

/** What can be done with a checkpoint and its report once they are opened. */
export class OpenedCheckpoint extends RecordedState {
  readonly #db: DatabaseSync;
  readonly #book: ReportBook;
  readonly #items: ItemsById;
  readonly #addToTally: AddToTally;
  readonly #intake: Intake;
  #digest: DigestTaker;
  readonly #pages: Pages;
  readonly #permits: Permits;
  readonly #protection: Protection;
  readonly #protectPending: ProtectPending;
  readonly #newer: NewerRule;
  readonly #recordResults: RecordResults;
  readonly #staged: StagedRules;
  readonly #placeFailure: () => UserError | undefined;
  /** Items handed out and not recorded yet; at most what is in flight, waiting or held. */
  readonly #handedOut = new Map<number, PageItem>();

  /** @param placeFailure - what is wrong with the place of the checkpoint by now */
  constructor(db: DatabaseSync, path: string, staged: StagedRules, placeFailure: () => UserError | undefined) {
    const items = new ItemsById(db);
    super(db, items);
    this.#placeFailure = placeFailure;
    this.#staged = staged;
    this.#db = db;
    this.#items = items;
    this.#addToTally = prepareTally(this.#db);
    this.#book = new ReportBook(this.#db, path);
    this.#protection = new Protection(this.#db);
    this.#intake = new Intake(this.#db, items, this.#protection, this.#addToTally);
    this.#digest = new DigestTaker(this.#db, items);
    this.#pages = preparePages(this.#db);
    this.#permits = preparePermits(this.#db);
    this.#protectPending = prepareProtectPending(this.#db, this.#protection, this.#addToTally);
    this.#newer = new NewerRule(this.#db, this.#protection, this.#addToTally);
    this.#recordResults = prepareResults(this.#db, this.#addToTally);
  }

  /** Call it where a run goes on: records what one before it may have sent, if that was killed. */
  noteUnanswered(): void {
    noteUnanswered(this.#db);
    state.forgetEnd(this.#db);
  }

  openReport(path: string | undefined, isDryRun: boolean = false): readonly string[] {
    this.#book.open(path, isDryRun);
    return this.#book.takeWarnings();
  }

  acknowledgeReport(lineCount: number): void {
    this.#book.acknowledge(lineCount);
  }

  /** Records the staged rows of exclude files, all in one transaction: half a list on record would look like a whole one. */
  recordProtected(): void {
    inTransaction(this.#db, () => addProtected(this.#db, this.#staged.batches(), this.#protection.entries));
    this.#protection.rulesChanged();
  }

  /** Takes away the rules whose files are not among these. What they have held stays so. */
  dropRules(keptPaths: readonly string[]): void {
    inTransaction(this.#db, () => dropRules(this.#db, keptPaths));
    this.#protection.rulesChanged();
  }

  /** Some of the lines that an earlier run may not have written to stdout. None is left when it returns no lines. */
  tellSome(): Committed {
    return this.#committed(this.#book.tellNext(ROWS_PER_TRANSACTION));
  }

  /** Gives some of the pending items that a rule holds the outcome `protected`. */
  protectSome(): Committed & { isLast: boolean } {
    return this.#protectBy(this.#protectPending);
  }

  /** Images that the account's list shows to be newer than an age; the first of them where a list is begun. */
  addNewer(ids: readonly string[], isBeginning: boolean): void {
    this.#newer.add(ids, isBeginning);
  }

  /** As `protectSome`, by these images, under the name of a rule. Call it once the list was read to its end. */
  protectNewer(name: string): Committed & { isLast: boolean } {
    return this.#protectBy((countMax) => this.#newer.protectSome(name, countMax));
  }

  #protectBy(protectPending: ProtectPending): Committed & { isLast: boolean } {
    let isLast = false;
    const lines = this.#book.commit(() => {
      const step = protectPending(ROWS_PER_TRANSACTION);
      isLast = step.isLast;
      return changedRows(step.touched);
    });
    return { ...this.#committed(lines), isLast };
  }

  beginReading(sources: readonly NamedSource[]): void {
    // The set becomes another one.
    this.#digest = new DigestTaker(this.#db, this.#items);
    const begin = (): void => this.#intake.begin(sources);
    if (readFacts(this.#db).intake.rows > 0) this.#book.forget(begin);
    else begin();
  }

  accept(batch: AcceptBatch): Committed & { acceptedCount: number; metAgainCount: number } {
    let counts = { acceptedCount: 0, metAgainCount: 0 };
    const lines = this.#book.commit(() => {
      const { touched, ...accepted } = this.#intake.accept(batch);
      counts = accepted;
      return changedRows(touched);
    });
    return { ...this.#committed(lines), ...counts };
  }

  finishReading(digests: readonly (ReadDigest | undefined)[], nowMs: number, counts: readonly ReadCounts[] = []): Committed {
    const lines = this.#book.commit(() => changedRows(this.#intake.finish(digests, nowMs, counts)));
    this.#digest = new DigestTaker(this.#db, this.#items, this.#intake.set);
    return this.#committed(lines);
  }

  /** Adds some of the IDs to the digest of the set. @returns whether there may be more; `false`: the digest is on record */
  digestSome(): boolean {
    return this.#digest.addSome(IDS_PER_DIGEST_STEP);
  }

  /** The next pending items, durably marked as sent. */
  takePage(countMax: number): PackedPage {
    const items = inTransaction(this.#db, () => this.#pages.take(countMax));
    for (const item of items) this.#handedOut.set(item.seq, item);
    return packPage(items);
  }

  /** Durable before any of these requests is sent. */
  recordReservation(reserved: RecordedPermits, used: RecordedPermits | undefined, keptMs: number): void {
    inTransaction(this.#db, () => this.#permits.recordReservation(reserved, used, keptMs));
  }

  record(batch: PackedResultBatch): Committed {
    const itemOf = (seq: number): PageItem => this.#itemOf(seq);
    const keys = packedSeqs(batch.results);
    const lines = this.#book.commit(() => {
      this.#recordResults(batch, itemOf);
      return { keys, lines: () => packedLines(batch.results, itemOf) };
    });
    for (const seq of keys) this.#handedOut.delete(seq);
    return this.#committed(lines);
  }

  /** Gives some of the pending items, or those that were asked for, the outcome `planned`. None is left when it touches no row. */
  planSome(atMs: number, asked?: readonly AskedItem[]): Committed {
    const plan = asked === undefined ? planPending(atMs, ROWS_PER_TRANSACTION) : planAsked(atMs, asked);
    const work = (): ChangedRows => changedRows(plan(this.#db, this.#addToTally));
    return this.#committed(this.#book.commit(work));
  }

  putBackFailed(): number {
    return inTransaction(this.#db, () => putBackFailed(this.#db, this.#addToTally));
  }

  /** IDs that were said to be gone, and are there: each has one line more in the report. */
  markStillListed(seqs: readonly number[], atMs: number): Committed {
    const mark = (): ChangedRows => changedRows(markStillListed(this.#db, this.#addToTally, seqs, atMs));
    return this.#committed(this.#book.commit(mark));
  }

  /** Writes the ending of the run and gives back what it left. */
  end(ending: state.RunEnding, mayFinish: boolean, used: readonly LaneUse[] = []): RunLeft {
    const book = this.#book;
    // The report comes first: a finished purge is never resumed, so no later run would repair its report. The report may also
    // have failed earlier, or after something else had ended the run.
    const reportFailure = userErrorOf(() => book.close(mayFinish && isWorkedOff(readFacts(this.#db))));
    const failure = this.#failure() ?? reportFailure;
    // These read the whole file, so they come before the ending too: after it, an error would be reported for a finished purge.
    const absentByOthers = countAbsentByOthers(this.#db);
    const read = { failureKinds: readFailureKinds(this.#db), absentByOthers, manyAbsentSample: sampleManyAbsent(this.#db, absentByOthers) };
    inTransaction(this.#db, () => {
      for (const lane of used) this.#permits.closeReservation(lane.lane, lane.used);
      book.noteFailure();
      // The next run prints the lines that stdout did not get.
      state.endRun(this.#db, ending, mayFinish && book.failure === undefined && book.isAcknowledged);
    });
    return { facts: readFacts(this.#db), ...read, failure, warnings: book.takeWarnings() };
  }

  /** Closes without writing an ending: the next run finds what a kill would have left. */
  [Symbol.dispose](): void {
    try {
      this.#book.close(false);
    } finally {
      this.#newer[Symbol.dispose]();
      closeDatabase(this.#db);
    }
  }

  #committed(lines: StdoutLines): Committed {
    return { ...lines, failure: this.#failure() };
  }

  /** Where the checkpoint is gone, that is why its report cannot be written. */
  #failure(): PlainUserError | undefined {
    const failure = this.#placeFailure() ?? this.#book.failure;
    return failure === undefined ? undefined : toPlain(failure);
  }

  #itemOf(seq: number): PageItem {
    const item = this.#handedOut.get(seq);
    if (item === undefined) throw new Error(`a result was recorded for item ${seq}, which was not handed out`);
    return item;
  }
}
