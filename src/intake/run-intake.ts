import { UserError } from '../domain/errors.ts';
import type { Clock } from '../domain/clock.ts';
import type { Shard } from '../domain/shard.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Committed } from '../ledger/committed.ts';
import { Committing, type ReadRows, rowsOf } from './committing.ts';
import { createDeliveryUrlReaders } from '../plan/delivery-values.ts';
import { planBatch, type ValueOptions } from '../plan/plan-batch.ts';
import { unreadableSource } from '../read/broken.ts';
import type { OpenedSource } from '../read/source.ts';
import { untilAborted } from '../run/until-aborted.ts';

export interface IntakeEffects {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly isDeliveryUrls: boolean;
  readonly isLiteral: boolean;
  /** `null`: all IDs. */
  readonly shard: Shard | null;
  /** Something was committed: its report lines may have to go to stdout. */
  readonly onCommitted: (committed: Committed) => Promise<void>;
  /** A batch was committed: there may be work. */
  readonly onAccepted: (count: number, rowCount: number) => void;
  readonly onWarning: (message: string) => void;
  /** Aborts when the run stops; what was accepted stays accepted. */
  readonly halt: AbortSignal;
}

/**
 * Reads the opened sources into the checkpoint, and commits what was read meanwhile.
 *
 * @returns whether the end was reached; `false` where the run was stopped before. Throws where a source is broken.
 */
export async function runIntake(sources: readonly OpenedSource[], effects: IntakeEffects): Promise<boolean> {
  const { ledger, halt } = effects;
  let name = '';
  const { isDeliveryUrls, isLiteral, shard } = effects;
  const deliveryUrlsOf = createDeliveryUrlReaders();
  const counts = sources.map(() => ({ rows: 0, accepted: 0 }));
  const committing = new Committing(
    (rows) => commitRows(rows, effects, counts[rows.sourceIndex]),
    () => halt.aborted,
  );
  try {
    for (const [sourceIndex, source] of sources.entries()) {
      name = source.name;
      const values: ValueOptions = { deliveryUrls: isDeliveryUrls ? deliveryUrlsOf(name) : undefined, isLiteral, shard };
      for await (const batch of untilAborted(source.batches(), halt)) {
        await committing.add(sourceIndex, planBatch(batch, values));
        if (halt.aborted) break;
      }
      if (halt.aborted) break;
      for (const warning of source.warnings()) effects.onWarning(warning);
    }
  } catch (error) {
    // What was read before the broken place stays accepted.
    await committing.end();
    throw asSourceError(error, name);
  }
  await committing.end();
  if (halt.aborted) return false;
  const committed = await ledger.ask(
    'finishReading',
    sources.map((source) => source.digest()),
    effects.clock.wallMs(),
    counts,
  );
  await effects.onCommitted(committed);
  return true;
}

async function commitRows(rows: ReadRows, effects: IntakeEffects, sourceCounts: ReadCounts | undefined): Promise<void> {
  const committed = await effects.ledger.ask('accept', { ...rows, nowMs: effects.clock.wallMs() });
  await effects.onCommitted(committed);
  const rowCount = rowsOf(rows);
  if (sourceCounts !== undefined) {
    sourceCounts.rows += rowCount;
    sourceCounts.accepted += committed.acceptedCount + committed.metAgainCount;
  }
  effects.onAccepted(committed.acceptedCount, rowCount);
}

interface ReadCounts {
  rows: number;
  accepted: number;
}

function asSourceError(error: unknown, name: string): unknown {
  return error instanceof UserError || !(error instanceof Error) || !('code' in error) ? error : unreadableSource(name, error);
}
