import { existsSync, lstatSync, readFileSync, renameSync, rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import { syncFolder } from '../checkpoint/file/database-files.ts';
import { type CheckpointLock, lockCheckpoint } from '../checkpoint/file/lock.ts';
import { reportPlace } from '../checkpoint/report-state.ts';
import { usageError, UserError } from '../domain/errors.ts';
import { isForeignReport } from '../report/ndjson-file.ts';
import { isDryRunReport, whoseReport } from './whose-report.ts';

/** A longer file is not read to see whether a dry run wrote it: 500,000 IDs or so. */
const DRY_RUN_BYTES_MAX = 64 * 1024 * 1024;

export function isRecorded(path: string, recordedFile: string | undefined): boolean {
  return recordedFile !== undefined && reportPlace(path) === reportPlace(recordedFile);
}

/**
 * A file that was there before is not ours to write to (exit 2).
 *
 * @param isDryRun - an earlier dry run's report is
 */
export function refuseForeignReport(path: string, isDryRun: boolean): void {
  if (!isForeignReport(path) || (isDryRun && isFromDryRun(path))) return;
  throw reportExists(path);
}

/** What becomes of the purge that a run has found: it goes on, it is removed with its report, or both are renamed. */
export type Become = 'resume' | 'replace' | 'set-aside';

/**
 * A recorded path alone says nothing: what holds another purge's lines is never written over (exit 2). What was put there otherwise is
 * in the way of a new purge, and a purge that goes on moves it aside ({@link moveStrangerAside}).
 */
export function refuseUnlessOurs(db: DatabaseSync, path: string, become: Become): void {
  const { owner, isWhole } = whoseReport(db, path);
  const isFree = owner === 'nobody' || (owner === 'this purge' && (isWhole || become !== 'replace'));
  if (isFree || (become === 'resume' && owner !== 'another purge')) return;
  throw reportExists(path);
}

/**
 * Renames what lies at the report's place and is not this purge's: it was put there later, and may be all that somebody has of it.
 *
 * @returns what a person should know; `undefined` where nothing was in the way
 */
export function moveStrangerAside(db: DatabaseSync, path: string): string | undefined {
  const { owner } = whoseReport(db, path);
  if (owner === 'nobody' || owner === 'this purge' || lstatSync(path).isDirectory()) return undefined;
  const asidePath = freePathBeside(path);
  renameSync(path, asidePath);
  return `what lay at ${path} was not this purge's report; it is ${asidePath} now`;
}

function freePathBeside(path: string): string {
  for (let n = 1; ; n++) {
    const free = n === 1 ? `${path}.other` : `${path}.other-${n}`;
    if (lstatSync(free, { throwIfNoEntry: false }) === undefined) return free;
  }
}

export function removeReport(path: string): void {
  rmSync(path, { force: true });
  if (existsSync(path)) return;
  syncFolder(path);
}

/**
 * Keeps a report for this run: two purges that were given one path at once must not both write there. The kernel frees it with the
 * process.
 *
 * @returns `undefined` where the file system has no locks; what a report holds still tells whose it is
 */
export function claimReport(path: string): CheckpointLock | undefined {
  try {
    return lockCheckpoint(reportPlace(path));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (error.code !== 'CHECKPOINT_LOCKED') return undefined;
    throw usageError(
      'REPORT_CLAIMED',
      `another run is writing the report ${path}; nothing was sent.`,
      'Give another file with --report, or wait until that run has ended.',
    );
  }
}

function isFromDryRun(path: string): boolean {
  const found = lstatSync(path);
  return found.isFile() && found.size <= DRY_RUN_BYTES_MAX && isDryRunReport(readFileSync(path, 'utf8'));
}

function reportExists(path: string): UserError {
  return usageError(
    'REPORT_EXISTS',
    `the report ${path} exists already and is not this purge's; it was not touched.`,
    'Move it away, or give another file with --report.',
  );
}
