import { existsSync, realpathSync } from 'node:fs';

import { openDatabaseToRead } from '../checkpoint/database.ts';
import { resolveCheckpointPath } from '../checkpoint/file-system.ts';
import { allRecords } from '../checkpoint/records.ts';
import { checkpointError } from '../checkpoint/sqlite-error.ts';
import { usageError } from '../domain/errors.ts';
import type { ReportRecord } from '../domain/record.ts';
import { csvHeader, csvLine } from '../report/csv.ts';
import { reportLine } from '../report/line.ts';
import { createOutputFile } from '../report/output-file.ts';
import type { ReportRequest } from './types.ts';

/** Lines gathered before they are written. */
const CHUNK_CHARACTERS = 64 * 1024;

/** Writes the report of one or several checkpoints anew; a rejected row that several of them hold appears once. */
export async function writeReport(request: ReportRequest, writeStdout: (text: string) => Promise<void>): Promise<{ readonly lineCount: number }> {
  if (request.outPath === undefined) return { lineCount: await writeLines(request, writeStdout) };
  refuseOwnCheckpoint(request.outPath, request.checkpointPaths);
  const file = await createOutputFile(request.outPath);
  try {
    const lineCount = await writeLines(request, (text) => file.write(text));
    await file.complete();
    return { lineCount };
  } finally {
    await file.discardIfIncomplete();
  }
}

/** A slip of the hand must not cost the only record of what was deleted. */
function refuseOwnCheckpoint(outPath: string, checkpointPaths: readonly string[]): void {
  if (!existsSync(outPath)) return;
  const out = realpathSync(outPath);
  if (!checkpointPaths.some((path) => resolveCheckpointPath(path) === out)) return;
  throw usageError('OUTPUT_IS_CHECKPOINT', `${outPath} is the checkpoint that the report is made from; it was not touched.`, 'Give another file with -o.');
}

async function writeLines(request: ReportRequest, write: (text: string) => Promise<void>): Promise<number> {
  const toLine = request.format === 'csv' ? csvLine : reportLine;
  let chunk = request.format === 'csv' ? csvHeader() : '';
  let lineCount = 0;
  for (const record of recordsOfAll(request)) {
    chunk += toLine(record);
    lineCount++;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    await write(chunk);
    chunk = '';
  }
  if (chunk !== '') await write(chunk);
  return lineCount;
}

function* recordsOfAll({ checkpointPaths, outcomes }: ReportRequest): Generator<ReportRecord> {
  const seenRejected = new Set<string>();
  for (const given of checkpointPaths) {
    const path = resolveCheckpointPath(given);
    const db = openDatabaseToRead(path);
    try {
      for (const record of allRecords(db, outcomes)) {
        if (record.outcome === 'rejected' && checkpointPaths.length > 1) {
          const key = JSON.stringify([record.source, record.line, record.raw]);
          if (seenRejected.has(key)) continue;
          seenRejected.add(key);
        }
        yield record;
      }
    } catch (error) {
      throw checkpointError(error, path);
    } finally {
      db.close();
    }
  }
}
