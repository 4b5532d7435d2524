import { resolve } from 'node:path';

import { ACCOUNT_OPTIONS } from '../../options/definitions/account.ts';
import { LOG_OPTIONS } from '../../options/definitions/output.ts';
import { keysOf } from '../../options/option-table.ts';
import { paceOptions } from '../../options/pace-defaults.ts';
import { givenCommand } from '../../options/repeated-options.ts';
import { escapeForTerminal } from '../../text/escape.ts';
import { shellPath } from '../../text/shell-word.ts';
import type { VerifyRequest, VerifyResult } from '../../verify/verify-request.ts';
import { oneCheckpoint } from '../input/resume-options.ts';
import type { CommandRequest, Invocation } from '../invocation.ts';
import { printEnd } from '../print-json.ts';
import { readCredentials } from '../secrets/credentials.ts';
import { connectionSecrets } from '../secrets/known-secrets.ts';
import { readProxy } from '../secrets/proxy.ts';
import { quotaRedisUrl } from '../secrets/quota-redis.ts';
import { listenForSignals } from '../signals.ts';
import { openTalk } from '../talk.ts';
import { errorText } from '../texts/error-text.ts';
import { verifyEndingText, verifyJson, verifyProgressText, verifyText } from '../texts/verify-text.ts';
import type { Command } from './command.ts';

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'look whether what a purge deleted is gone',
  description:
    "Goes through the account's list of images, or asks for each ID where that takes fewer requests, and names every ID that the purge " +
    'says is gone and that is still there. Deletes nothing, and changes nothing in the checkpoint. Exit 1 where any is still there.',
  argument: { name: '<checkpoint>', help: 'the checkpoint file' },
  options: [
    ...keysOf(ACCOUNT_OPTIONS).filter((key) => key !== 'batchBaseUrl'),
    'rate',
    'reserve',
    'quotaRedis',
    'allowParallel',
    'maxAttempts',
    'timeout',
    'giveUpAfter',
    ...keysOf(LOG_OPTIONS),
    'json',
  ],
  examples: ['images-purge verify ids.csv.checkpoint', 'images-purge verify ids.csv.checkpoint --json'],
  needsCredentials: true,
  run: verify,
};

function verifyRequest({ operands, values, env, readTextFile, given, cwd }: CommandRequest): VerifyRequest {
  const checkpointPath = oneCheckpoint(operands);
  const command = `images-purge verify ${shellPath(resolve(cwd, checkpointPath))}`;
  return {
    checkpointPath,
    accountId: values.accountId,
    baseUrl: values.baseUrl,
    api: { credentials: readCredentials(env, readTextFile), proxy: readProxy(env) },
    pace: paceOptions(values, quotaRedisUrl(values.quotaRedis, env, readTextFile)),
    command: givenCommand(command, given, values, cwd).spelledWith('').trimEnd(),
  };
}

async function verify(invocation: Invocation): Promise<number> {
  const { request, world, engines, stdout, say, style, secrets, redact } = invocation;
  const { values } = request;
  const wanted = verifyRequest(request);
  for (const secret of connectionSecrets(wanted.api, wanted.pace.quotaRedisUrl)) secrets.add(secret);
  const talk = await openTalk(world, values, redact);
  const stop = listenForSignals(world, talk.reopenLog);
  let result: VerifyResult;
  try {
    result = await engines.runVerify(wanted, {
      clock: world.clock,
      random: world.random,
      observer: talk.observer,
      ask: undefined,
      stop,
      writeReportText: (text) => stdout.write(text),
      redact,
      onSecret: (text) => void secrets.add(text),
      onProgressReady: () => undefined,
      onVerifyProgress: (progress) => talk.startLines((columns) => verifyProgressText(progress(), columns), progress),
    });
  } finally {
    await talk.close();
  }
  if (values.json) await printEnd(verifyJson(result), invocation);
  else for (const text of verifyText(result, world.clock.wallMs())) await stdout.write(redact(text));
  if (result.error !== undefined) say(errorText(result.error, style));
  say(`${escapeForTerminal(verifyEndingText(result))}\n${result.isComplete ? '' : `  ${wanted.command}\n`}`);
  if (stdout.isWaiting()) world.exitNow(result.exitCode);
  return result.exitCode;
}
