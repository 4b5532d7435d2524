import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { guardError } from '../domain/errors.ts';
import { isSameAccount, refuseOtherAccount } from '../inspect/other-account.ts';
import { formatDuration } from '../text/format.ts';
import { lostGuardsError } from './consent/lost-guards.ts';
import { goingOn, type InTheWay, otherListInTheWay, planInTheWay, unfinishedPurgeInTheWay } from './found/in-the-way.ts';

/** Clocks of two machines differ by so much. */
const CLOCK_DIFFERENCE_MS_MAX = 300_000;

/** What a run does with what it found at `--checkpoint`. */
export type Decision =
  | { readonly kind: 'begin' }
  | { readonly kind: 'replace' }
  | { readonly kind: 'set-aside'; readonly stampMs: number }
  | { readonly kind: 'resume'; readonly readAgain: boolean };

export interface DecisionContext extends InTheWay {
  readonly command: 'delete' | 'plan';
  readonly accountId: string;
  readonly baseUrl: string;
  readonly supersede: boolean;
  readonly ageMsMax: number;
  readonly nowMs: number;
  /** Asked only where the answer decides; standard input is never the same. */
  readonly isSameSource: () => Promise<boolean>;
  /** As far as can be told where a list was not read to its end: by the size and time of each file. */
  readonly isSameFile: () => Promise<boolean>;
}

/** What a checkpoint's state leads to; the first rule that matches decides. Throws a refusal (exit 7). */
export async function decide(facts: CheckpointFacts | undefined, context: DecisionContext): Promise<Decision> {
  if (facts === undefined) return { kind: 'begin' };
  const isUntouched = !facts.hasOutcomes && !facts.hasUnanswered;
  if (facts.state === 'planned') return decideOnPlan(facts, context);
  if (isUntouched && facts.state === 'unfinished' && facts.endedBy !== undefined) return replaced({ kind: 'replace' }, context);
  if (isOtherOwner(facts, context)) {
    if (!context.supersede) refuseOtherAccount(facts, context.checkpointPath, context.accountId, context.baseUrl);
    return setAside(facts, context);
  }
  if (facts.state === 'finished') return setAside(facts, context);
  if (context.command === 'plan' && facts.hasOutcomes) throw await unfinishedPurgeInTheWay(facts, context);
  if (!facts.intake.complete) {
    if (context.supersede && !(await context.isSameFile())) return setAside(facts, context);
    // Old pending IDs are sent only once they are met again, so that it does not matter how old they are.
    return { kind: 'resume', readAgain: true };
  }
  if (!(await context.isSameSource())) {
    if (context.supersede) return setAside(facts, context);
    throw await otherListInTheWay(facts, context);
  }
  refuseTooOld(facts, context.checkpointPath, context.ageMsMax, context.nowMs);
  return { kind: 'resume', readAgain: false };
}

/** Nothing of a plan was sent. `plan` makes it again; `delete` carries it out where nothing else is meant. */
async function decideOnPlan(facts: CheckpointFacts, context: DecisionContext): Promise<Decision> {
  if (context.command === 'plan') return replaced({ kind: 'replace' }, context);
  if (context.supersede) return setAside(facts, context);
  refuseOtherAccount(facts, context.checkpointPath, context.accountId, context.baseUrl);
  if (!facts.intake.complete) return { kind: 'resume', readAgain: true };
  if (!(await context.isSameSource())) throw await planInTheWay(facts, context);
  if (context.lostGuards.length > 0 && !context.dropsGuards) {
    throw lostGuardsError(context, `Carry out the plan: ${goingOn(facts, context)}`);
  }
  refuseTooOld(facts, context.checkpointPath, context.ageMsMax, context.nowMs);
  return { kind: 'resume', readAgain: false };
}

/** Not the present time: after a crash, the next run must find the same name to finish what this one began. */
function setAside(facts: CheckpointFacts, context: DecisionContext): Decision {
  if (facts.state === 'finished') return { kind: 'set-aside', stampMs: facts.finishedAtMs ?? facts.lastWorkedAtMs };
  return replaced({ kind: 'set-aside', stampMs: facts.lastWorkedAtMs }, context);
}

/** A purge that begins in the place of one that is not finished keeps its guards, unless a person drops them. */
function replaced(decision: Decision, context: DecisionContext): Decision {
  if (context.lostGuards.length > 0 && !context.dropsGuards) throw lostGuardsError(context);
  return decision;
}

function isOtherOwner({ definition }: CheckpointFacts, { accountId, baseUrl }: DecisionContext): boolean {
  return !isSameAccount(definition.accountId, accountId) || definition.baseUrl !== baseUrl;
}

export function refuseTooOld(facts: CheckpointFacts, checkpointPath: string, ageMsMax: number, nowMs: number): void {
  const ageMs = nowMs - facts.lastWorkedAtMs;
  if (ageMs < -CLOCK_DIFFERENCE_MS_MAX) throw fromTheFuture(facts, checkpointPath);
  if (ageMs <= ageMsMax) return;
  const age = `${formatDuration(ageMs)} ago (${new Date(facts.lastWorkedAtMs).toISOString()})`;
  throw guardError(
    'TOO_OLD',
    `${checkpointPath} was last worked on ${age}, longer than --max-age allows; nothing was sent.`,
    'What it lists may have changed since: make a new list under another --checkpoint,',
    'or, where you are sure of it, run the same command with a longer --max-age.',
  );
}

/** Its age cannot be told, so that no age would ever be too old. */
function fromTheFuture(facts: CheckpointFacts, checkpointPath: string): Error {
  return guardError(
    'TOO_OLD',
    `${checkpointPath} was last worked on at ${new Date(facts.lastWorkedAtMs).toISOString()}, which is in the future; nothing was sent.`,
    'Set the clock of this machine right, then run the same command; or make a new list under another --checkpoint.',
  );
}
