import { resolve } from 'node:path';

import type { ProtectedBatch, RuleName } from '../checkpoint/protect/protected-batch.ts';
import { usageError, UserError } from '../domain/errors.ts';
import { escapeForTerminal } from '../text/escape.ts';
import { type ImageId, parseImageId } from '../domain/image-id.ts';
import type { Observer } from '../observe/events.ts';
import { type NoReading, onlyReadingOf, type Readings, readingsOf } from '../plan/readings.ts';
import { looksLikeSentence } from '../read/form/prose.ts';
import { openSource } from '../read/open.ts';
import { BY_DETECTION, type FormOptions, type OpenedSource, type RowBatch } from '../read/source.ts';
import type { ListOptions } from '../run/run-options.ts';

export type ExcludeFileOptions = Pick<ListOptions, 'excludePaths' | 'excludeColumn' | 'excludeLiteral' | 'allowEmptyExclude'>;

/** What protects: exclude files, and patterns of IDs. */
export type ProtectOptions = ExcludeFileOptions & Pick<ListOptions, 'excludeIds'>;

export interface ProtectEffects {
  /** Is given the rows, batch by batch. */
  readonly stage: (rows: ProtectedBatch) => Promise<unknown>;
  readonly observer: Observer;
  readonly halt: AbortSignal;
  /** What messages call such a file. */
  readonly called: 'exclude file' | 'file of --in' | 'file of --not-in' | 'file of --only';
}

/** More would take too long to compare with each ID. */
const PATTERNS_MAX = 100_000;
const RAW_CHARACTERS_SHOWN = 80;

/**
 * Reads every exclude file to its end and hands its rows to the ledger.
 *
 * @throws UserError (exit 2) where a file is unreadable, broken or empty, or holds a row without a usable ID; nothing is sent
 */
export async function readProtectLists(options: ExcludeFileOptions, effects: ProtectEffects): Promise<void> {
  for (const path of options.excludePaths) {
    const rowCount = await readProtectList(path, options, effects);
    if (rowCount === 0 && !options.allowEmptyExclude) {
      throw usageError(
        'EXCLUDE_EMPTY',
        `the ${effects.called} ${path} protects nothing: it holds no ID; nothing was sent.`,
        'Check the file, or allow it with --allow-empty-exclude.',
      );
    }
  }
}

async function readProtectList(
  path: string,
  options: ExcludeFileOptions,
  { stage, observer, halt, called }: ProtectEffects,
): Promise<number> {
  const form: FormOptions = { ...BY_DETECTION, column: options.excludeColumn, literal: options.excludeLiteral, takesReports: false };
  const isLiteral = options.excludeLiteral;
  const rule: RuleName = { name: path, path: resolve(path), isLiteral, column: options.excludeColumn };
  const several: SeveralReadings = { rowCount: 0, first: undefined };
  let rowCount = 0;
  let patternCount = 0;
  let sentenceCount = 0;
  try {
    const source = await openSource({ kind: 'file', path }, form, halt);
    try {
      for await (const batch of source.batches()) {
        const { format, hasHeader } = source.form;
        const read = isLiteral ? literalReading : hasOneReading(format, hasHeader) ? onlyReadingOf : readingsOf;
        const rows = protectedRows({ rule, called }, batch, read, several);
        rowCount += batch.values.length + batch.skippedCount;
        patternCount += rows.patterns.length;
        if (patternCount > PATTERNS_MAX) throw tooManyPatterns(`${called} ${path}`);
        if (format === 'lines' && !isLiteral) sentenceCount += batch.values.filter(looksLikeSentence).length;
        if (rows.rowCount > 0) await stage(rows);
      }
      for (const message of source.warnings()) observer.event({ kind: 'warning', code: 'EXCLUDE', message: `${called} ${message}` });
    } finally {
      await source.close();
    }
    if (sentenceCount * 2 > rowCount) throw proseError(`${called} ${path}`);
  } catch (error) {
    throw asExcludeError(`${called} ${path}`, error);
  }
  if (several.first !== undefined)
    observer.event({ kind: 'warning', code: 'SEVERAL_READINGS', message: severalText(`${called} ${path}`, several) });
  return rowCount;
}

/** Rows are cells under a header, or strings, which a program wrote. Others were written by a person, and may mean several IDs. */
function hasOneReading(format: OpenedSource['form']['format'], hasHeader: boolean): boolean {
  return format === 'csv' ? hasHeader : format !== 'lines';
}

function literalReading(value: string): Readings | NoReading {
  const parsed = parseImageId(value);
  return parsed.kind === 'id' ? { kind: 'readings', ids: [parsed.id], words: [], patterns: [] } : { kind: 'none', reason: parsed.reason };
}

