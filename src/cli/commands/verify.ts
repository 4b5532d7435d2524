import { resolve } from 'node:path';

import { givenCommand } from '../../options/repeated-options.ts';
import { escapeForTerminal } from '../../text/escape.ts';
import { shellPath } from '../../text/shell-word.ts';
import type { VerifyRequest } from '../../verify/verify-request.ts';
import { accessOf, paceOf } from '../input/api-options.ts';
import { oneCheckpoint } from '../input/resume-options.ts';
import type { CommandRequest, Invocation } from '../invocation.ts';
import { printEnd } from '../print-json.ts';
import { connectionSecrets } from '../secrets/known-secrets.ts';
import { whileTalking } from '../run-deps.ts';
import { errorText } from '../texts/error-text.ts';
import { verifyEndingText, verifyJson, verifyProgressText, verifyText } from '../texts/verify-text.ts';
import { CHECKPOINTS } from '../../options/taken.ts';
import type { Command } from './command.ts';
import { READING_OPTIONS } from './shared/reading-options.ts';

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'look whether what a purge deleted is gone',
  description:
    "Goes through the account's list of images, or asks for each ID where that takes fewer requests, and names every ID that the purge " +
    'says is gone and that is still there. Deletes nothing, and changes nothing in the checkpoint. Exit 1 where any is still there.',
  argument: { name: '<checkpoint>', help: 'the checkpoint file', takes: CHECKPOINTS },
  options: READING_OPTIONS,
  examples: ['images-purge verify ids.csv.checkpoint', 'images-purge verify ids.csv.checkpoint --json'],
  needsCredentials: true,
  run: verify,
};

function verifyRequest(request: CommandRequest): VerifyRequest {
  const { operands, values, given, cwd } = request;
  const checkpointPath = oneCheckpoint(operands);
  const command = `images-purge verify ${shellPath(resolve(cwd, checkpointPath))}`;
  return {
    checkpointPath,
    accountId: values.accountId,
    baseUrl: values.baseUrl,
    api: accessOf(request),
    pace: paceOf(request),
    command: givenCommand(command, given, values, cwd).spelledWith('').trimEnd(),
  };
}

async function verify(invocation: Invocation): Promise<number> {
  const { request, world, engines, stdout, say, style, secrets, redact } = invocation;
  const { values } = request;
  const wanted = verifyRequest(request);
  for (const secret of connectionSecrets(wanted.api, wanted.pace.quotaRedisUrl)) secrets.add(secret);
  const result = await whileTalking(invocation, (deps, talk) =>
    engines.runVerify(wanted, {
      ...deps,
      keepHeapSmall: world.keepHeapSmall,
      compileNoMore: world.compileNoMore,
      onVerifyProgress: (progress) => talk.startLines((columns) => verifyProgressText(progress(), columns), progress),
    }),
  );
  if (values.json) await printEnd(verifyJson(result), invocation);
  else for (const text of verifyText(result, world.clock.wallMs())) await stdout.write(redact(text));
  if (result.error !== undefined) say(errorText(result.error, style));
  say(`${escapeForTerminal(verifyEndingText(result))}\n${result.isComplete ? '' : `  ${wanted.command}\n`}`);
  if (stdout.isWaiting()) world.exitNow(result.exitCode);
  return result.exitCode;
}
