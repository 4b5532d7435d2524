import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { guardError } from '../domain/errors.ts';
import { formatCount, formatDuration } from '../text/format.ts';
import { nextCommand } from '../advice/next-command.ts';

/** What a run does with what it found at `--checkpoint`. */
export type Decision =
  | { readonly kind: 'begin' }
  | { readonly kind: 'replace' }
  | { readonly kind: 'set-aside'; readonly stampMs: number }
  | { readonly kind: 'resume'; readonly readAgain: boolean };

export interface DecisionContext {
  readonly checkpointPath: string;
  readonly command: 'delete' | 'plan';
  readonly accountId: string;
  readonly baseUrl: string;
  readonly supersede: boolean;
  readonly ageMsMax: number;
  readonly nowMs: number;
  /** Asked only where the answer decides; standard input is never the same. */
  readonly isSameSource: () => Promise<boolean>;
}

/** What a checkpoint's state leads to; the first rule that matches decides. Throws a refusal (exit 7). */
export async function decide(facts: CheckpointFacts | undefined, context: DecisionContext): Promise<Decision> {
  if (facts === undefined) return { kind: 'begin' };
  if (holdsNothingWorthKeeping(facts)) return { kind: 'replace' };
  refuseOtherAccount(facts, context.checkpointPath, context.accountId, context.baseUrl);
  if (facts.state === 'finished') return { kind: 'set-aside', stampMs: facts.finishedAtMs ?? facts.lastWorkedAtMs };
  if (context.command === 'plan' && facts.hasOutcomes) throw unfinishedPurgeInTheWay(facts, context);
  if (facts.intake.complete && !(await context.isSameSource())) {
    // Not the present time: after a crash, the next run must find the same name to finish what this one began.
    if (context.supersede) return { kind: 'set-aside', stampMs: facts.lastWorkedAtMs };
    throw otherListInTheWay(facts, context);
  }
  refuseTooOld(facts, context.checkpointPath, context.ageMsMax, context.nowMs);
  return { kind: 'resume', readAgain: !facts.intake.complete };
}

/** A plan is carried out only by `resume`. A purge that ended by its own decision, without any outcome, has nothing to resume. */
function holdsNothingWorthKeeping(facts: CheckpointFacts): boolean {
  if (facts.hasOutcomes || facts.hasUnanswered) return false;
  return facts.state === 'planned' || (facts.state === 'unfinished' && facts.endedBy !== undefined);
}

export function refuseOtherAccount(
  facts: CheckpointFacts,
  checkpointPath: string,
  accountId: string | undefined,
  baseUrl: string | undefined,
): void {
  const { definition } = facts;
  if (accountId !== undefined && accountId !== definition.accountId) {
    throw guardError(
      'OTHER_ACCOUNT',
      `${checkpointPath} belongs to account ${definition.accountId}, and this run is for account ${accountId}; nothing was sent.`,
      'Give the right --account-id, or another --checkpoint.',
    );
  }
  if (baseUrl !== undefined && baseUrl !== definition.baseUrl) {
    throw guardError(
      'OTHER_API_ROOT',
      `${checkpointPath} belongs to the API at ${definition.baseUrl}, and this run is for ${baseUrl}; nothing was sent.`,
      'Give the right --base-url, or another --checkpoint.',
    );
  }
}

export function refuseTooOld(facts: CheckpointFacts, checkpointPath: string, ageMsMax: number, nowMs: number): void {
  const ageMs = nowMs - facts.lastWorkedAtMs;
  if (ageMs <= ageMsMax) return;
  const age = `${formatDuration(ageMs)} ago (${new Date(facts.lastWorkedAtMs).toISOString()})`;
  throw guardError(
    'TOO_OLD',
    `${checkpointPath} was last worked on ${age}, longer than --max-age allows; nothing was sent.`,
    'What it lists may have changed since: make a new list under another --checkpoint,',
    'or, where you are sure of it, run the same command with a longer --max-age.',
  );
}

function otherListInTheWay(facts: CheckpointFacts, context: DecisionContext): Error {
  const list = facts.sources.map((source) => source.path).join(', ');
  const left = `${formatCount(facts.pending)} IDs left`;
  return guardError(
    'OTHER_LIST',
    `${context.checkpointPath} holds an unfinished purge of another list (${list}, ${left}); nothing was sent.`,
    `Finish it:        ${nextCommand(facts, context.checkpointPath)}`,
    'Set it aside:     the same command with --supersede',
  );
}

function unfinishedPurgeInTheWay(facts: CheckpointFacts, context: DecisionContext): Error {
  const left = `${formatCount(facts.pending)} IDs left`;
  return guardError(
    'PURGE_IN_THE_WAY',
    `${context.checkpointPath} holds an unfinished purge (${left}); a plan would overwrite it. It was not touched.`,
    `Finish it:        ${nextCommand(facts, context.checkpointPath)}`,
    'Plan elsewhere:   the same command with another --checkpoint',
  );
}
