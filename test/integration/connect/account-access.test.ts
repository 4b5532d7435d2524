import { describe, expect, it } from 'vitest';

import { createClient } from '../../../src/cloudflare/client.ts';
import type { ApiReader } from '../../../src/cloudflare/types.ts';
import { type AccountAccess, openAccount } from '../../../src/connect/account-access.ts';
import { statsQuestion } from '../../../src/connect/account-stats.ts';
import { NO_PERMIT_MEMORY } from '../../../src/connect/permit-memory.ts';
import type { PurgeEvent } from '../../../src/observe/events.ts';
import { createCounters } from '../../../src/run/counters.ts';
import { createHalt, type Halt } from '../../../src/run/halt.ts';
import type { PurgeDeps } from '../../../src/run/deps.ts';
import type { PaceOptions } from '../../../src/run/run-options.ts';
import type { SimulatorOptions } from '../../../src/simulator/simulator-options.ts';
import { TEST_ACCOUNT, TEST_TOKEN } from '../../support/cli/cli.ts';
import { withSimulator } from '../../support/servers/simulator.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

interface Opened {
  readonly access: AccountAccess;
  readonly halt: Halt;
  readonly clock: VirtualClock;
  readonly counters: ReturnType<typeof createCounters>;
  readonly events: readonly PurgeEvent[];
}

const PACE = {
  accountRate: { kind: 'unlimited' },
  reserveShare: 0.1,
  batchTokenCount: 0,
  quotaRedisUrl: undefined,
  attemptsMax: 3,
  giveUpAfterMs: 60_000,
} as PaceOptions;

/** The account within reach, as a command has it that knows no checkpoint. */
async function withAccount(simulated: Partial<SimulatorOptions>, work: (opened: Opened) => Promise<void>): Promise<void> {
  await withSimulator(simulated, async ({ url }) => {
    const clock = new VirtualClock();
    const events: PurgeEvent[] = [];
    const deps = {
      clock,
      random: Math.random,
      observer: { event: (event: PurgeEvent) => void events.push(event) },
      stop: new AbortController().signal,
    } as unknown as PurgeDeps;
    const halt = createHalt(deps, Infinity);
    const counters = createCounters(0);
    const reader: ApiReader = createClient({
      accountId: TEST_ACCOUNT,
      baseUrl: url,
      credentials: { kind: 'token', token: TEST_TOKEN },
      connections: 1,
      requestTimeoutMs: 30_000,
      proxy: { httpProxy: undefined, httpsProxy: undefined, noProxy: undefined },
      userAgent: 'images-purge/test',
    });
    const access = await openAccount(reader, {
      deps,
      halt,
      counters,
      accountId: TEST_ACCOUNT,
      baseUrl: url,
      pace: PACE,
      memory: NO_PERMIT_MEMORY,
      nextCommand: () => 'images-purge list',
      deletedCount: () => 0,
    });
    try {
      await work({ access, halt, clock, counters, events });
    } finally {
      await access.close();
      halt.release();
    }
  });
}

describe('an account within reach, without a checkpoint', () => {
  it('that is throttled tells whole milliseconds, whatever fractions the clock has', () =>
    withAccount({}, async ({ access, clock, events }) => {
      const permits = await Promise.all([access.account.take(), access.account.take(), access.account.take()]);
      const throttled = access.throttledAmong(access.account);
      for (const [index, permit] of permits.entries()) {
        await clock.advance(1_234.567);
        if (permit !== undefined) throttled(permit, { kind: 'throttled', retryAfterMs: 2_000 * (index + 1), httpStatus: 429, code: 971 });
      }
      const told = events.filter((event) => event.kind === 'lane.throttled');
      expect(told.map(({ waitMs }) => waitMs)).toEqual([2_000, 4_000, 6_000]);
      for (const { untilWallMs } of told) expect(Number.isInteger(untilWallMs)).toBe(true);
    }));

  it('is asked for its stats with a permit of its own lane', async () => {
    await withAccount({ images: { kind: 'list', ids: ['a', 'b'] } }, async ({ access, counters }) => {
      expect(await access.askStats()).toEqual({ kind: 'count', current: 2 });
      expect(counters.requests).toBe(1);
      expect(access.account.states()).toMatchObject([{ name: 'account', requestCount: 1 }]);
    });
  });

  it('is asked one question after another, and time counts while one is asked only', async () => {
    await withAccount({ images: { kind: 'list', ids: ['a'] } }, async ({ access, halt, clock, counters }) => {
      for (let count = 1; count <= 3; count++) {
        expect(await access.ask(statsQuestion(access.reader))).toEqual({ kind: 'count', current: 1 });
        access.giveUp.finalAnswer();
        await clock.advance(PACE.giveUpAfterMs);
      }
      expect(counters.requests).toBe(3);
      expect(halt.ending).toBeUndefined();
    });
  });

  it('a refusal ends the run, and names what to do in the words of the command', async () => {
    await withAccount({ apiToken: 'another-token' }, async ({ access, halt }) => {
      expect(await access.askStats()).toEqual({ kind: 'unreadable', why: expect.any(String) as string });
      expect(halt.ending).toBeUndefined();
    });
    await withAccount({ accountId: 'ffffffffffffffffffffffffffffffff' }, async ({ access, halt }) => {
      expect(await access.askStats()).toBeUndefined();
      expect(halt.ending).toMatchObject({ kind: 'error', error: { exitCode: 3 } });
    });
  });
});
