import { proxySecrets } from '../../cloudflare/sender.ts';
import { urlSecrets } from '../../text/url-secrets.ts';
import { secretsOf } from '../input/credentials.ts';
import type { Invocation } from '../invocation.ts';
import { refuseUnkeptPromises } from '../../options/option-values.ts';
import { resumeOptions } from '../input/resume-options.ts';
import { canAskPerson } from '../terminal.ts';
import { runPurge } from './run-purge.ts';

/** `images-purge resume`. Whether it must ask at all only the checkpoint knows. */
export async function resumeCommand(invocation: Invocation): Promise<number> {
  const { context, world, engines } = invocation;
  refuseUnkeptPromises('resume', context.env);
  const options = resumeOptions(context);
  const canAsk = !options.isConfirmed && canAskPerson(world);
  for (const secret of [...secretsOf(options.credentials), ...proxySecrets(options.proxy), ...urlSecrets(options.pace.quotaRedisUrl)])
    invocation.secrets.add(secret);
  return runPurge(invocation, { canAsk, start: (deps) => engines.runResume(options, deps) });
}
