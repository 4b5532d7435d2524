import { statSync } from 'node:fs';

import type { CheckpointFacts, Definition, RecordedSource } from '../checkpoint/facts.ts';
import { storageError } from '../domain/errors.ts';
import { isKnownColumn, plainName } from '../read/form/column-names.ts';
import { escapeForTerminal } from '../text/escape.ts';
import { isPipeLike } from '../read/bytes.ts';
import { hashFile } from '../read/digest.ts';
import { openSource } from '../read/open.ts';
import type { FormOptions, OpenedSource, SourceRef } from '../read/source.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { DeleteOptions } from '../run/run-options.ts';

/** Opens every source and finds its form before anything is sent; closes those already open if one fails. */
export async function openSources(
  sources: readonly SourceRef[],
  form: FormOptions,
  deps: Pick<PurgeDeps, 'clock' | 'observer'>,
  halt: AbortSignal,
): Promise<OpenedSource[]> {
  const opened: OpenedSource[] = [];
  try {
    for (const source of sources) opened.push(await tellingSilence(source, deps, () => openSource(source, form, halt)));
    refuseOtherColumns(opened, form.column);
    return opened;
  } catch (error) {
    await closeSources(opened);
    throw error;
  }
}

/** A person who waits for a pipe that has no writer, or does not know that they are to type, must be told. */
const SILENCE_TOLD_AFTER_MS = 1_000;

async function tellingSilence<T>(
  source: SourceRef,
  { clock, observer }: Pick<PurgeDeps, 'clock' | 'observer'>,
  open: () => Promise<T>,
): Promise<T> {
  const isTerminal = source.kind === 'stdin' && 'isTTY' in source.stream && source.stream.isTTY === true;
  const mayWait = source.kind === 'stdin' || (source.kind === 'file' && isPipeLike(source.path));
  if (!mayWait) return open();
  const opened = new AbortController();
  const tell = async (): Promise<void> => {
    if (!isTerminal) await clock.sleep(SILENCE_TOLD_AFTER_MS, opened.signal);
    if (!opened.signal.aborted) observer.event({ kind: 'source.waiting', source: sourceName(source), isTerminal });
  };
  void tell();
  try {
    return await open();
  } finally {
    opened.abort();
  }
}

/** `--column N` is the position in every source: one whose header has the ID elsewhere would have other values deleted. */
function refuseOtherColumns([first, ...further]: readonly OpenedSource[], column: string | undefined): void {
  if (first === undefined || column === undefined || !/^\d+$/.test(column)) return;
  const other = further.find(({ form }) => form.hasHeader && plainName(form.columnName ?? '') !== plainName(first.form.columnName ?? ''));
  if (other === undefined || (first.form.columnName === undefined && isKnownColumn(other.form.columnName ?? ''))) return;
  throw storageError(
    'SOURCE_OTHER_COLUMN',
    `${other.name}: its header names column ${column} "${escapeForTerminal(other.form.columnName ?? '')}", ` +
      `so that --column ${column} is not the ID there; nothing was sent.`,
    ['Name the column: --column NAME, or give this file in a command of its own.'],
  );
}

export async function closeSources(opened: readonly OpenedSource[]): Promise<void> {
  for (const source of opened) await source.close();
}

/** As the checkpoint records it. */
export function recordedForm(options: Pick<DeleteOptions, 'form' | 'deliveryUrls'>): Definition['form'] {
  const { format, column, noHeader, delimiter, quote, skipLines, lastLine, literal } = options.form;
  return {
    format,
    column: column ?? null,
    noHeader,
    delimiter: delimiter ?? null,
    quote: quote ?? null,
    skipLines,
    acceptLastLine: lastLine === 'accept',
    literal,
    deliveryUrls: options.deliveryUrls,
  };
}

/** What makes another list of the same file. */
const DECIDING = [
  'format',
  'column',
  'noHeader',
  'delimiter',
  'quote',
  'skipLines',
  'literal',
  'deliveryUrls',
] as const satisfies readonly (keyof Definition['form'])[];

/** The same contents in the same order, read in the same way. Paths do not matter. A pipe is never the same: it is read only once. */
export async function isSameSource(
  facts: CheckpointFacts,
  options: Pick<DeleteOptions, 'sources' | 'form' | 'deliveryUrls' | 'shard'>,
  halt: AbortSignal,
): Promise<boolean> {
  const recorded = facts.definition.form;
  const given = recordedForm(options);
  const isSameForm =
    DECIDING.every((key) => recorded[key] === given[key]) &&
    facts.definition.shard?.index === options.shard?.index &&
    facts.definition.shard?.count === options.shard?.count;
  if (!isSameForm || facts.sources.length !== options.sources.length) return false;
  for (const [index, source] of options.sources.entries()) {
    const before = facts.sources[index];
    if (source.kind !== 'file' || isPipeLike(source.path) || before?.sha256 === undefined) return false;
    const now = await hashFile(source.path, halt);
    if (now.sizeBytes !== before.sizeBytes || Buffer.compare(now.sha256, before.sha256) !== 0) return false;
  }
  return true;
}

/** The size and time of a regular file; `undefined` for anything else, which is never the same twice. */
export function openedAs(source: SourceRef | undefined): RecordedSource['opened'] {
  if (source?.kind !== 'file') return undefined;
  const stat = statSync(source.path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? { sizeBytes: stat.size, modifiedMs: Math.floor(stat.mtimeMs) } : undefined;
}

/** As {@link isSameSource} for a list that was not read to its end, of which there is no hash: by size and time. */
export function isSameFile(facts: CheckpointFacts, { sources }: Pick<DeleteOptions, 'sources'>): boolean {
  if (facts.sources.length !== sources.length) return false;
  return sources.every((source, index) => {
    const [before, now] = [facts.sources[index]?.opened, openedAs(source)];
    return before !== undefined && before.sizeBytes === now?.sizeBytes && before.modifiedMs === now.modifiedMs;
  });
}

export function sourceName(source: SourceRef): string {
  return source.kind === 'file' ? source.path : '-';
}
