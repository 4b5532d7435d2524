import type { CheckpointFacts } from '../../checkpoint/facts.ts';
import { EXIT, UserError } from '../../domain/errors.ts';
import { isSameSource } from '../../intake/sources.ts';
import type { DeleteOptions } from '../../run/run-options.ts';
import { orStopped } from '../../run/until-aborted.ts';
import { countOf } from '../../text/format.ts';
import { goingOn } from './in-the-way.ts';

/** The list on record may be all that is needed where its file cannot be read. */
export async function isSameList(facts: CheckpointFacts, options: DeleteOptions, signal: AbortSignal): Promise<boolean> {
  try {
    return await orStopped(isSameSource(facts, options, signal), signal, undefined);
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode !== EXIT.storage) throw error;
    const { code, exitCode, message, nextSteps } = error;
    const goOn = `To go on with the list as it was read (${countOf(facts.pending, 'ID')} left):  ${goingOn(facts, options)}`;
    throw new UserError({ code, exitCode, message, nextSteps: [...nextSteps, goOn], cause: error });
  }
}
