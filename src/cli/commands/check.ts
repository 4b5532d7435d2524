import { givenCommand } from '../../options/repeated-options.ts';
import { escapeInJson } from '../../text/escape.ts';
import { accessOf, addressOf, paceOf } from '../input/api-options.ts';
import type { Invocation } from '../invocation.ts';
import { whileTalking } from '../run-deps.ts';
import { credentialFacts } from '../secrets/credential-facts.ts';
import { connectionSecrets } from '../secrets/known-secrets.ts';
import { checkJson, checkText } from '../texts/check-text.ts';
import { errorText } from '../texts/error-text.ts';
import type { Command } from './command.ts';

export const checkCommand: Command = {
  name: 'check',
  summary: 'show what a purge would meet: credentials, account, quota',
  description:
    'Asks the API, in at most four requests, what a purge would meet: which credentials are used and whether they are good, ' +
    'the account and its images, the quota, batch tokens, the clock, the proxy. Deletes nothing. ' +
    'Exit 0 where nothing stands against a purge, 3 where the API refuses.',
  argument: undefined,
  options: ['accountId', 'baseUrl', 'rate', 'reserve', 'quotaRedis', 'timeout', 'giveUpAfter', 'logLevel', 'logFile', 'json'],
  // A person waits for it.
  defaults: { giveUpAfter: '1m' },
  examples: ['images-purge check', 'images-purge check --json'],
  needsCredentials: true,
  run: check,
};

async function check(invocation: Invocation): Promise<number> {
  const { request, world, engines, stdout, say, style, secrets, redact } = invocation;
  const { values } = request;
  const api = { ...accessOf(request), ...addressOf(values) };
  const pace = paceOf(request);
  for (const secret of connectionSecrets(api, pace.quotaRedisUrl)) secrets.add(secret);

  const command = givenCommand('images-purge check', request.given, values, request.cwd).spelledWith('').trimEnd();
  return whileTalking(invocation, async (deps) => {
    const result = await engines.runCheck({ api, pace, credentials: credentialFacts(api.credentials, request.env), command }, deps);
    const text = values.json
      ? escapeInJson(`${JSON.stringify(checkJson(result, api.proxy, redact))}\n`)
      : checkText(result.findings, api.proxy, world.clock.wallMs());
    await stdout.write(redact(text));
    if (result.error !== undefined) say(errorText(result.error, style));
    return result.exitCode;
  });
}
