import { RESTORING_OPTIONS } from '../../options/definitions/restoring.ts';
import { keysOf } from '../../options/option-table.ts';
import { oneBackup, restoreRequest } from '../input/restore-options.ts';
import type { Invocation } from '../invocation.ts';
import { printEnd } from '../print-json.ts';
import { whileTalking } from '../run-deps.ts';
import { connectionSecrets } from '../secrets/known-secrets.ts';
import { errorText } from '../texts/error-text.ts';
import { checkEndingText, checkJson, restoreEndingText, restoreJson, restorePlanText, restoreProgressText } from '../texts/restore-text.ts';
import { FOLDERS } from '../../options/taken.ts';
import type { Command } from './command.ts';
import { READING_OPTIONS } from './shared/reading-options.ts';

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'upload a backup again, or look whether it is whole',
  description:
    'Uploads the images of a backup again, each under its own ID where that can be chosen, with its metadata, creator and ' +
    'signed-URL flag. What exists is left as it is. Interrupted, the same command goes on where it was, by its report.',
  argument: { name: '<dir>', help: 'the folder that --backup was given', takes: FOLDERS },
  options: [...READING_OPTIONS, ...keysOf(RESTORING_OPTIONS), 'excludeColumn', 'excludeLiteral'],
  examples: ['images-purge restore saved --check', 'images-purge restore saved', 'images-purge restore saved --only wanted.txt'],
  needsCredentials: true,
  run: (invocation) => (invocation.request.values.check ? check(invocation) : restore(invocation)),
};

async function restore(invocation: Invocation): Promise<number> {
  const { request, world, engines, stdout, say, style, secrets } = invocation;
  const { values } = request;
  const wanted = restoreRequest(request);
  for (const secret of connectionSecrets(wanted.api, wanted.pace.quotaRedisUrl)) secrets.add(secret);
  const result = await whileTalking(invocation, (deps, talk) =>
    engines.runRestore(wanted, {
      ...deps,
      onRestorePlan: (plan) => say(restorePlanText(plan)),
      onRestoreProgress: (progress) => talk.startLines((columns) => restoreProgressText(progress(), columns), progress),
    }),
  );
  if (values.json) await printEnd(restoreJson(result, wanted.reportPath), invocation);
  if (result.error !== undefined) say(errorText(result.error, style));
  say(restoreEndingText(result, wanted.reportPath, wanted.command));
  if (stdout.isWaiting()) world.exitNow(result.exitCode);
  return result.exitCode;
}

function check(invocation: Invocation): Promise<number> {
  const { request, engines, say, style } = invocation;
  const folder = oneBackup(request);
  return whileTalking(invocation, async (deps) => {
    const found = await engines.checkBackup(folder, deps);
    if (request.values.json) await printEnd(checkJson(found, folder), invocation);
    if (found.error !== undefined) say(errorText(found.error, style));
    say(checkEndingText(found, folder));
    return found.exitCode;
  });
}
