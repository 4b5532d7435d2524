import type { CheckpointFacts } from '../checkpoint/facts.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { UserError } from '../domain/errors.ts';
import { createDeliveryUrlReaders } from '../plan/delivery-values.ts';
import { planBatch } from '../plan/plan-batch.ts';
import { isPipeLike } from '../read/bytes.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { DeleteOptions } from '../run/run-options.ts';
import { untilAborted } from '../run/until-aborted.ts';
import { formatCount } from '../text/format.ts';
import { closeSources, openSources } from './sources.ts';

/** How many IDs that are still to be sent another list does not hold. */
export type NotHeld = { readonly kind: 'counted'; readonly count: number } | { readonly kind: 'not-compared'; readonly why: string };

/** Some eight seconds of a core. With a longer list, the refusal says that it was not compared. */
export const COMPARED_ROWS_MAX = 1_000_000;

/** Reads the list that is given now for a refusal; nothing of it is kept, and the purge found stays as it is. */
export async function countNotHeld(
  { pending }: Pick<CheckpointFacts, 'pending'>,
  options: Pick<DeleteOptions, 'sources' | 'form' | 'deliveryUrls'>,
  {
    ledger,
    deps,
    halt,
    rowsMax = COMPARED_ROWS_MAX,
  }: {
    readonly ledger: Ledger;
    readonly deps: Pick<PurgeDeps, 'clock' | 'observer'>;
    readonly halt: AbortSignal;
    readonly rowsMax?: number;
  },
): Promise<NotHeld> {
  if (options.sources.some((source) => source.kind !== 'file' || isPipeLike(source.path))) return notCompared('it comes from a pipe');
  const deliveryUrlsOf = createDeliveryUrlReaders();
  let [rowCount, metCount] = [0, 0];
  try {
    const opened = await openSources(options.sources, options.form, deps, halt);
    try {
      for (const source of opened) {
        const deliveryUrls = options.deliveryUrls ? deliveryUrlsOf(source.name) : undefined;
        for await (const batch of untilAborted(source.batches(), halt)) {
          rowCount += batch.values.length + batch.rejected.length;
          if (rowCount > rowsMax) return notCompared(`it has more than ${formatCount(rowsMax)} rows`);
          const { ids } = planBatch(batch, { deliveryUrls, isLiteral: options.form.literal, shard: null });
          metCount = await ledger.ask('meetPending', ids);
        }
      }
    } finally {
      await closeSources(opened);
    }
  } catch (error) {
    // Why it cannot be read is told when it is meant to be read.
    if (error instanceof UserError || (error instanceof Error && 'code' in error)) return notCompared('it cannot be read');
    throw error;
  }
  return { kind: 'counted', count: pending - metCount };
}

function notCompared(why: string): NotHeld {
  return { kind: 'not-compared', why };
}
