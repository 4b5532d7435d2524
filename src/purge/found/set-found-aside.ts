import { nextCommand } from '../../advice/next-command.ts';
import type { CheckpointFacts } from '../../checkpoint/facts.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { PurgeDeps } from '../../run/deps.ts';
import { countOf } from '../../text/format.ts';

/** Tells what is set aside with IDs that were not sent, and what becomes of older ones. */
export async function setFoundAside(
  ledger: Ledger,
  facts: CheckpointFacts | undefined,
  stampMs: number,
  keepCount: number,
  { observer }: PurgeDeps,
): Promise<void> {
  const isUnfinished = facts !== undefined && facts.state !== 'finished';
  const { path, removed, problems } = await ledger.ask('setAside', stampMs, keepCount, isUnfinished);
  const warn = (code: string, message: string): void => observer.event({ kind: 'warning', code, message });
  if (isUnfinished) {
    const sources = facts.sources.map((source) => source.path).join(', ');
    const unsent = `${countOf(facts.pending, 'ID')} of the unfinished purge of ${sources} ${facts.pending === 1 ? 'is' : 'are'} unsent`;
    warn('SUPERSEDED', `${unsent}; it was set aside as ${path}. To go on with it:  ${nextCommand(facts, path, facts.repeated)}`);
  }
  for (const { path: removedPath, unsentCount } of removed) {
    warn('OLD_CHECKPOINT', `removed by --keep: ${removedPath}, of which ${countOf(unsentCount, 'ID')} had not been sent`);
  }
  for (const message of problems) warn('OLD_CHECKPOINT', `not removed by --keep: ${message}`);
}
