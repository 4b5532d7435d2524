import type { EndedBy } from '../checkpoint/facts.ts';
import type { UserError } from '../domain/errors.ts';
import type { RunCounts } from '../domain/summary.ts';
import { fromPlain } from '../ledger/plain-error.ts';
import type { RunLeft } from '../ledger/committed.ts';
import { toRunCounts } from '../run/counters.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { Ending } from '../run/halt.ts';
import type { Deletion } from './deletion.ts';
import type { PurgeRun } from './purge-run.ts';

export interface WrittenEnding {
  /** What the checkpoint holds now. */
  readonly left: RunLeft;
  readonly counts: RunCounts;
  /** `undefined`: everything was worked off. */
  readonly ending: Ending | undefined;
}

/** The last transaction of the run. */
export async function writeEnding(
  { ledger, halt, deps, counters }: PurgeRun,
  mode: 'delete' | 'plan' | 'dry-run',
  deletion: Deletion | undefined,
): Promise<WrittenEnding> {
  const { ending } = halt;
  const counts = toRunCounts(counters, deps.clock.monotonicMs());
  const endedBy: EndedBy | undefined = ending?.kind === 'error' ? ending.endedBy : deletion?.isAsking ? 'refused-question' : undefined;
  const mayFinish = mode === 'delete' && ending?.kind !== 'error';
  const left = await ledger.ask(
    'end',
    { tried: deletion?.tried() ?? [], endedBy, run: counts, nowMs: deps.clock.wallMs() },
    mayFinish,
    deletion?.usedPermits() ?? [],
  );
  const failure = left.failure === undefined ? undefined : fromPlain(left.failure);
  return { left, counts, ending: failure === undefined ? ending : withLateFailure(ending, failure, deps) };
}

/**
 * A report that cannot be written, or a checkpoint that is gone, ends a run with its error, however late it shows. After a signal or
 * another error it is a warning.
 */
function withLateFailure(ending: Ending | undefined, failure: UserError, { observer }: PurgeDeps): Ending {
  if (ending === undefined || ending.kind === 'limit') return { kind: 'error', error: failure, endedBy: undefined };
  const isTold = ending.kind === 'error' && ending.error.message === failure.message;
  if (!isTold) observer.event({ kind: 'warning', code: failure.code, message: failure.message });
  return ending;
}
