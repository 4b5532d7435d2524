import { createClient } from '../../../src/cloudflare/client.ts';
import type { ApiReader } from '../../../src/cloudflare/types.ts';
import { type AccountAccess, openAccount } from '../../../src/connect/account-access.ts';
import { NO_PERMIT_MEMORY } from '../../../src/connect/permit-memory.ts';
import type { PurgeEvent } from '../../../src/observe/events.ts';
import { createCounters } from '../../../src/run/counters.ts';
import { createHalt, type Halt } from '../../../src/run/halt.ts';
import type { PurgeDeps } from '../../../src/run/deps.ts';
import type { PaceOptions } from '../../../src/run/run-options.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import type { SimulatorOptions } from '../../../src/simulator/simulator-options.ts';
import { TEST_ACCOUNT, TEST_TOKEN } from '../cli/cli.ts';
import { withSimulator } from '../servers/simulator.ts';
import { VirtualClock } from '../virtual-clock.ts';

export interface Opened {
  readonly access: AccountAccess;
  readonly halt: Halt;
  readonly clock: VirtualClock;
  readonly counters: ReturnType<typeof createCounters>;
  readonly events: readonly PurgeEvent[];
}

export const PACE: PaceOptions = {
  accountRate: { kind: 'unlimited' },
  reserveShare: 0.1,
  batchTokenCount: 0,
  quotaRedisUrl: undefined,
  attemptsMax: 3,
  giveUpAfterMs: 60_000,
} as PaceOptions;

/** The account within reach, as a command has it that knows no checkpoint. */
export async function withAccount(
  simulated: Partial<SimulatorOptions>,
  work: (opened: Opened, simulator: Simulator) => Promise<void>,
): Promise<void> {
  await withSimulator(simulated, async (simulator) => {
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
      baseUrl: simulator.url,
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
      baseUrl: simulator.url,
      pace: PACE,
      memory: NO_PERMIT_MEMORY,
      nextCommand: () => 'images-purge list',
      deletedCount: () => 0,
    });
    try {
      await work({ access, halt, clock, counters, events }, simulator);
    } finally {
      await access.close();
      halt.release();
    }
  });
}
