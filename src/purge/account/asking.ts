/**
 * `--dry-run --check-exists`: the dry run, in which the account is asked for each image. It is given too little for a connection that
 * deletes, and what it opens can only read.
 *
 * @module
 */
import { describeAnswer } from '../../answer/stop-texts.ts';
import type { CheckpointFacts } from '../../checkpoint/facts.ts';
import type { AskedItem } from '../../checkpoint/plan/planned.ts';
import type { AccountAccess } from '../../connect/account-access.ts';
import type { AccountStats } from '../../connect/account-stats.ts';
import { connectToRead } from '../../connect/connect-to-read.ts';
import type { Reading } from '../../intake/reading.ts';
import { ListStopped } from '../../list/pages.ts';
import type { ReadApi } from '../../run/run-options.ts';
import { askPresence, type Presence } from '../../verify/presence.ts';
import { isSetRefused, isShareRefused } from '../consent/check-guards.ts';
import { protectNewer } from './protect-newer.ts';
import type { PurgeRun } from '../purge-run.ts';
import { isListNeeded, showPlan } from '../rehearsal.ts';

/** What such a dry run is given besides its list. */
export interface AskingTask {
  readonly mode: 'dry-run';
  readonly asking: {
    readonly api: ReadApi;
    /** The whole command, to be pasted into a shell. */
    readonly command: string;
  };
}

/** So many IDs are asked for before what was told of them is committed: a run that is killed has told that much in its report. */
const IDS_PER_COMMIT = 20;

export async function rehearseAsking(run: PurgeRun, { asking }: AskingTask, reading: Reading): Promise<void> {
  const { deps, halt, ledger, pace, counters, board } = run;
  await reading.done;
  if (halt.signal.aborted) return;
  const facts = await ledger.ask('facts');
  if (await isSetRefused(run, facts, !isListNeeded(facts))) return;
  if (facts.pending === 0) return void (await showPlan(run, 'dry-run', facts, { stats: undefined, waitsForList: false }));
  // What fails by itself is asked again for as long as `--give-up-after` lasts.
  const access = await connectToRead({ ...asking, pace, attemptsMax: Infinity }, deps, halt, counters);
  try {
    board.lanes = access.account;
    board.phase = 'deleting';
    const stats = await access.askStats();
    if (stats === undefined || halt.signal.aborted) return;
    access.giveUp.finalAnswer();
    const left = await leftByList(run, access, facts, stats);
    if (left === undefined || (await isShareRefused(run, left, countOf(stats)))) return;
    if (await showPlan(run, 'dry-run', left, { stats, waitsForList: false })) await askAll(run, access);
  } finally {
    await access.close();
  }
}

/** What is left to ask for after `--protect-newer-than`; `undefined` where the run was told to end. */
async function leftByList(
  run: PurgeRun,
  access: AccountAccess,
  facts: CheckpointFacts,
  stats: AccountStats,
): Promise<CheckpointFacts | undefined> {
  const ageMs = facts.definition.guards.newerThanMs;
  if (ageMs === null) return facts;
  return (await protectNewer(run, access, { ageMs, imageCount: countOf(stats) })) ? run.ledger.ask('facts') : undefined;
}

function countOf(stats: AccountStats): number | undefined {
  return stats.kind === 'count' ? stats.current : undefined;
}

async function askAll({ deps, halt, ledger, pace, counters, untilNothingIsLeft }: PurgeRun, access: AccountAccess): Promise<void> {
  const { asked } = counters;
  await untilNothingIsLeft(async () => {
    const found: AskedItem[] = [];
    try {
      for (const { seq, id } of await ledger.ask('nextToPlan', IDS_PER_COMMIT)) {
        const presence = await askPresence(id, { access, halt: halt.signal, attemptsMax: pace.attemptsMax });
        asked[presence.kind]++;
        found.push({ seq, asked: JSON.stringify(toldOf(presence)) });
      }
    } catch (error) {
      if (!(error instanceof ListStopped)) throw error;
    }
    return ledger.ask('planSome', deps.clock.wallMs(), found);
  });
}

/** What a line of the report tells of an image; `null`: the account did not tell whether it exists. */
export function toldOf(presence: Presence): Readonly<Record<string, unknown>> {
  switch (presence.kind) {
    case 'gone':
      return { exists: false };
    case 'unclear':
      return { exists: null, message: describeAnswer(presence.answer) };
    case 'there': {
      const { size, uploaded, filename } = presence.image;
      return {
        exists: true,
        size: typeof size === 'number' ? size : undefined,
        uploaded: typeof uploaded === 'string' ? uploaded : undefined,
        filename: typeof filename === 'string' ? filename : undefined,
      };
    }
  }
}
