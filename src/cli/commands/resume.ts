import { ACCOUNT_OPTIONS } from '../../options/definitions/account.ts';
import { METRICS_OPTIONS } from '../../options/definitions/metrics.ts';
import { LOG_OPTIONS } from '../../options/definitions/output.ts';
import { PACE_OPTIONS } from '../../options/definitions/pace.ts';
import { refuseForbiddenYes, refuseUnkeptPromises } from '../../options/environment-checks.ts';
import { keysOf } from '../../options/option-table.ts';
import { resumeOptions } from '../input/resume-options.ts';
import type { Invocation } from '../invocation.ts';
import { canAskPerson } from '../question.ts';
import { connectionSecrets } from '../secrets/known-secrets.ts';
import { CHECKPOINTS } from '../../options/taken.ts';
import type { Command } from './command.ts';
import { runPurgeCommand } from './shared/purge-command.ts';

export const resumeCommand: Command = {
  name: 'resume',
  summary: 'go on with a purge, or carry out a plan',
  description: 'Goes on with an unfinished purge without its source, or carries out a plan.',
  argument: { name: '<checkpoint>', help: 'the checkpoint file', takes: CHECKPOINTS },
  // The checkpoint has recorded everything else that `delete` takes.
  options: [
    ...keysOf(ACCOUNT_OPTIONS),
    'exclude',
    'excludeColumn',
    'excludeLiteral',
    'allowEmptyExclude',
    'excludeId',
    'protectNewerThan',
    'dropGuards',
    'report',
    'maxAge',
    'allowNetworkCheckpoint',
    ...keysOf(PACE_OPTIONS),
    'maxDuration',
    'limit',
    'maxFailures',
    'maxAbsent',
    'expectAbsent',
    'retryFailed',
    'verify',
    'backup',
    'confirm',
    'yes',
    'note',
    'onEnd',
    ...keysOf(LOG_OPTIONS),
    ...keysOf(METRICS_OPTIONS),
    'json',
  ],
  examples: ['images-purge resume ids.csv.checkpoint', 'images-purge resume ids.csv.checkpoint --retry-failed --yes'],
  needsCredentials: true,
  run: runResume,
};

/** Whether a person must be asked only the checkpoint knows. */
async function runResume(invocation: Invocation): Promise<number> {
  const { request, world, engines } = invocation;
  refuseUnkeptPromises('resume', request.env);
  refuseForbiddenYes(request.values, request.env);
  const options = resumeOptions(request);
  const canAsk = !options.isConfirmed && options.confirmedSet === undefined && canAskPerson(world);
  for (const secret of connectionSecrets(options, options.pace.quotaRedisUrl)) invocation.secrets.add(secret);
  return runPurgeCommand(invocation, {
    canAsk,
    isLongAfterPlan: false,
    isRehearsal: false,
    start: (deps) => engines.runResume(options, deps),
  });
}
