import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { isPipeLike } from '../read/bytes.ts';
import { hashFile } from '../read/digest.ts';
import { openSource } from '../read/open.ts';
import type { FormOptions, OpenedSource, SourceRef } from '../read/source.ts';
import type { DeleteOptions } from '../run/run-options.ts';

/** Opens every source and finds its form before anything is sent; closes those already open if one fails. */
export async function openSources(sources: readonly SourceRef[], form: FormOptions, halt: AbortSignal): Promise<OpenedSource[]> {
  const opened: OpenedSource[] = [];
  try {
    for (const source of sources) opened.push(await openSource(source, form, halt));
    return opened;
  } catch (error) {
    await closeSources(opened);
    throw error;
  }
}

export async function closeSources(opened: readonly OpenedSource[]): Promise<void> {
  for (const source of opened) await source.close();
}

/** The same contents in the same order, read in the same way. Paths do not matter. A pipe is never the same: it is read only once. */
export async function isSameSource(
  facts: CheckpointFacts,
  options: Pick<DeleteOptions, 'sources' | 'form' | 'deliveryUrls' | 'shard'>,
  halt: AbortSignal,
): Promise<boolean> {
  const recorded = facts.definition.form;
  const { form } = options;
  const isSameForm =
    recorded.format === form.format &&
    recorded.column === (form.column ?? null) &&
    recorded.noHeader === form.noHeader &&
    recorded.delimiter === (form.delimiter ?? null) &&
    recorded.deliveryUrls === options.deliveryUrls &&
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

export function sourceName(source: SourceRef): string {
  return source.kind === 'file' ? source.path : '-';
}
