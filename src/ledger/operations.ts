import type { DatabaseSync } from 'node:sqlite';

import {
  checkpointExists,
  checkWholeDatabase,
  closeDatabase,
  createDatabase,
  inTransaction,
  openDatabase,
  openDatabaseToRead,
  removeDatabase,
} from '../checkpoint/file/database.ts';
import { type CheckpointFacts, type Definition, isWorkedOff, type RecordedGuards } from '../checkpoint/facts.ts';
import { checkFileSystem, resolveCheckpointPath } from '../checkpoint/file/file-system.ts';
import { type AcceptBatch, type Intake, prepareIntake, type ReadDigest } from '../checkpoint/intake.ts';
import { discardCheckpoint, pruneSetAside, setAside } from '../checkpoint/file/set-aside.ts';
import { type CheckpointLock, lockCheckpoint } from '../checkpoint/file/lock.ts';
import { noteUnanswered, type PageItem, type Pages, preparePages } from '../checkpoint/pages.ts';
import { type Permits, preparePermits, readPermits, type RecordedPermits } from '../checkpoint/permits.ts';
import { addProtected, prepareProtection, type ProtectPending } from '../checkpoint/protection.ts';
import { readFacts } from '../checkpoint/read-facts.ts';
import { resolveReportPath } from '../checkpoint/report-state.ts';
import { prepareResults, putBackFailed, type RecordResults, type ResultBatch } from '../checkpoint/results.ts';
import { countAbsentByOthers, type PlanSamples, readFailureKinds, readPlanSamples, type StoredFailureKind } from '../checkpoint/samples.ts';
import {
  addGuards,
  endPlan,
  endRun,
  markConfirmed,
  planPending,
  type RunEnding,
  setConfirmed,
  setGuards,
  setReadWith,
} from '../checkpoint/state.ts';
import { type AddToTally, prepareTally } from '../checkpoint/tally.ts';
import type { Touched } from '../checkpoint/touched.ts';
import { UserError } from '../domain/errors.ts';
import type { ImageId } from '../domain/image-id.ts';
import { type PlainUserError, toPlain } from './messages.ts';
import { packPage, type PackedPage, type PackedResults, unpackResults } from './pack.ts';
import { refuseForeignReport, ReportBook } from './report-book.ts';
import { StagedIds } from './staged-ids.ts';

/** How many rows a transaction of our own (not bound to answers) touches at most: with the longest IDs, their lines are 10 MB of text. */
const ROWS_PER_TRANSACTION = 4_000;

export interface Committed {
  /** Lines that `--report -` writes to stdout; empty otherwise. */
  readonly stdoutText: string;
  readonly lineCount: number;
  /** The report file could not be written; what was committed stays committed. */
  readonly reportFailure: PlainUserError | undefined;
}

export interface RunLeft {
  readonly facts: CheckpointFacts;
  readonly failureKinds: readonly StoredFailureKind[];
  /** Absent IDs that no request of this purge can have deleted. */
  readonly absentByOthers: number;
  /** The report could not be written, or brought to its end; what was committed stays committed. */
  readonly reportFailure: PlainUserError | undefined;
}

export type PackedResultBatch = Omit<ResultBatch, 'results'> & { readonly results: PackedResults };

interface OpenCheckpoint {
  readonly db: DatabaseSync;
  readonly book: ReportBook;
  readonly addToTally: AddToTally;
  readonly intake: Intake;
  readonly pages: Pages;
  readonly permits: Permits;
  readonly protectPending: ProtectPending;
  readonly recordResults: RecordResults;
}

/**
 * What the ledger's thread does with checkpoint and report, one operation at a time, in the order they were asked for.
 * Every argument and result can be cloned between threads.
 */
export class LedgerOperations {
  #path = '';
  #lock: CheckpointLock | undefined;
  #open: OpenCheckpoint | undefined;
  readonly #staged: StagedIds = new StagedIds();
  /** Items handed out and not recorded yet; at most what is in flight, waiting or held. */
  readonly #handedOut = new Map<number, PageItem>();

