import type { DatabaseSync } from 'node:sqlite';

import { touchedBy } from '../checkpoint/report-records.ts';
import { inTransaction } from '../checkpoint/file/transaction.ts';
import {
  EMPTY_SHA256,
  prepareReportState,
  readReportState,
  recordReportPath,
  resolveReportPath,
  type WriteReportState,
} from '../checkpoint/report-state.ts';
import { theRow } from '../checkpoint/read-facts.ts';
import { UserError } from '../domain/errors.ts';
import { openReportFile, type ReportFile, rewriteReportFile } from '../report/ndjson-file.ts';
import { allLines, type ChangedRows, linesOf } from './report-lines.ts';
import { isRecorded, moveStrangerAside, refuseForeignReport, refuseUnlessOurs, removeReport } from './report-place.ts';
import { whoseReport } from './whose-report.ts';

const NOTHING_WRITTEN = { offsetBytes: 0, sha256: EMPTY_SHA256 };

/** Lines for stdout, empty if the report goes to a file; and how many rows a step has touched. */
export interface StdoutLines {
  readonly stdoutText: string;
  readonly lineCount: number;
}

/**
 * Lets the report follow the checkpoint. Each transaction records, besides its rows, how long the report was before them and
 * which rows it will lack until they are appended. After a kill in between, the next run appends them.
 */
export class ReportBook {
  readonly #db: DatabaseSync;
  readonly #checkpointPath: string;
  readonly #writeState: WriteReportState;
  #file: ReportFile | undefined;
  #isToStdout = false;
  #isDryRun = false;
  /** Where the report lay until now. */
  #formerPath: string | undefined;
  readonly #warnings: string[] = [];
  /** No run has asked for a file: on record are the lines that may not have reached stdout. */
  #isToStdoutOnly = false;
  #isClosed = false;
  /** Keys of rows whose lines may not have reached stdout in an earlier run, and have not been handed out in this one. */
  #unprinted: number[] = [];
  /** Keys of rows whose lines may not have reached stdout yet. */
  #unacknowledged: number[] = [];
  #failure: UserError | undefined;

  constructor(db: DatabaseSync, checkpointPath: string) {
    this.#db = db;
    this.#checkpointPath = checkpointPath;
    this.#writeState = prepareReportState(db);
  }

