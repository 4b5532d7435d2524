import { lstatSync } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { readDatabase } from '../checkpoint/file/database.ts';
import { checkpointExists } from '../checkpoint/file/database-files.ts';
import type { JudgedReport } from '../checkpoint/file/set-aside.ts';
import { placeHere, readPlace, recordPlace, tellInFile } from '../checkpoint/file/place.ts';
import { inTransaction } from '../checkpoint/file/transaction.ts';
import { readDefinition, theRow } from '../checkpoint/read-facts.ts';
import { beginOwnReport, defaultReportPath, readReportState, resolveReportPath } from '../checkpoint/report-state.ts';
import { UserError } from '../domain/errors.ts';
import { isAsWritten } from '../report/ndjson-file.ts';
import { whoseReport } from './whose-report.ts';

/** The report of a checkpoint at the path where it lies now. */
export interface OwnReport {
  /** As the checkpoint records it, or will record it. */
  readonly recorded: string | undefined;
  /** The one on record, where that is another purge's by now. */
  readonly left: { readonly path: string; readonly why: string } | undefined;
}

/**
 * A checkpoint that was copied must not touch the report of the one it was copied from, although it records the same path. Beside
 * it in another folder lies a copy of the report, too. Elsewhere it goes on with the report only where nothing lies at the old place
 * of the checkpoint, which then was moved, and where the report is exactly as it was written.
 */
export function ownReport(db: DatabaseSync, path: string): OwnReport {
  const stored = theRow(db, 'SELECT path FROM report')['path'];
  const recorded = typeof stored === 'string' ? stored : undefined;
  const reportPath = resolveReportPath(path, recorded);
  const oldPath = readPlace(db)?.path ?? path;
  const isAsBefore = { recorded, left: undefined };
  if (recorded === undefined || reportPath === undefined || isSameFile(oldPath, path)) return isAsBefore;
  // It was being set aside under that name.
  if (oldPath.startsWith(`${path}.`) && !checkpointExists(oldPath)) return isAsBefore;
  if (!isAbsolute(recorded) && dirname(oldPath) !== dirname(path)) return isAsBefore;
  const isCopy = holdsJob(oldPath, readDefinition(db).job);
  if (!isCopy && isAsWritten(reportPath, readReportState(db))) return isAsBefore;
  const why = isCopy
    ? `it is a copy of ${oldPath}, which keeps its report`
    : `it has lain at ${oldPath}, and the report there may be another's`;
  return { recorded: basename(defaultReportPath(path)), left: { path: reportPath, why } };
}

/** For what sets a checkpoint aside or removes it: which file may go with it. */
export function judgeReport(db: DatabaseSync, path: string): JudgedReport {
  const { recorded, left } = ownReport(db, path);
  const reportPath = left === undefined ? resolveReportPath(path, recorded) : undefined;
  const found = reportPath === undefined ? undefined : whoseReport(db, reportPath);
  return { path: reportPath, isOurs: found?.owner === 'this purge', isWhole: found?.isWhole === true, isGivenUp: left !== undefined };
}

/**
 * Records that the checkpoint is here and open, in its file itself, so that the file alone tells when its WAL is missing later. A
 * report that is not this checkpoint's is given up at the same instant.
 *
 * @returns what a person should know of it
 */
export function takePlace(db: DatabaseSync, path: string): readonly string[] {
  const own = ownReport(db, path);
  inTransaction(db, () => {
    if (own.left !== undefined) beginOwnReport(db, path);
    recordPlace(db, placeHere(path));
  });
  tellInFile(db);
  if (own.left === undefined) return [];
  return [`the report of ${path} is ${defaultReportPath(path)} from now on, and ${own.left.path} is left as it is: ${own.left.why}`];
}

function isSameFile(one: string, other: string): boolean {
  if (one === other) return true;
  const found = [one, other].map((path) => lstatSync(path, { bigint: true, throwIfNoEntry: false }));
  return found[0] !== undefined && found[0].ino === found[1]?.ino && found[0].dev === found[1].dev;
}

/** Whether that purge is there. Where it cannot be told, it counts as there. */
function holdsJob(path: string, job: string): boolean {
  if (!checkpointExists(path)) return false;
  try {
    return readDatabase(path, (db) => readDefinition(db).job === job);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.code !== 'NOT_A_CHECKPOINT';
  }
}
