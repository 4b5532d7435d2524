import type { CheckpointFacts } from '../../checkpoint/facts.ts';
import { guardError, type UserError } from '../../domain/errors.ts';
import { repeatedOver } from '../../advice/repeated-over.ts';
import { nextCommand } from '../../advice/next-command.ts';
import type { NotHeld } from '../../intake/not-held.ts';
import type { GivenCommand } from '../../run/run-options.ts';
import { countOf, formatCount } from '../../text/format.ts';
import { goneFilesSteps, type LostGuard } from '../consent/lost-guards.ts';

/** What a refusal because of the purge that was found has to know of the command. */
export interface InTheWay {
  readonly checkpointPath: string;
  readonly given: GivenCommand;
  /** `--drop-guards`: less protection than the purge found has is meant. */
  readonly dropsGuards: boolean;
  /** Guards and exclude files of the purge found that this command lacks. */
  readonly lostGuards: readonly LostGuard[];
  /** IDs still to be sent that the list given now does not hold. */
  readonly notHeld: (found: CheckpointFacts) => Promise<NotHeld>;
}

export async function planInTheWay(facts: CheckpointFacts, context: InTheWay): Promise<UserError> {
  return guardError(
    'PLAN_IN_THE_WAY',
    `${context.checkpointPath} holds a plan of another list or with other options (${listOf(facts)}, ${countOf(facts.pending, 'ID')}); ` +
      'nothing was sent.',
    whatIsDeleted('Carrying it out', facts, await context.notHeld(facts)),
    `Carry it out:     ${goingOn(facts, context)}`,
    ...settingAside(context),
  );
}

export async function otherListInTheWay(facts: CheckpointFacts, context: InTheWay): Promise<UserError> {
  return guardError(
    'OTHER_LIST',
    `${context.checkpointPath} holds an unfinished purge of another list (${listOf(facts)}, ${countOf(facts.pending, 'ID')} left); ` +
      'nothing was sent.',
    whatIsDeleted('Finishing it', facts, await context.notHeld(facts)),
    `Finish it:        ${goingOn(facts, context)}`,
    ...settingAside(context),
  );
}

export async function unfinishedPurgeInTheWay(facts: CheckpointFacts, context: InTheWay): Promise<UserError> {
  // A list that was not read to its end is read again, so that what it does not hold is not deleted.
  const notHeld = facts.intake.complete ? await context.notHeld(facts) : undefined;
  const holdsAll = notHeld === undefined || (notHeld.kind === 'counted' && notHeld.count === 0);
  return guardError(
    'PURGE_IN_THE_WAY',
    `${context.checkpointPath} holds an unfinished purge (${countOf(facts.pending, 'ID')} left); a plan would overwrite it. ` +
      'It was not touched.',
    ...(holdsAll ? [] : [whatIsDeleted('Finishing it', facts, notHeld)]),
    `Finish it:        ${goingOn(facts, context)}`,
    'Plan elsewhere:   the same command with another --checkpoint',
  );
}

/** What continues the purge that was found, as it was run, unless this command says otherwise. */
export function goingOn(facts: CheckpointFacts, { checkpointPath, given }: Pick<InTheWay, 'checkpointPath' | 'given'>): string {
  return nextCommand(facts, checkpointPath, repeatedOver(facts.repeated, given.repeated));
}

/** With the guards that it would otherwise be refused for. */
function settingAside({ given, lostGuards, dropsGuards }: InTheWay): readonly string[] {
  const guards = dropsGuards ? [] : lostGuards;
  const command = given.spelledWith([...guards.map(({ option }) => option), '--supersede'].join(' '));
  return [...goneFilesSteps(guards), `Set it aside:     ${command}`];
}

/** The IDs that are left, and how many of them a person may not mean any more. */
function whatIsDeleted(doing: string, { pending }: CheckpointFacts, notHeld: NotHeld): string {
  if (notHeld.kind === 'not-compared') {
    const all = pending === 1 ? 'the 1 ID that is left' : `all ${formatCount(pending)} IDs that are left`;
    return `${doing} deletes ${all} of that list, whether or not the list given now holds them (not compared: ${notHeld.why}).`;
  }
  const gone = countOf(notHeld.count, 'ID');
  return `${doing} deletes ${gone} that the list given now does not hold, of the ${formatCount(pending)} that are left.`;
}

function listOf({ sources }: CheckpointFacts): string {
  return sources.map(({ path }) => path).join(', ');
}