/** Rows that may mean several IDs, all of which are protected. */
interface SeveralReadings {
  rowCount: number;
  first: { readonly value: string; readonly line: number } | undefined;
}

function protectedRows(
  { rule, called }: { readonly rule: RuleName; readonly called: string },
  batch: RowBatch,
  readingOf: (value: string) => Readings | NoReading,
  several: SeveralReadings,
): ProtectedBatch {
  const [bad] = batch.rejected;
  if (bad !== undefined) throw badRow(`${called} ${rule.name}`, bad.line, bad.raw, bad.reason);
  if (batch.skippedCount > 0) throw isReportError(`${called} ${rule.name}`);
  const rows = { ids: [] as ImageId[], idLines: [] as number[], patterns: [] as string[], patternLines: [] as number[] };
  batch.values.forEach((value, index) => {
    const line = batch.lines[index] ?? 0;
    const read = readingOf(value);
    if (read.kind === 'none') throw badRow(`${called} ${rule.name}`, line, value, read.reason);
    if (readingOf === readingsOf && read.ids.length + read.patterns.length > 1) {
      several.rowCount++;
      several.first ??= { value, line };
    }
    for (const id of [...read.ids, ...read.words]) {
      rows.ids.push(id);
      rows.idLines.push(line);
    }
    for (const pattern of read.patterns) {
      rows.patterns.push(pattern);
      rows.patternLines.push(line);
    }
  });
  return { rule, rowCount: batch.values.length, ...rows };
}

function severalText(file: string, { rowCount, first }: SeveralReadings): string {
  const shown = escapeForTerminal((first?.value ?? '').slice(0, RAW_CHARACTERS_SHOWN));
  const others = rowCount === 1 ? '' : `, and so ${rowCount === 2 ? 'is 1 more row' : `are ${rowCount - 1} more rows`}`;
  return `the ${file}, line ${first?.line}, may mean several IDs (${shown}): each of them is protected${others}.`;
}

function tooManyPatterns(file: string): UserError {
  return usageError(
    'EXCLUDE_PATTERNS',
    `the ${file} holds more than ${PATTERNS_MAX} rows with *, ? or [ ], which are read as patterns; nothing was sent.`,
    'If they are plain IDs, give --exclude-literal; else write fewer, wider patterns.',
  );
}

function isReportError(file: string): UserError {
  return usageError(
    'EXCLUDE_IS_REPORT',
    `the ${file} is a report of images-purge; which of its IDs to protect cannot be told. Nothing was sent.`,
    'Give a list of IDs.',
  );
}

function proseError(file: string): UserError {
  return usageError(
    'EXCLUDE_IS_PROSE',
    `the ${file} is no list: most of its rows read like sentences; nothing was sent.`,
    'Give a list with one ID a line.',
  );
}

function badRow(file: string, line: number, raw: string, reason: string): UserError {
  const shown = escapeForTerminal(raw.slice(0, RAW_CHARACTERS_SHOWN));
  return usageError(
    'EXCLUDE_BAD_ROW',
    `the ${file}, line ${line}, holds no usable ID (${shown}: ${reason}); nothing was sent.`,
    'Fix the line: an ID that is not understood would not be protected.',
  );
}

/** Every problem with an exclude file is exit 2: nothing may be sent without it. */
function asExcludeError(file: string, error: unknown): unknown {
  if (!(error instanceof UserError) || error.code.startsWith('EXCLUDE_')) return error;
  return usageError('EXCLUDE_UNREADABLE', `the ${file} cannot be used: ${error.message}`, ...excludeSteps(error));
}

/** The options that say how a source is written do not concern exclude files. */
function excludeSteps({ code, nextSteps }: UserError): readonly string[] {
  const withoutOptions = nextSteps.filter((step) => !/ --\w/.test(step));
  switch (code) {
    case 'COLUMN_MISSING':
    case 'COLUMN_AMBIGUOUS':
      return ['Make it a file with one ID a line, or say which column holds them: --exclude-column NAME, or N for its position.'];
    case 'DELIMITER_AMBIGUOUS':
      return ['Make it a file with one ID a line, or enclose its cells in quotes.'];
    case 'HEADER_BELOW':
      return ['Remove what stands above the names of the columns.'];
    case 'HEADER_IN_DOUBT':
      return ['If it is the first row, add a row above that names the columns; else say which one holds the IDs: --exclude-column NAME'];
    case 'SOURCE_BROKEN':
      // The first of them says what was read of a source.
      return [
        'Fix the file, or make it one with one ID a line: an ID that is not read would not be protected.',
        ...withoutOptions.slice(1),
      ];
    default:
      return nextSteps;
  }
}
