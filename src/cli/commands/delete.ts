import { proxySecrets } from '../../cloudflare/sender.ts';
import { urlSecrets } from '../../text/url-secrets.ts';
import { secretsOf } from '../input/credentials.ts';
import { deleteOptions } from '../input/delete-options.ts';
import type { Invocation } from '../invocation.ts';
import { refuseUnkeptPromises } from '../../options/option-values.ts';
import { noTerminalError } from '../texts/question.ts';
import { canAskPerson } from '../terminal.ts';
import { runPurge } from './run-purge.ts';

/** `images-purge delete` and `images-purge plan`. */
export async function deleteCommand(command: 'delete' | 'plan', invocation: Invocation): Promise<number> {
  const { context, world, engines } = invocation;
  refuseUnkeptPromises(command, context.env);
  const options = deleteOptions(command, context, world.stdin);
  const mustAsk = options.mode === 'delete' && !options.isConfirmed;
  const canAsk = mustAsk && canAskPerson(world);
  if (mustAsk && !canAsk) throw noTerminalError();

  const ownSecrets = options.mode === 'delete' ? [...secretsOf(options.api.credentials), ...proxySecrets(options.api.proxy)] : [];
  for (const secret of [...ownSecrets, ...urlSecrets(options.pace.quotaRedisUrl)]) invocation.secrets.add(secret);
  return runPurge(invocation, { canAsk, start: (deps) => engines.runDelete(options, deps) });
}
