import { refuseForbiddenYes, refuseUnkeptPromises } from '../../../options/environment-checks.ts';
import { keysOf, type OptionKey } from '../../../options/option-table.ts';
import { ACCOUNT_OPTIONS } from '../../../options/definitions/account.ts';
import { FILE_OPTIONS } from '../../../options/definitions/files.ts';
import { GUARD_OPTIONS } from '../../../options/definitions/guards.ts';
import { METRICS_OPTIONS } from '../../../options/definitions/metrics.ts';
import { LOG_OPTIONS } from '../../../options/definitions/output.ts';
import { PACE_OPTIONS } from '../../../options/definitions/pace.ts';
import { SOURCE_OPTIONS } from '../../../options/definitions/sources.ts';
import { FILES } from '../../../options/taken.ts';
import { deleteOptions } from '../../input/delete-options.ts';
import type { Invocation } from '../../invocation.ts';
import { canAskPerson } from '../../question.ts';
import { connectionSecrets } from '../../secrets/known-secrets.ts';
import type { Command } from '../command.ts';
import { runPurgeCommand } from './purge-command.ts';

/** What `delete` and `plan` both take. */
export const LIST_OPTIONS: readonly OptionKey[] = [
  ...keysOf(ACCOUNT_OPTIONS),
  ...keysOf(SOURCE_OPTIONS),
  ...keysOf(FILE_OPTIONS),
  ...keysOf(PACE_OPTIONS),
  ...keysOf(GUARD_OPTIONS),
  ...keysOf(LOG_OPTIONS),
  ...keysOf(METRICS_OPTIONS),
  'confirm',
  'yes',
  'note',
  'onEnd',
  'json',
];

export const SOURCES_ARGUMENT: Command['argument'] = {
  name: '<source...>',
  help: 'files of IDs (CSV, NDJSON or lines; gzip and zstd too), or - for standard input',
  takes: FILES,
};

/** `images-purge delete` and `images-purge plan`. */
export async function runListPurge(command: 'delete' | 'plan', invocation: Invocation): Promise<number> {
  const { request, world, engines } = invocation;
  refuseUnkeptPromises(command, request.env);
  const options = deleteOptions(command, request, world.stdin);
  // Rehearsals need no consent.
  refuseForbiddenYes({ ...request.values, yes: options.mode === 'delete' && request.values.yes }, request.env);
  const mustAsk = options.mode === 'delete' && !options.isConfirmed && options.confirmedSet === undefined;
  const canAsk = mustAsk && canAskPerson(world);

  const api = options.mode === 'delete' || options.asksEach ? options.api : undefined;
  for (const secret of connectionSecrets(api, options.pace.quotaRedisUrl)) invocation.secrets.add(secret);
  return runPurgeCommand(invocation, {
    canAsk,
    isLongAfterPlan: options.asksEach === true,
    isRehearsal: options.mode !== 'delete',
    start: (deps) => engines.runDelete(options, deps),
  });
}
