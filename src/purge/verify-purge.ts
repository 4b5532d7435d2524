import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { STILL_LISTED } from '../checkpoint/gone/still-listed.ts';
import type { AccountAccess } from '../connect/account-access.ts';
import type { AccountStats } from '../connect/account-stats.ts';
import { countOf } from '../text/format.ts';
import { countImages } from '../verify/count-images.ts';
import { methodFor } from '../verify/method-for.ts';
import type { UnclearItem } from '../verify/verify-request.ts';
import { Verifying } from '../verify/verifying.ts';
import { ListStopped } from '../list/pages.ts';
import type { PurgeRun } from './purge-run.ts';

const MARKED_AT_ONCE = 1_000;

/**
 * `--verify`: searches the account for what the purge says is gone. What is still there, confirmed by its own GET, becomes `failed`.
 *
 * @param before - what the account held before the first DELETE of this run
 * @returns whether every ID was looked for; `false` where the run was told to end
 */
export async function verifyPurge(run: PurgeRun, access: AccountAccess, facts: CheckpointFacts, before: AccountStats): Promise<boolean> {
  const { deps, halt, ledger, counters, pace, board } = run;
  const { deleted, absent } = facts.outcomes;
  const idCount = deleted + absent;
  if (idCount === 0) return true;
  try {
    const images = await countImages(access);
    const method = methodFor(idCount, images);
    deps.observer.event({ kind: 'verify.started', method, ids: idCount, images });
    const verifying = new Verifying({
      // What fails by itself is asked again for as long as `--give-up-after` lasts: there is no other work meanwhile.
      access: { ...access, ask: (question) => access.ask(question, Infinity) },
      deps,
      halt: halt.signal,
      gone: { among: (ids) => ledger.ask('goneAmong', ids), after: (seq, countMax) => ledger.ask('goneAfter', seq, countMax) },
      purgeBeganAtMs: facts.definition.createdAtMs,
      attemptsMax: pace.attemptsMax,
      method,
      total: method === 'list' ? images : idCount,
    });
    board.sweep = () => {
      const { done, total, met, perSecond } = verifying.progress();
      return { reason: 'verify', noun: method === 'list' ? 'image' : 'ID', done, total, found: met, perSecond };
    };
    await verifying.run();
    const { stillThere, uploadedAgain, unclear, listedCount, uploadedSinceCount } = verifying.findings;
    await markFailed(
      run,
      stillThere.map(({ seq }) => seq),
    );
    for (const { id } of stillThere)
      deps.observer.event({ kind: 'item.failed', id, httpStatus: 200, code: undefined, message: STILL_LISTED });
    warnOfUnclear(run, unclear);
    deps.observer.event({
      kind: 'verify.finished',
      ids: idCount,
      stillThere: stillThere.length,
      uploadedAgain: uploadedAgain.length,
      unclear: unclear.length,
      listed: listedCount,
      uploadedSince: uploadedSinceCount,
      imagesBefore: before.kind === 'count' ? before.current : undefined,
      deleted: counters.deleted,
      imagesAfter: images,
    });
    return true;
  } catch (error) {
    if (error instanceof ListStopped) return false;
    throw error;
  } finally {
    board.sweep = undefined;
  }
}

function warnOfUnclear({ deps }: PurgeRun, unclear: readonly UnclearItem[]): void {
  const [first] = unclear;
  if (first === undefined) return;
  const such = `such as ${first.id}: ${first.why}`;
  const message = `of ${countOf(unclear.length, 'deleted ID')} it cannot be told whether the image is gone, ${such}`;
  deps.observer.event({ kind: 'warning', code: 'VERIFY_UNCLEAR', message });
}

async function markFailed({ ledger, deps, stdoutReport }: PurgeRun, seqs: readonly number[]): Promise<void> {
  for (let at = 0; at < seqs.length; at += MARKED_AT_ONCE) {
    stdoutReport.add(await ledger.ask('markStillListed', seqs.slice(at, at + MARKED_AT_ONCE), deps.clock.wallMs()));
    await stdoutReport.whenRoom();
  }
}