  /** Takes the checkpoint for this run. */
  lock(path: string, allowNetwork: boolean): { path: string; warning: string | undefined } {
    this.#path = resolveCheckpointPath(path);
    const warning = checkFileSystem(this.#path, allowNetwork);
    this.#lock = lockCheckpoint(this.#path);
    return { path: this.#path, warning };
  }

  /** What lies at the path, without changing it. */
  inspect(): CheckpointFacts | undefined {
    if (!checkpointExists(this.#path)) return undefined;
    const db = openDatabaseToRead(this.#path);
    try {
      return readFacts(db);
    } finally {
      db.close();
    }
  }

  /** What the purge at the path has used of its quotas of late; nothing where there is none. */
  recordedPermits(): readonly RecordedPermits[] {
    if (!checkpointExists(this.#path)) return [];
    const db = openDatabaseToRead(this.#path);
    try {
      return readPermits(db);
    } finally {
      db.close();
    }
  }

  /** Throws where a report there would be written over somebody else's file; what lies at the path may be its own. */
  refuseForeignReport(reportPath: string): void {
    refuseForeignReport(reportPath, resolveReportPath(this.#path, this.inspect()?.reportPath));
  }

  discard(): void {
    discardCheckpoint(this.#path);
  }

  /** @returns also what is wrong with old pairs that were to be removed and were left */
  setAside(atMs: number, keepCount: number): { path: string; warnings: readonly string[] } {
    const path = setAside(this.#path, atMs);
    return { path, warnings: pruneSetAside(this.#path, keepCount) };
  }

  /** @param permits - what an earlier purge used of the same quota */
  create(definition: Definition, isPlan: boolean, nowMs: number, permits: readonly RecordedPermits[] = []): void {
    createDatabase(this.#path, definition, isPlan, nowMs, permits);
    this.#openCheckpoint();
  }

  /** Opens the checkpoint to go on with it, after reading the whole file for damage. */
  goOn(): void {
    checkWholeDatabase(this.#path);
    this.#openCheckpoint();
    noteUnanswered(this.#opened.db);
  }

  openReport(path: string | undefined): void {
    this.#opened.book.open(path);
  }

  acknowledgeReport(lineCount: number): void {
    this.#opened.book.acknowledge(lineCount);
  }

  stageProtected(ids: readonly ImageId[]): void {
    this.#staged.add(ids);
  }

  /** Puts the staged IDs on the protect list: all of them at once, for half a list on record would look like a whole one. */
  recordProtected(): void {
    const { db } = this.#opened;
    inTransaction(db, () => {
      for (const ids of this.#staged.batches(ROWS_PER_TRANSACTION)) addProtected(db, ids);
    });
  }

  /** Some of the lines that an earlier run may not have written to stdout; none is left when there are none. */
  tellSome(): Committed {
    const { lines, lineCount } = this.#opened.book.tellNext(ROWS_PER_TRANSACTION);
    this.#lineCount = lineCount;
    return this.#committed(lines);
  }

  /** Puts some of the pending items that are on the protect list out of the way; no lines are left when none is left. */
  protectSome(): Committed {
    const { book, protectPending } = this.#opened;
    return this.#committed(book.commit(() => this.#counted(protectPending(ROWS_PER_TRANSACTION))));
  }

  beginReading(sourceNames: readonly string[]): void {
    const { book, intake, db } = this.#opened;
    const begin = (): void => intake.begin(sourceNames);
    if (readFacts(db).intake.rows > 0) book.forget(begin);
    else begin();
  }

  accept(batch: AcceptBatch): Committed & { acceptedCount: number } {
    const { book, intake } = this.#opened;
    let acceptedCount = 0;
    const text = book.commit(() => {
      const accepted = intake.accept(batch);
      acceptedCount = accepted.acceptedCount;
      return this.#counted(accepted.touched);
    });
    return { ...this.#committed(text), acceptedCount };
  }

  finishReading(digests: readonly (ReadDigest | undefined)[]): void {
    const { db, intake } = this.#opened;
    inTransaction(db, () => intake.finish(digests));
  }

  /** The next pending items, durably marked as sent. */
  takePage(countMax: number): PackedPage {
    const { db, pages } = this.#opened;
    const items = inTransaction(db, () => pages.take(countMax));
    for (const item of items) this.#handedOut.set(item.seq, item);
    return packPage(items);
  }

  /** Durable before any of these requests is sent. */
  reserve(reserved: RecordedPermits, used: RecordedPermits | undefined, keptMs: number): void {
    const { db, permits } = this.#opened;
    inTransaction(db, () => permits.reserve(reserved, used, keptMs));
  }

  record(packed: PackedResultBatch): Committed {
    const { book, recordResults } = this.#opened;
    const batch: ResultBatch = { ...packed, results: unpackResults(packed.results) };
    const text = book.commit(() => this.#counted(recordResults(batch, (seq) => this.#itemOf(seq))));
    for (const result of batch.results) this.#handedOut.delete(result.seq);
    return this.#committed(text);
  }

  /** Reads with another form or shard from now on (an unfinished reading begins again). */
  setReadWith(readWith: Pick<Definition, 'form' | 'shard'>): void {
    setReadWith(this.#opened.db, readWith);
  }

  /** Gives some of the pending items the outcome `planned` (dry run); no lines are left when none is left. */
  planSome(atMs: number): Committed {
    const { db, book, addToTally } = this.#opened;
    return this.#committed(book.commit(() => this.#counted(planPending(db, addToTally, atMs, ROWS_PER_TRANSACTION))));
  }

  putBackFailed(): number {
    const { db, addToTally } = this.#opened;
    return inTransaction(db, () => putBackFailed(db, addToTally));
  }

  markConfirmed(): void {
    markConfirmed(this.#opened.db);
  }

  endPlan(): void {
    endPlan(this.#opened.db);
  }

  setConfirmed(isConfirmed: boolean): void {
    setConfirmed(this.#opened.db, isConfirmed);
  }

  addGuards(guards: RecordedGuards): void {
    const { db } = this.#opened;
    inTransaction(db, () => addGuards(db, guards));
  }

  setGuards(guards: RecordedGuards): void {
    setGuards(this.#opened.db, guards);
  }

  facts(): CheckpointFacts {
    return readFacts(this.#opened.db);
  }

  planSamples(): PlanSamples {
    return readPlanSamples(this.#opened.db);
  }

  failureKinds(): readonly StoredFailureKind[] {
    return readFailureKinds(this.#opened.db);
  }

  /**
   * Writes the ending of the run and gives back what it left.
   *
   * @param used - what was sent of each lane's last reservation
   */
  end(
    ending: RunEnding,
    mayFinish: boolean,
    used: readonly { readonly lane: string; readonly used: RecordedPermits | undefined }[] = [],
  ): RunLeft {
    const { db, book, permits } = this.#opened;
    // First the report: a purge that is finished is never gone on with, so nobody would mend its report.
    // It may have failed before, too, and after the run was told to end by something else.
    const reportFailure = userErrorOf(() => book.close(mayFinish && isWorkedOff(readFacts(db)))) ?? this.#reportFailure();
    // Read from all over the file, and so before the ending too: an error after it would be told of a finished purge.
    const counts = { failureKinds: readFailureKinds(db), absentByOthers: countAbsentByOthers(db) };
    inTransaction(db, () => {
      for (const lane of used) permits.settle(lane.lane, lane.used);
      book.noteFailure();
      // What stdout was not told is for the next run to tell.
      endRun(db, ending, mayFinish && book.failure === undefined && book.isAcknowledged);
    });
    return { facts: readFacts(db), ...counts, reportFailure };
  }

  /** Lets go of everything; a dry run's checkpoint is removed. Safe to call at any time. */
  close(removeCheckpoint: boolean): void {
    const lock = this.#lock;
    this.#lock = undefined;
    try {
      this.#open?.book.close(false);
    } finally {
      if (this.#open !== undefined) closeDatabase(this.#open.db);
      this.#open = undefined;
      this.#staged.close();
      try {
        if (removeCheckpoint) removeDatabase(this.#path);
      } finally {
        lock?.release();
      }
    }
  }

  /** Where the checkpoint is, for messages. */
  get path(): string {
    return this.#path;
  }

  get #opened(): OpenCheckpoint {
    if (this.#open === undefined) throw new Error('the ledger was used before a checkpoint was opened');
    return this.#open;
  }

  #openCheckpoint(): void {
    const db = openDatabase(this.#path);
    const addToTally = prepareTally(db);
    this.#open = {
      db,
      addToTally,
      book: new ReportBook(db, this.#path),
      intake: prepareIntake(db, addToTally),
      pages: preparePages(db),
      permits: preparePermits(db),
      protectPending: prepareProtection(db, addToTally),
      recordResults: prepareResults(db, addToTally),
    };
  }

  #lineCount = 0;

  #counted(touched: Touched): Touched {
    this.#lineCount = touched.records.length;
    return touched;
  }

  #committed(stdoutText: string): Committed {
    return { stdoutText, lineCount: this.#lineCount, reportFailure: this.#reportFailure() };
  }

  #reportFailure(): PlainUserError | undefined {
    const { failure } = this.#opened.book;
    return failure === undefined ? undefined : toPlain(failure);
  }

  #itemOf(seq: number): PageItem {
    const item = this.#handedOut.get(seq);
    if (item === undefined) throw new Error(`a result was recorded for item ${seq}, which was not handed out`);
    return item;
  }
}

/** Runs `work`; an error that is for the person is handed back instead of thrown. */
function userErrorOf(work: () => void): PlainUserError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return toPlain(error);
    throw error;
  }
}
