import { pid } from 'node:process';
import type { DatabaseSync } from 'node:sqlite';

import { type CheckpointFacts, type Definition } from '../checkpoint/facts.ts';
import { createDatabase } from '../checkpoint/file/create-database.ts';
import { checkWholeDatabase, closeDatabase, openDatabase, readDatabase } from '../checkpoint/file/database.ts';
import { checkpointExists, removeDatabase } from '../checkpoint/file/database-files.ts';
import { type AccountLock, lockAccount, type LockedAccount } from '../checkpoint/file/account-lock.ts';
import { checkFileSystem, resolveCheckpointPath } from '../checkpoint/file/file-system.ts';
import { watchPlace } from '../checkpoint/file/in-place.ts';
import { type CheckpointLock, lockCheckpoint, refuseWhileAtWork } from '../checkpoint/file/lock.ts';
import { discardCheckpoint, type Pruned, pruneSetAside, setAside } from '../checkpoint/file/set-aside.ts';
import { MetPending } from '../checkpoint/met-pending.ts';
import { readPermits, type RecordedPermits } from '../checkpoint/permits.ts';
import { readFacts } from '../checkpoint/read-facts.ts';
import { resolveReportPath } from '../checkpoint/report-state.ts';
import type { ProtectedBatch } from '../checkpoint/protect/protected-batch.ts';
import type { ImageId } from '../domain/image-id.ts';
import type { RunEnd } from '../domain/summary.ts';
import { OpenedCheckpoint } from './opened-checkpoint.ts';
import { judgeReport, ownReport, takePlace } from './own-report.ts';
import { type Become, claimReport, isRecorded, refuseForeignReport, refuseUnlessOurs } from './report-place.ts';
import { StagedRules } from './staged-rules.ts';

/**
 * Where a run keeps its checkpoint. The run locks it, inspects it, creates or opens it, and releases it at the end. The
 * ledger's thread carries out one operation at a time, in the order of the requests. Every argument and result can be cloned
 * between threads.
 */
export class CheckpointPlace {
  #path = '';
  #lock: CheckpointLock | undefined;
  #accountLock: AccountLock | undefined;
  #claim: CheckpointLock | undefined;
  #warnings: readonly string[] = [];
  #opened: OpenedCheckpoint | undefined;
  #metPending: MetPending | undefined;
  readonly #staged: StagedRules = new StagedRules();

  /** Takes the checkpoint for this run. */
  lock(path: string, allowNetwork: boolean): { path: string; warning: string | undefined } {
    this.#path = resolveCheckpointPath(path);
    const warning = checkFileSystem(this.#path, allowNetwork);
    this.#lock = lockCheckpoint(this.#path);
    return { path: this.#path, warning };
  }

  /**
   * Takes the account's own quota for this run.
   *
   * @returns why that cannot be done on this machine, if it cannot
   */
  lockAccount(account: LockedAccount, mayShare: boolean): string | undefined {
    const { lock, whyNot } = lockAccount(account, { pid, checkpointPath: this.#path }, mayShare);
    this.#accountLock = lock;
    return whyNot;
  }

  /** What lies at the path, without changing it. */
  inspect(): CheckpointFacts | undefined {
    return this.#read((db) => {
      refuseWhileAtWork(db, this.#path);
      return { ...readFacts(db), reportPath: ownReport(db, this.#path).recorded };
    });
  }

  /** What the purge at the path has used of its quotas recently; empty if there is no purge. */
  recordedPermits(): readonly RecordedPermits[] {
    return this.#read(readPermits) ?? [];
  }

  /** Compares the next IDs of another list with the purge at the path. @returns how many of its pending IDs that list has held so far */
  meetPending(ids: readonly ImageId[]): number {
    this.#metPending ??= new MetPending(this.#path);
    return this.#metPending.meet(ids);
  }

  /**
   * Keeps the report's place for this run, before any file is touched. Throws if a report there would overwrite a file that is not this
   * purge's own report, or if another run is writing it.
   *
   * @param become - what becomes of the purge that was found
   */
  claimReport(reportPath: string, become: Become, isDryRun: boolean): void {
    const isOwn = this.#read((db) => {
      const own = ownReport(db, this.#path);
      if (own.left !== undefined || !isRecorded(reportPath, resolveReportPath(this.#path, own.recorded))) return false;
      refuseUnlessOurs(db, reportPath, become);
      return true;
    });
    if (isOwn !== true) refuseForeignReport(reportPath, isDryRun);
    this.#claim = claimReport(reportPath);
  }

  #read<T>(work: (db: DatabaseSync) => T): T | undefined {
    return checkpointExists(this.#path) ? readDatabase(this.#path, work) : undefined;
  }

  discard(): void {
    discardCheckpoint(this.#path, judgeReport);
  }

  /** @param isUnfinished - then it is kept, whatever `keepCount` */
  setAside(atMs: number, keepCount: number, isUnfinished: boolean): Pruned & { readonly path: string } {
    const path = setAside(this.#path, atMs, judgeReport);
    return { path, ...pruneSetAside(this.#path, keepCount, isUnfinished ? path : undefined, judgeReport) };
  }

  /** Keeps rows of exclude files until a checkpoint is opened, which is then asked to record them. */
  stageProtected(batch: ProtectedBatch): void {
    this.#staged.add(batch);
  }

  /** @param permits - what an earlier purge used of the same quota */
  create(definition: Definition, isPlan: boolean, nowMs: number, permits: readonly RecordedPermits[] = []): void {
    createDatabase(this.#path, definition, isPlan, nowMs, permits);
    this.#opened = this.#open();
  }

  /** Opens the checkpoint to continue it, after reading the whole file for damage. */
  resume(): void {
    checkWholeDatabase(this.#path);
    this.#opened = this.#open();
    this.#opened.noteUnanswered();
  }

  /** How the run ended, for `status`; a purge that was only looked at stays as it was. */
  recordEnd(end: RunEnd): void {
    this.#opened?.recordEnd(end);
  }

  /** @returns what a person should know of its place */
  openReport(path: string | undefined, isDryRun: boolean = false): readonly string[] {
    return [...this.#warnings, ...this.opened.openReport(path, isDryRun)];
  }

  #open(): OpenedCheckpoint {
    const lock = this.#lock;
    if (lock === undefined) throw new Error('a checkpoint was opened without its lock');
    const db = openDatabase(this.#path);
    try {
      this.#warnings = takePlace(db, this.#path);
      return new OpenedCheckpoint(db, this.#path, this.#staged, watchPlace(this.#path, lock));
    } catch (error) {
      closeDatabase(db);
      throw error;
    }
  }

  /** Releases everything. A dry run's checkpoint is removed. Safe to call at any time. */
  close(removeCheckpoint: boolean): void {
    const lock = this.#lock;
    const opened = this.#opened;
    const accountLock = this.#accountLock;
    this.#lock = undefined;
    this.#accountLock = undefined;
    this.#opened = undefined;
    this.#metPending?.close();
    this.#metPending = undefined;
    try {
      opened?.[Symbol.dispose]();
    } finally {
      this.#staged.close();
      try {
        if (removeCheckpoint) removeDatabase(this.#path);
      } finally {
        accountLock?.release();
        this.#claim?.release();
        lock?.release();
      }
    }
  }

  /** Where the checkpoint is, for messages. */
  get path(): string {
    return this.#path;
  }

  get opened(): OpenedCheckpoint {
    if (this.#opened === undefined) throw new Error('the ledger was used before a checkpoint was opened');
    return this.#opened;
  }
}
