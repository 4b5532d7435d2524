import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { foldWal, openDatabase, readDatabase } from './database.ts';
import { removeDatabase, removeSidecars, syncFolder } from './database-files.ts';
import { type CheckpointLock, lockCheckpoint } from './lock.ts';
import { readFacts } from '../read-facts.ts';
import { beginOwnReport, defaultReportPath, recordReportPath } from '../report-state.ts';
import { recordPlace } from './place.ts';
import { checkpointError } from './sqlite-error.ts';
import { UserError } from '../../domain/errors.ts';

const SET_ASIDE_SUFFIX = /\.(\d{8}T\d{6}Z)(?:-(\d+))?$/;

/** The report of a checkpoint, as far as it may go where the checkpoint goes. */
export interface JudgedReport {
  /** `undefined`: it has no file of its own. */
  readonly path: string | undefined;
  /** What lies there is this purge's: told by what it holds. */
  readonly isOurs: boolean;
  /** Nobody has added to it or cut it. */
  readonly isWhole: boolean;
  /** The recorded one is another purge's by now. */
  readonly isGivenUp: boolean;
}

export type JudgeReport = (db: DatabaseSync, checkpointPath: string) => JudgedReport;

/** What pruning came to: pairs that held unsent IDs, and what is wrong with each pair that was left because of an error. */
export interface Pruned {
  readonly removed: readonly { readonly path: string; readonly unsentCount: number }[];
  readonly problems: readonly string[];
}

/**
 * Deletes a checkpoint that holds nothing worth keeping, and its report. The report goes first: after a crash between the
 * two there is a checkpoint that still claims it.
 */
export function discardCheckpoint(path: string, judge: JudgeReport): void {
  const report = readDatabase(path, (db) => judge(db, path));
  if (report.path !== undefined && report.isOurs && report.isWhole) {
    rmSync(report.path);
    syncFolder(report.path);
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
export function setAside(path: string, atMs: number, judge: JudgeReport): string {
  const stamp = stampOf(atMs);
  const { path: reportPath, isOurs, isGivenUp } = readDatabase(path, (db) => judge(db, path));
  const givenSuffix = suffixGivenBefore(path, reportPath, stamp);
  const suffix = givenSuffix ?? freeSuffix(path, reportPath, stamp);
  const mustMoveReport = reportPath !== undefined && givenSuffix === undefined;
  const db = openDatabase(path);
  try {
    // Before anything is moved: a reader can keep the newest results out of the file for a long time.
    foldWal(db, path);
    if (mustMoveReport) {
      if (isOurs && exists(reportPath)) renameSync(reportPath, reportPath + suffix);
      if (exists(reportPath + suffix)) syncFolder(reportPath);
      recordReportPath(db, path, reportPath + suffix);
    }
    if (isGivenUp) beginOwnReport(db, path + suffix);
    recordPlace(db, { path: path + suffix, isOpen: false, process: null });
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
 * @param kept - it counts, and is not deleted
 */
export function pruneSetAside(path: string, keepCount: number, kept: string | undefined, judge: JudgeReport): Pruned {
  const folder = dirname(path);
  const prefix = basename(path);
  const names = readdirSync(folder).filter(
    (name) =>
      name.startsWith(`${prefix}.`) &&
      SET_ASIDE_SUFFIX.test(name.slice(prefix.length)) &&
      SET_ASIDE_SUFFIX.exec(name)?.index === prefix.length,
  );
  const newestFirst = names.filter((name) => join(folder, name) !== kept).sort((a, b) => compareSuffixes(b, a));
  const pruned = newestFirst
    .slice(kept === undefined ? keepCount : Math.max(keepCount - 1, 0))
    .map((name) => prune(join(folder, name), judge));
  return {
    removed: pruned.flatMap(({ removed }) => removed ?? []).filter(({ unsentCount }) => unsentCount > 0),
    problems: pruned.flatMap(({ problem }) => problem ?? []),
  };
}

interface PrunedPair {
  readonly removed?: { readonly path: string; readonly unsentCount: number };
  readonly problem?: string;
}

/** Leaves what is no checkpoint, or is held by a run, without a word. */
function prune(path: string, judge: JudgeReport): PrunedPair {
  let lock: CheckpointLock | undefined;
  try {
    // Before the lock: no lock file is put beside a file that is not ours.
    const unsentCount = readDatabase(path, (db) => readFacts(db).pending);
    lock = lockCheckpoint(path);
    discardCheckpoint(path, (db, of) => reportSetAside(judge(db, of), of));
    return { removed: { path, unsentCount } };
  } catch (thrown) {
    const error = checkpointError(thrown, path);
    if (!(error instanceof UserError)) throw error;
    return error.code === 'NOT_A_CHECKPOINT' || error.code === 'CHECKPOINT_LOCKED' ? {} : { problem: error.message };
  } finally {
    lock?.release();
  }
}

/** A report that was given to a purge after it was set aside has a name that somebody has chosen, and stays. */
function reportSetAside(report: JudgedReport, path: string): JudgedReport {
  const [suffix = ''] = SET_ASIDE_SUFFIX.exec(path) ?? [];
  const isSetAside = report.path?.endsWith(suffix) === true || report.path === defaultReportPath(path);
  return isSetAside ? report : { ...report, path: undefined };
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

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
