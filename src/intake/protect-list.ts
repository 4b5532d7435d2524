import { usageError, UserError } from '../domain/errors.ts';
import { escapeForTerminal } from '../text/escape.ts';
import type { ImageId } from '../domain/image-id.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { onlyReadingOf, readingsOf } from '../plan/readings.ts';
import { looksLikeSentence } from '../read/form/prose.ts';
import { openSource } from '../read/open.ts';
import { BY_DETECTION, type FormOptions, type RowBatch } from '../read/source.ts';
import type { ListOptions } from '../run/run-options.ts';

export type ProtectOptions = Pick<ListOptions, 'excludePaths' | 'excludeColumn' | 'allowEmptyExclude'>;

/**
 * Reads every exclude file to its end and hands its IDs to the ledger.
 *
 * @throws UserError (exit 2) where a file is unreadable, broken or empty, or holds a row without a usable ID; nothing is sent
 */
export async function readProtectLists(options: ProtectOptions, ledger: Ledger, halt: AbortSignal): Promise<void> {
  const form: FormOptions = { ...BY_DETECTION, column: options.excludeColumn };
  for (const path of options.excludePaths) {
    const idCount = await readProtectList(path, form, ledger, halt);
    if (idCount === 0 && !options.allowEmptyExclude) {
      throw usageError(
        'EXCLUDE_EMPTY',
        `the exclude file ${path} protects nothing: it holds no ID; nothing was sent.`,
        'Check the file, or allow it with --allow-empty-exclude.',
      );
    }
  }
}

async function readProtectList(path: string, form: FormOptions, ledger: Ledger, halt: AbortSignal): Promise<number> {
  let idCount = 0;
  let sentenceCount = 0;
  try {
    const source = await openSource({ kind: 'file', path }, form, halt);
    try {
      for await (const batch of source.batches()) {
        const { format, hasHeader } = source.form;
        const ids = protectedIds(path, batch, format === 'csv' ? hasHeader : format !== 'lines');
        idCount += batch.values.length + batch.skippedCount;
        if (format === 'lines') sentenceCount += batch.values.filter(looksLikeSentence).length;
        if (ids.length > 0) await ledger.ask('stageProtected', ids);
      }
    } finally {
      await source.close();
    }
    if (sentenceCount * 2 > idCount) throw proseError(path);
  } catch (error) {
    throw asExcludeError(path, error);
  }
  return idCount;
}

/**
 * @param hasOneReading - rows are cells under a header, or strings, which a program wrote. Others were written by a person, and may mean
 *   several IDs
 */
function protectedIds(path: string, batch: RowBatch, hasOneReading: boolean): ImageId[] {
  const [bad] = batch.rejected;
  if (bad !== undefined) throw badRow(path, bad.line, bad.raw, bad.reason);
  if (batch.skippedCount > 0) {
    throw usageError(
      'EXCLUDE_IS_REPORT',
      `the exclude file ${path} is a report of images-purge; which of its IDs to protect cannot be told. Nothing was sent.`,
      'Give a list of IDs.',
    );
  }
  return batch.values.flatMap((value, index) => {
    const read = hasOneReading ? onlyReadingOf(value) : readingsOf(value);
    if (read.kind === 'none') throw badRow(path, batch.lines[index] ?? 0, value, read.reason);
    return [...read.ids, ...read.words];
  });
}

function proseError(path: string): UserError {
  return usageError(
    'EXCLUDE_IS_PROSE',
    `the exclude file ${path} is no list: most of its rows read like sentences; nothing was sent.`,
    'Give a list with one ID a line.',
  );
}

const RAW_CHARACTERS_SHOWN = 80;

function badRow(path: string, line: number, raw: string, reason: string): UserError {
  const shown = escapeForTerminal(raw.slice(0, RAW_CHARACTERS_SHOWN));
  return usageError(
    'EXCLUDE_BAD_ROW',
    `the exclude file ${path}, line ${line}, holds no usable ID (${shown}: ${reason}); nothing was sent.`,
    'Fix the line: an ID that is not understood would not be protected.',
  );
}

/** Every problem with an exclude file is exit 2: nothing may be sent without it. */
function asExcludeError(path: string, error: unknown): unknown {
  if (!(error instanceof UserError) || error.code.startsWith('EXCLUDE_')) return error;
  return usageError('EXCLUDE_UNREADABLE', `the exclude file ${path} cannot be used: ${error.message}`, ...excludeSteps(error));
}

/** The options that say how a source is written do not concern exclude files. */
function excludeSteps({ code, nextSteps }: UserError): readonly string[] {
  const withoutOptions = nextSteps.filter((step) => !/ --\w/.test(step));
  switch (code) {
    case 'COLUMN_MISSING':
    case 'COLUMN_AMBIGUOUS':
      return ['Make it a file with one ID a line, or say which column holds them: --exclude-column NAME, or N for its position.'];
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
