import { existsSync, realpathSync } from 'node:fs';

import { resolveCheckpointPath } from '../checkpoint/file/file-system.ts';
import { CheckpointReader, READ_TRIES_MAX } from '../checkpoint/file/reader.ts';
import { allRecords } from '../checkpoint/report-records.ts';
import { isChanged } from '../checkpoint/file/sqlite-error.ts';
import { usageError } from '../domain/errors.ts';
import type { ListedOutcome } from '../domain/outcome.ts';
import { csvHeader, csvLine } from '../report/csv.ts';
import { reportLine } from '../report/line.ts';
import { createOutputFile, type OutputFile } from '../report/output-file.ts';
import { distinctCheckpoints } from './several.ts';
import { areMergeableShards, isSeen } from './shards.ts';

export interface ReportRequest {
  readonly checkpointPaths: readonly string[];
  readonly format: 'ndjson' | 'csv' | 'html';
  /** `undefined`: every outcome that a report holds. */
  readonly outcomes: readonly ListedOutcome[] | undefined;
  /** `undefined`: stdout. A file appears only when it is complete. */
  readonly outPath: string | undefined;
  /** Whether a file there that is not empty is written over. */
  readonly overwrites: boolean;
  /** Of HTML: USD a month for 100,000 stored images. */
  readonly price: number;
  /** Of HTML: when it is written. */
  readonly nowMs: number;
}

/** Lines gathered before they are written. */
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * Writes the report of one or several checkpoints. Where they are shards of one list, a rejected row that several hold appears once. The
 * count of lines is that of the table in a page.
 */
export async function writeReport(
  request: ReportRequest,
  writeStdout: (text: string) => Promise<void>,
): Promise<{ readonly lineCount: number }> {
  const { outPath } = request;
  if (outPath === undefined) return writeLines(request, () => Promise.resolve(stdoutAsFile(writeStdout)));
  refuseOwnCheckpoint(outPath, request.checkpointPaths);
  return writeLines(request, () => createOutputFile(outPath, request.overwrites ? 'overwrite' : { option: '-o' }));
}

/** Writes all lines. Starts over where a run has begun on a checkpoint meanwhile, unless lines were written to stdout already. */
export async function writeLines(request: ReportRequest, openOutput: () => Promise<OutputFile>): Promise<{ readonly lineCount: number }> {
  for (let tries = 1; ; tries++) {
    const output = await openOutput();
    try {
      let lineCount = 0;
      for (const chunk of request.format === 'html' ? await pageOf(request) : chunksOf(request)) {
        await output.write(chunk.text);
        lineCount += chunk.lineCount;
      }
      await output.complete();
      return { lineCount };
    } catch (error) {
      if (!isChanged(error) || !output.canBeginAgain() || tries === READ_TRIES_MAX) throw error;
    } finally {
      await output.discardIfIncomplete();
    }
  }
}

function stdoutAsFile(write: (text: string) => Promise<void>): OutputFile {
  let hasWritten = false;
  return {
    write(text) {
      hasWritten = true;
      return write(text);
    },
    canBeginAgain: () => !hasWritten,
    complete: () => Promise.resolve(),
    discardIfIncomplete: () => Promise.resolve(),
  };
}

/** A mistyped path must not destroy the only record of what was deleted. */
function refuseOwnCheckpoint(outPath: string, checkpointPaths: readonly string[]): void {
  if (!existsSync(outPath)) return;
  const out = realpathSync(outPath);
  if (!checkpointPaths.some((path) => resolveCheckpointPath(path) === out)) return;
  throw usageError(
    'OUTPUT_IS_CHECKPOINT',
    `${outPath} is the checkpoint that the report is made from; it was not touched.`,
    'Give another file with -o.',
  );
}

interface Chunk {
  readonly text: string;
  readonly lineCount: number;
}

/** All of a page at once: it holds what all the checkpoints tell together. */
async function pageOf({ checkpointPaths, outcomes, price, nowMs }: ReportRequest): Promise<Chunk[]> {
  const [{ pageFactsOf }, { renderPage }] = await Promise.all([import('./html/page-facts-of.ts'), import('../report/html/page.ts')]);
  const facts = pageFactsOf({ checkpointPaths, outcomes, price, nowMs });
  return [{ text: renderPage(facts), lineCount: facts.table.records.length }];
}

/** The lines of all the checkpoints, each checkpoint as it was at one instant. */
function* chunksOf(request: ReportRequest): Generator<Chunk> {
  const toLine = request.format === 'csv' ? csvLine : reportLine;
  const given = distinctCheckpoints(request.checkpointPaths);
  const areShards = given.length > 1 && areMergeableShards(given);
  const seenRejected = new Set<string>();
  let text = request.format === 'csv' ? csvHeader() : '';
  let lineCount = 0;
  for (const path of given.map(resolveCheckpointPath)) {
    const reader = new CheckpointReader(path);
    try {
      reader.db.exec('BEGIN');
      for (const record of allRecords(reader.db, request.outcomes)) {
        if (areShards && record.outcome === 'rejected' && isSeen(record, seenRejected)) continue;
        text += toLine(record);
        lineCount++;
        if (text.length < CHUNK_CHARACTERS) continue;
        reader.refuseIfChanged();
        yield { text, lineCount };
        text = '';
        lineCount = 0;
      }
      reader.refuseIfChanged();
    } catch (error) {
      throw reader.causeOf(error);
    } finally {
      reader.close();
    }
  }
  if (text !== '') yield { text, lineCount };
}