  /**
   * Opens the report. If it is not as it was written, repairs it or writes it again.
   *
   * @param path - `undefined`: the recorded one
   * @param isDryRun - it takes the place of an earlier dry run's report
   */
  open(path: string | undefined, isDryRun: boolean): void {
    this.#isDryRun = isDryRun;
    const recorded = theRow(this.#db, 'SELECT path FROM report')['path'];
    const recordedPath = typeof recorded === 'string' ? recorded : undefined;
    this.#isToStdout = (path ?? recordedPath) === '-';
    const filePath = this.#isToStdout ? resolveReportPath(this.#checkpointPath, recordedPath) : this.#settleFilePath(path, recordedPath);
    if (filePath !== undefined) return this.#openFile(filePath);
    if (!this.#isToStdout) return;
    this.#isToStdoutOnly = true;
    if (recordedPath === undefined) recordReportPath(this.#db, this.#checkpointPath, '-');
    this.#unprinted = [...readReportState(this.#db).unreported];
  }

  /** The next lines for stdout that an earlier run may not have written. None is left when it returns no lines. */
  tellNext(countMax: number): StdoutLines {
    while (this.#unprinted.length > 0) {
      // Rows that a new reading has forgotten need no line.
      const { keys, records } = touchedBy(this.#db, this.#unprinted.splice(0, countMax));
      this.#unacknowledged.push(...keys);
      if (records.length > 0) return { stdoutText: linesOf(records), lineCount: records.length };
    }
    return { stdoutText: '', lineCount: 0 };
  }

  /** Runs `work`, which removes rows whose lines are in the report, then writes the whole report again. */
  forget(work: () => void): void {
    const file = this.#file;
    if (file === undefined) return work();
    // Recorded before it is done: if anything stops us in between, the next run writes a new report.
    this.#writeState({ ...file.state(), unreported: [], mustRewrite: true });
    const isInPlace = file.isInPlace();
    this.#file = undefined;
    file.close();
    work();
    if (!isInPlace) this.#makeRoom(file.path);
    this.#file = rewriteReportFile(file.path, allLines(this.#db));
    this.#noteWritten();
  }

  /** Runs `work` and records the rows that the report lacks, in one transaction, then appends their lines. */
  commit(work: () => ChangedRows): StdoutLines {
    const changed = inTransaction(this.#db, () => {
      const rows = work();
      this.#noteUnreported(rows.keys);
      return rows;
    });
    const lineCount = changed.keys.length;
    if (lineCount === 0 || (this.#file === undefined && !this.#isToStdout)) return { stdoutText: '', lineCount };
    const lines = changed.lines();
    this.#append(lines);
    return { stdoutText: this.#isToStdout ? lines : '', lineCount };
  }

  /** Lines up to here have been written to stdout. */
  acknowledge(count: number): void {
    this.#unacknowledged.splice(0, count);
  }

  /** What a person should know of the report's place; each is told once. */
  takeWarnings(): readonly string[] {
    return this.#warnings.splice(0);
  }

  /** Whether every line has reached stdout. */
  get isAcknowledged(): boolean {
    return this.#unprinted.length + this.#unacknowledged.length === 0;
  }

  /** What stopped the report. The checkpoint continues without it. */
  get failure(): UserError | undefined {
    return this.#failure;
  }

  /** If the report could not be written, the next run writes a new one. Call it inside the transaction that ends the run. */
  noteFailure(): void {
    if (this.#failure !== undefined) this.#writeState({ ...(this.#file?.state() ?? NOTHING_WRITTEN), unreported: [], mustRewrite: true });
  }

  /**
   * Completes the report. Throws if that fails. A second call does nothing, and the next run repairs the report.
   *
   * @param isLast - no later run will repair it, so the whole report is read once more
   */
  close(isLast: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      if (this.#file !== undefined && this.#failure === undefined) this.#bringToItsEnd(this.#file, isLast);
      else if (this.#isToStdoutOnly) this.#recordUnprinted();
    } finally {
      this.#file?.close();
      this.#file = undefined;
    }
  }

  #bringToItsEnd(file: ReportFile, isLast: boolean): void {
    try {
      // It was removed, replaced, cut or overwritten while we wrote to it. After a finished purge no later run would repair it.
      if (!file.isInPlace() || (isLast && !file.isUnchanged())) this.forget(() => undefined);
      this.#file?.sync();
      this.#noteWritten();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #settleFilePath(path: string | undefined, recordedPath: string | undefined): string | undefined {
    const recordedFile = resolveReportPath(this.#checkpointPath, recordedPath);
    if (path === undefined) return recordedFile;
    if (isRecorded(path, recordedFile)) return recordedFile;
    // Checked before it is recorded, and created afterwards: once it is recorded, any file there counts as ours.
    refuseForeignReport(path, this.#isDryRun);
    if (recordedFile !== undefined && whoseReport(this.#db, recordedFile).isWhole) this.#formerPath = recordedFile;
    inTransaction(this.#db, () => {
      recordReportPath(this.#db, this.#checkpointPath, path);
      this.#writeState({ ...NOTHING_WRITTEN, unreported: [], mustRewrite: true });
    });
    return path;
  }

  #openFile(path: string): void {
    const state = readReportState(this.#db);
    if (!this.#isDryRun) {
      refuseUnlessOurs(this.#db, path, 'resume');
      this.#makeRoom(path);
    }
    const found = state.mustRewrite ? ({ kind: 'rewrite-needed' } as const) : openReportFile(path, state);
    if (found.kind === 'rewrite-needed') this.#file = rewriteReportFile(path, allLines(this.#db));
    else {
      catchUp(found.file, linesOf(touchedBy(this.#db, state.unreported).records));
      this.#file = found.file;
    }
    this.#noteWritten();
    // All that it held is in the new one.
    if (this.#formerPath !== undefined) removeReport(this.#formerPath);
  }

  #makeRoom(path: string): void {
    const warning = moveStrangerAside(this.#db, path);
    if (warning !== undefined) this.#warnings.push(warning);
  }

  #noteWritten(): void {
    if (this.#file !== undefined) this.#writeState({ ...this.#file.state(), unreported: [], mustRewrite: false });
  }

  #noteUnreported(keys: readonly number[]): void {
    if (this.#failure !== undefined) this.noteFailure();
    else if (this.#file !== undefined) this.#writeState({ ...this.#file.state(), unreported: keys, mustRewrite: false });
    else if (this.#isToStdoutOnly) {
      this.#unacknowledged.push(...keys);
      this.#recordUnprinted();
    }
  }

  #recordUnprinted(): void {
    this.#writeState({ ...NOTHING_WRITTEN, unreported: [...this.#unacknowledged, ...this.#unprinted], mustRewrite: false });
  }

  #append(lines: string): void {
    if (this.#file === undefined || this.#failure !== undefined) return;
    try {
      this.#file.append(lines);
    } catch (error) {
      this.#failed(error);
    }
  }

  /**
   * From now on the report is not written to. The checkpoint still records which rows it lacks. The next transaction, whose
   * lines it will lack too, records that the next run writes a new report.
   */
  #failed(error: unknown): UserError {
    if (!(error instanceof UserError)) throw error;
    this.#failure = error;
    return error;
  }
}

/** If the lines cannot be added, the file does not count as open: the rows that it lacks stay on record. */
function catchUp(file: ReportFile, lines: string): void {
  try {
    file.append(lines);
  } catch (error) {
    file.close();
    throw error;
  }
}
