import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { foldWal, openDatabase, openDatabaseToRead } from './database.ts';
import { removeDatabase, removeSidecars, syncFolder } from './database-files.ts';
import { type CheckpointLock, lockCheckpoint } from './lock.ts';
import { readFacts } from '../read-facts.ts';
import { recordReportPath, resolveReportPath } from '../report-state.ts';
import { checkpointError } from './sqlite-error.ts';
import { UserError } from '../../domain/errors.ts';

const SET_ASIDE_SUFFIX = /\.(\d{8}T\d{6}Z)(?:-(\d+))?$/;

/**
 * Deletes a checkpoint that holds nothing worth keeping, and its report. The report goes first: after a crash between the
 * two there is a checkpoint that still claims it.
 */
export function discardCheckpoint(path: string): void {
  const reportPath = recordedReportPath(path);
  if (reportPath !== undefined && exists(reportPath)) {
    rmSync(reportPath);
    syncFolder(reportPath);
  }
  removeDatabase(path);
  syncFolder(path);
}

/**
 * Renames a checkpoint and its report out of the way. The order matters: report, then the path recorded for it, then
 * the checkpoint; a crash between any two, or a power loss, is finished by the next run under the same suffix.
 *
 * @param atMs - the same in the next run
 * @returns the checkpoint's new path
 */
export function setAside(path: string, atMs: number): string {
  const stamp = stampOf(atMs);
  const reportPath = recordedReportPath(path);
  const givenSuffix = suffixGivenBefore(path, reportPath, stamp);
  const suffix = givenSuffix ?? freeSuffix(path, reportPath, stamp);
  const mustMoveReport = reportPath !== undefined && givenSuffix === undefined;
  const db = openDatabase(path);
  try {
    // Before anything is moved: a reader can keep the newest results out of the file for a long time.
    foldWal(db, path);
    if (mustMoveReport) {
      if (exists(reportPath)) renameSync(reportPath, reportPath + suffix);
      if (exists(reportPath + suffix)) syncFolder(reportPath);
      recordReportPath(db, path, reportPath + suffix);
    }
    foldWal(db, path);
  } finally {
    db.close();
  }
  // They are left if the checkpoint is being read. They are empty, but the next checkpoint of this name would use them.
  removeSidecars(path);
  renameSync(path, path + suffix);
  syncFolder(path);
  return path + suffix;
}

/**
 * Deletes the oldest pairs set aside beside `path` beyond `keepCount`. Only checkpoints are touched, and none that a run has
 * resumed.
 *
 * @returns what is wrong with each pair that was left because of an error, which does not end the run
 */
export function pruneSetAside(path: string, keepCount: number): string[] {
  const folder = dirname(path);
  const prefix = basename(path);
  const names = readdirSync(folder).filter(
    (name) =>
      name.startsWith(`${prefix}.`) &&
      SET_ASIDE_SUFFIX.test(name.slice(prefix.length)) &&
      SET_ASIDE_SUFFIX.exec(name)?.index === prefix.length,
  );
  const oldestLast = names.sort((a, b) => compareSuffixes(b, a));
  return oldestLast.slice(keepCount).flatMap((name) => discardIfFree(join(folder, name)) ?? []);
}

/** @returns why it was left; `undefined` if it was deleted, is not a checkpoint, or is held by a run */
function discardIfFree(path: string): string | undefined {
  let lock: CheckpointLock | undefined;
  try {
    // Before the lock: no lock file is put beside a file that is not ours.
    openDatabaseToRead(path).close();
    lock = lockCheckpoint(path);
    discardCheckpoint(path);
    return undefined;
  } catch (thrown) {
    const error = checkpointError(thrown, path);
    if (!(error instanceof UserError)) throw error;
    return error.code === 'NOT_A_CHECKPOINT' || error.code === 'CHECKPOINT_LOCKED' ? undefined : error.message;
  } finally {
    lock?.release();
  }
}

/** `20261124T020000Z` */
export function stampOf(atMs: number): string {
  return new Date(atMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
}

/** Whether a crash stopped the run before us when only the checkpoint itself was left to be renamed. */
function suffixGivenBefore(path: string, reportPath: string | undefined, stamp: string): string | undefined {
  const [suffix, givenStamp] = SET_ASIDE_SUFFIX.exec(reportPath ?? '') ?? [];
  return suffix !== undefined && givenStamp === stamp && !exists(path + suffix) ? suffix : undefined;
}

function freeSuffix(path: string, reportPath: string | undefined, stamp: string): string {
  for (let n = 1; ; n++) {
    const suffix = n === 1 ? `.${stamp}` : `.${stamp}-${n}`;
    if (exists(path + suffix)) continue;
    if (reportPath === undefined) return suffix;
    // Our own report is already there and only there: a crash stopped the run before us between the two renames.
    if (!exists(reportPath + suffix) || !exists(reportPath)) return suffix;
  }
}

function compareSuffixes(a: string, b: string): number {
  const [, stampA = '', nA = '1'] = SET_ASIDE_SUFFIX.exec(a) ?? [];
  const [, stampB = '', nB = '1'] = SET_ASIDE_SUFFIX.exec(b) ?? [];
  return stampA.localeCompare(stampB) || Number(nA) - Number(nB);
}

function recordedReportPath(path: string): string | undefined {
  const db = openDatabaseToRead(path);
  try {
    return resolveReportPath(path, readFacts(db).reportPath);
  } finally {
    db.close();
  }
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
