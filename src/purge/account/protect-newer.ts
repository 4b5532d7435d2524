/**
 * `--protect-newer-than`: goes through the account's list before the first DELETE of a run, and protects what was uploaded later than
 * so long ago. Only a list that was read to its end protects; without one nothing is sent.
 *
 * @module
 */
import { readListIfAllowed } from '../../answer/list-answer.ts';
import type { AccountAccess } from '../../connect/account-access.ts';
import { guardError, UserError } from '../../domain/errors.ts';
import { newerRuleName } from '../../domain/spelling/newer-rule.ts';
import { warnOfRules } from '../../intake/rule-warnings.ts';
import type { ListedImage } from '../../list/image.ts';
import { ListStopped } from '../../list/pages.ts';
import { withServerTime } from '../../list/server-time.ts';
import { goThroughList } from '../../list/whole-list.ts';
import type { PurgeRun } from '../purge-run.ts';

/** The parts of a purge that it needs: a dry run that asks has them too. */
type Sweeping = Pick<PurgeRun, 'deps' | 'halt' | 'ledger' | 'pace' | 'board' | 'untilNothingIsLeft'>;

interface NewerThan {
  readonly ageMs: number;
  /** Of the account; `undefined` where it is not known. */
  readonly imageCount: number | undefined;
}

/**
 * @returns `false` where the run was told to end before all of it was done
 * @throws `UserError` (exit 7) where the list cannot be read
 */
export async function protectNewer(run: Sweeping, access: AccountAccess, { ageMs, imageCount }: NewerThan): Promise<boolean> {
  const { deps, halt, ledger, board, untilNothingIsLeft } = run;
  const rule = newerRuleName(ageMs);
  deps.observer.event({ kind: 'newer.started', rule, images: imageCount });
  const gathered = await gatherNewer(run, access, { ageMs, imageCount }).finally(() => (board.sweep = undefined));
  if (gathered === undefined) return false;
  await untilNothingIsLeft(() => ledger.ask('protectNewer', rule));
  if (halt.signal.aborted) return false;
  const { protectedBy, intake } = await ledger.ask('facts');
  const hits = protectedBy.filter((one) => one.rule === rule);
  board.accepted = intake.accepted;
  const held = hits[0]?.held ?? 0;
  deps.observer.event({ kind: 'newer.finished', rule, ...gathered, held });
  warnOfRules(deps.observer, hits);
  return true;
}

interface Gathered {
  /** Images that the list shows. */
  readonly listed: number;
  readonly newer: number;
  /** Those of the newer ones that count as such because the list does not tell when they were uploaded. */
  readonly untold: number;
}

/** `undefined` where the run was told to end. */
async function gatherNewer(
  { deps, halt, ledger, pace, board }: Sweeping,
  account: AccountAccess,
  { ageMs, imageCount }: NewerThan,
): Promise<Gathered | undefined> {
  const { access, nowMs } = withServerTime({ ...account, ask: (question) => account.ask(question, pace.attemptsMax) }, deps.clock.wallMs());
  let isBeginning = true;
  let [listed, newer, untold] = [0, 0, 0];
  const startedMs = deps.clock.monotonicMs();
  board.sweep = () => {
    const perSecond = (listed * 1000) / Math.max(deps.clock.monotonicMs() - startedMs, 1);
    return { reason: 'newer', noun: 'image', done: listed, total: imageCount, found: newer, perSecond };
  };
  try {
    await goThroughList(
      { access, deps, halt: halt.signal, read: readListIfAllowed, attemptsMax: pace.attemptsMax },
      {
        begin() {
          isBeginning = true;
          listed = newer = untold = 0;
        },
        async take(images) {
          const found = images.filter((image) => isNewer(image, nowMs() - ageMs));
          listed += images.length;
          newer += found.length;
          untold += found.filter(({ uploadedMs }) => uploadedMs === undefined).length;
          if (!isBeginning && found.length === 0) return;
          await ledger.ask(
            'addNewer',
            found.map(({ id }) => id),
            isBeginning,
          );
          isBeginning = false;
        },
      },
    );
    return { listed, newer, untold };
  } catch (error) {
    if (error instanceof ListStopped) return undefined;
    throw error instanceof UserError && error.code === 'LIST_BROKEN' ? unreadableList(error, ageMs) : error;
  }
}

/** An image that the list tells no time of cannot be shown to be old. */
export function isNewer({ uploadedMs }: Pick<ListedImage, 'uploadedMs'>, sinceMs: number): boolean {
  return uploadedMs === undefined || uploadedMs > sinceMs;
}

function unreadableList({ message }: UserError, ageMs: number): UserError {
  return guardError(
    'LIST_UNREADABLE',
    `${newerRuleName(ageMs)} cannot be kept: ${message} Nothing was sent.`,
    'See what the credentials may read: images-purge check. They need Images Read as well.',
    'Then run the same command again. Without the list, images that are new cannot be told from others.',
  );
}
