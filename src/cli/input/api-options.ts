/** How the API is reached, by the options and the environment: the same for every command. */
import { BASE_URL_DEFAULT } from '../../domain/base-url.ts';
import { usageError } from '../../domain/errors.ts';
import type { OptionValues } from '../../options/option-table.ts';
import { paceOptions } from '../../options/pace-defaults.ts';
import type { ApiOptions, PaceOptions } from '../../run/run-options.ts';
import type { CommandRequest } from '../invocation.ts';
import { readCredentials } from '../secrets/credentials.ts';
import { readProxy } from '../secrets/proxy.ts';
import { quotaRedisUrl } from '../secrets/quota-redis.ts';

/** Which account is asked, and where. */
export function addressOf({ accountId, baseUrl }: OptionValues): Pick<ApiOptions, 'accountId' | 'baseUrl'> {
  if (accountId !== undefined) return { accountId, baseUrl: baseUrl ?? BASE_URL_DEFAULT };
  throw usageError(
    'ACCOUNT_MISSING',
    'no account is given',
    'Give --account-id, or set CLOUDFLARE_ACCOUNT_ID; the dashboard shows it: dash.cloudflare.com/<account id>',
  );
}

/** With what it is asked, and through what. */
export function accessOf({ env, readTextFile }: CommandRequest): Pick<ApiOptions, 'credentials' | 'proxy'> {
  return { credentials: readCredentials(env, readTextFile), proxy: readProxy(env) };
}

/** How fast. */
export function paceOf({ values, env, readTextFile }: CommandRequest): PaceOptions {
  return paceOptions(values, quotaRedisUrl(values.quotaRedis, env, readTextFile));
}
