import { describe, it } from 'vitest';

import { withPurgeProcesses } from '../../support/purge/purge.ts';
import { expectAllDeleted, expectSharedQuota, QUOTA, startSharing, whenAllHaveBegun } from '../../support/purge/shared-quota.ts';
import { HAS_REDIS, TestRedis } from '../../support/servers/redis.ts';

const PROCESSES = 4;

describe.skipIf(!HAS_REDIS).concurrent('--quota-redis', () => {
  it('four processes share one quota and never exceed it, though one is killed and goes on later', () => expectSharedQuota(PROCESSES, 150));

  it('each keeps to its part while Redis is away, says so, and comes back to the whole', () =>
    withPurgeProcesses({ quota: QUOTA }, async (bench) => {
      await using redis = await TestRedis.start();
      const haveBegun = whenAllHaveBegun(bench, PROCESSES, 200);
      const running = startSharing(bench, redis, PROCESSES, 200);
      await haveBegun;
      await bench.simulator.whenRequests(100);
      await redis.stop();
      await Promise.all(running.map((cli) => cli.waitForStderr(/"event":"quota.divided","by":4/)));
      await bench.simulator.whenRequests(bench.simulator.record.requestCount + 40);
      await redis.start();
      await Promise.all(running.map((cli) => cli.waitForStderr(/"event":"quota.shared"/)));
      expectAllDeleted(bench, await Promise.all(running.map(({ finished }) => finished)), 200 * PROCESSES);
    }));
});
