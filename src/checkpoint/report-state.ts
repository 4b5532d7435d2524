import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { theRow } from './read-facts.ts';
import { UnsoundError } from './file/sqlite-error.ts';

/** How much of the report file is known to be what was written, and which rows may not have reached it yet. */
export interface ReportState {
  readonly offsetBytes: number;
  /** Of the first `offsetBytes`. */
  readonly sha256: Uint8Array;
  /** The whole file must be written again, whatever it holds. What is told of its beginning still says whose it is. */
  readonly mustRewrite: boolean;
  /** Keys of rows committed after that, see `Touched`. */
  readonly unreported: readonly number[];
}

export const EMPTY_SHA256: Uint8Array = Buffer.from('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hex');

export function readReportState(db: DatabaseSync): ReportState {
  const row = theRow(db, 'SELECT offset_bytes, sha256, unreported FROM report');
  const bytes = row['unreported'] as Uint8Array;
  if (bytes.length % Float64Array.BYTES_PER_ELEMENT !== 0) throw new UnsoundError('half a key of a row that the report misses');
  const offset = Number(row['offset_bytes']);
  const sha256 = row['sha256'] as Uint8Array;
  // Below zero: `-1 - offsetBytes`. Older versions recorded an empty hash instead, and no offset.
  const mustRewrite = offset < 0 || sha256.byteLength === 0;
  return {
    offsetBytes: offset < 0 ? -1 - offset : offset,
    sha256: sha256.byteLength === 0 ? EMPTY_SHA256 : sha256,
    mustRewrite,
    unreported: [...new Float64Array(bytes.slice().buffer)],
  };
}

/** Writes the state; call it inside the transaction whose rows it names. */
export type WriteReportState = (state: ReportState) => void;

export function prepareReportState(db: DatabaseSync): WriteReportState {
  const update = db.prepare('UPDATE report SET offset_bytes = ?, sha256 = ?, unreported = ?');
  return (state) => {
    const keys = Float64Array.from(state.unreported);
    update.run(state.mustRewrite ? -1 - state.offsetBytes : state.offsetBytes, state.sha256, new Uint8Array(keys.buffer));
  };
}

/**
 * Records a report's path: beside the checkpoint as a bare name, so that the pair can be moved together; elsewhere as an
 * absolute path. `-` is stdout, `./-` a file of that name, `undefined` none.
 */
export function recordReportPath(db: DatabaseSync, checkpointPath: string, reportPath: string | undefined): void {
  const isBeside =
    reportPath !== undefined && reportPath !== '-' && dirname(reportPlace(reportPath)) === dirname(reportPlace(checkpointPath));
  const recorded = reportPath === undefined || reportPath === '-' ? reportPath : isBeside ? nameBeside(reportPath) : resolve(reportPath);
  db.prepare('UPDATE report SET path = ?').run(recorded ?? null);
}

function nameBeside(reportPath: string): string {
  const name = basename(reportPath);
  return name === '-' ? './-' : name;
}

/**
 * Where a report lies: the same path whatever links lead to its folder. The file itself may not exist. If it is a link, that
 * is not followed, because writing the report replaces it.
 */
export function reportPlace(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return resolve(path); // A folder that cannot be reached holds no report. Writing there will fail with the reason.
  }
}

/** The report file of a checkpoint, from what {@link recordReportPath} recorded; `undefined` for none and for stdout. */
export function resolveReportPath(checkpointPath: string, recorded: string | undefined): string | undefined {
  if (recorded === undefined || recorded === '-') return undefined;
  return isAbsolute(recorded) ? recorded : join(dirname(checkpointPath), recorded);
}

export function defaultReportPath(checkpointPath: string): string {
  return `${checkpointPath}.report.ndjson`;
}

/** Records the default report of a checkpoint at `path`, to be written whole. */
export function beginOwnReport(db: DatabaseSync, path: string): void {
  recordReportPath(db, path, defaultReportPath(path));
  prepareReportState(db)({ offsetBytes: 0, sha256: EMPTY_SHA256, unreported: [], mustRewrite: true });
}
