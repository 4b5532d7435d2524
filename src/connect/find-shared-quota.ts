import { usageError } from '../domain/errors.ts';
import type { SharedQuota } from '../pace/shared/shared-quota.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { PaceOptions } from '../run/run-options.ts';
import { redactTokens } from '../text/redact.ts';

/** Opens the quota of `--quota-redis`; `undefined` without that option. The packages it needs are loaded only here. */
export async function findSharedQuota({ clock, observer }: PurgeDeps, pace: PaceOptions): Promise<SharedQuota | undefined> {
  if (pace.quotaRedisUrl === undefined) return undefined;
  const { createSharedQuota } = await import('../pace/shared/shared-quota.ts');
  const shared = createSharedQuota({
    url: pace.quotaRedisUrl,
    clock,
    membersMin: pace.processCountMin,
    onChange: (away) =>
      observer.event(
        away === undefined ? { kind: 'quota.shared' } : { kind: 'quota.divided', by: away.dividedBy, why: redactTokens(away.why) },
      ),
  });
  const opened = await shared.open();
  const why = opened === undefined ? undefined : redactTokens(opened);
  if (why === undefined || pace.processCountMin > 1) return shared;
  await shared.close();
  throw usageError(
    'QUOTA_REDIS_AWAY',
    `the Redis of --quota-redis does not answer (${why}), and nothing says how many processes use the quota; nothing was sent`,
    'Start it, or check its address and password',
    'With --shard I/N a purge can begin without it, on an N-th of the quota',
  );
}
