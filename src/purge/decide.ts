import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { guardError } from '../domain/errors.ts';
import { formatCount, formatDuration } from '../text/format.ts';
import { lostGuardsError } from './consent/lost-guards.ts';
import type { GivenCommand } from '../run/run-options.ts';
import { nextCommand } from '../advice/next-command.ts';

/** Clocks of two machines differ by so much. */
const CLOCK_DIFFERENCE_MS_MAX = 300_000;

/** What a run does with what it found at `--checkpoint`. */
export type Decision =
  | { readonly kind: 'begin' }
  | { readonly kind: 'replace' }
  | { readonly kind: 'set-aside'; readonly stampMs: number }
  | { readonly kind: 'resume'; readonly readAgain: boolean };

export interface DecisionContext {
  readonly checkpointPath: string;
  readonly given: GivenCommand;
  readonly command: 'delete' | 'plan';
  readonly accountId: string;
  readonly baseUrl: string;
  readonly supersede: boolean;
  /** `--drop-guards`: less protection than the purge found has is meant. */
  readonly dropsGuards: boolean;
  /** Guards and exclude files of the purge found that this command lacks, as options. */
  readonly lostGuards: readonly string[];
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
  if (context.command === 'plan' && facts.hasOutcomes) throw unfinishedPurgeInTheWay(facts, context);
  if (!facts.intake.complete) {
    if (context.supersede && !(await context.isSameFile())) return setAside(facts, context);
    // Old pending IDs are sent only once they are met again, so that it does not matter how old they are.
    return { kind: 'resume', readAgain: true };
  }
  if (!(await context.isSameSource())) {
    if (context.supersede) return setAside(facts, context);
    throw otherListInTheWay(facts, context);
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
  if (!(await context.isSameSource())) throw planInTheWay(facts, context);
  if (context.lostGuards.length > 0 && !context.dropsGuards) {
    const carryOut = `Carry out the plan: ${nextCommand(facts, context.checkpointPath, context.given.repeated)}`;
    throw lostGuardsError(context, carryOut);
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

/** The API does not tell capitals from small letters in them. */
export function isSameAccount(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function refuseOtherAccount(
  facts: CheckpointFacts,
  checkpointPath: string,
  accountId: string | undefined,
  baseUrl: string | undefined,
): void {
  const { definition } = facts;
  if (accountId !== undefined && !isSameAccount(accountId, definition.accountId)) {
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

function planInTheWay(facts: CheckpointFacts, context: DecisionContext): Error {
  const list = facts.sources.map((source) => source.path).join(', ');
  return guardError(
    'PLAN_IN_THE_WAY',
    `${context.checkpointPath} holds a plan of another list or with other options (${list}, ${formatCount(facts.pending)} IDs); ` +
      'nothing was sent.',
    `Carry it out:     ${nextCommand(facts, context.checkpointPath, context.given.repeated)}`,
    `Set it aside:     ${superseding(context)}`,
  );
}

function otherListInTheWay(facts: CheckpointFacts, context: DecisionContext): Error {
  const list = facts.sources.map((source) => source.path).join(', ');
  const left = `${formatCount(facts.pending)} IDs left`;
  const all =
    facts.pending === 1 ? 'the 1 ID that is left of that list' : `all ${formatCount(facts.pending)} IDs that are left of that list`;
  return guardError(
    'OTHER_LIST',
    `${context.checkpointPath} holds an unfinished purge of another list (${list}, ${left}); nothing was sent.`,
    `Finishing it deletes ${all}, whether or not the list that is given now holds them.`,
    `Finish it:        ${nextCommand(facts, context.checkpointPath, context.given.repeated)}`,
    `Set it aside:     ${superseding(context)}`,
  );
}

/** With the guards that it would otherwise be refused for. */
function superseding({ given, lostGuards, dropsGuards }: DecisionContext): string {
  return given.spelledWith([...(dropsGuards ? [] : lostGuards), '--supersede'].join(' '));
}

function unfinishedPurgeInTheWay(facts: CheckpointFacts, context: DecisionContext): Error {
  const left = `${formatCount(facts.pending)} IDs left`;
  return guardError(
    'PURGE_IN_THE_WAY',
    `${context.checkpointPath} holds an unfinished purge (${left}); a plan would overwrite it. It was not touched.`,
    `Finish it:        ${nextCommand(facts, context.checkpointPath, context.given.repeated)}`,
    'Plan elsewhere:   the same command with another --checkpoint',
  );
}
