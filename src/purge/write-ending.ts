import type { EndedBy } from '../checkpoint/facts.ts';
import { type RunCounts, type RunEnd, withTexts } from '../domain/summary.ts';
import type { Ledger } from '../ledger/ledger.ts';
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
  { ledger, halt, deps, counters, moments }: PurgeRun,
  mode: 'delete' | 'plan' | 'dry-run',
  deletion: Deletion | undefined,
): Promise<WrittenEnding> {
  const { ending } = halt;
  const counts = toRunCounts(counters, deps.clock.monotonicMs());
  const endedBy: EndedBy | undefined = ending?.kind === 'error' ? ending.endedBy : deletion?.isAsking ? 'refused-question' : undefined;
  const mayFinish = mode === 'delete' && ending?.kind !== 'error' && deletion?.isUnverified !== true;
  moments.runEnds();
  const left = await ledger.ask(
    'end',
    { tried: deletion?.tried() ?? [], endedBy, moments: moments.take(), run: counts, nowMs: deps.clock.wallMs() },
    mayFinish,
    deletion?.usedPermits() ?? [],
  );
  for (const message of left.warnings) deps.observer.event({ kind: 'warning', code: 'REPORT_PLACE', message });
  if (left.failure !== undefined) halt.fail(fromPlain(left.failure));
  for (const { code, message } of halt.otherErrors) deps.observer.event({ kind: 'warning', code, message });
  return { left, counts, ending: halt.ending };
}

/** Lets `status` tell how the run ended. The run is over and on record: where this cannot be written, it ends no other way. */
export async function recordEnd(ledger: Ledger, end: RunEnd, { observer, redact }: PurgeDeps): Promise<void> {
  try {
    await ledger.ask('recordEnd', redact === undefined ? end : withTexts(end, redact));
  } catch (failure) {
    const cause = failure instanceof Error ? failure.message : String(failure);
    observer.event({ kind: 'warning', code: 'END_NOT_RECORDED', message: `status cannot tell how this run ended: ${cause}` });
  }
}
