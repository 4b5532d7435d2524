import type { BatchToken } from '../cloudflare/types.ts';
import type { Rate } from '../domain/rate.ts';
import { createLane } from '../pace/lane.ts';
import type { SharedQuota } from '../pace/shared/shared-quota.ts';
import type { LaneName } from '../domain/lane.ts';
import type { Lane } from '../pace/types.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { Halt } from '../run/halt.ts';
import type { PermitMemory } from './permit-memory.ts';

export interface LaneMakerOptions {
  readonly deps: PurgeDeps;
  readonly halt: Halt;
  readonly accountId: string;
  readonly memory: PermitMemory;
  /** `undefined`: quotas are not shared with other processes. */
  readonly shared: SharedQuota | undefined;
}

/** Creates the lanes of a connection, each with its recorded past and its part of a shared quota. */
export class LaneMaker {
  readonly #options: LaneMakerOptions;
  /** Names of the batch lanes' quotas, the same in all processes: fingerprints, from which the tokens cannot be read. */
  readonly #tokenKeys = new Map<LaneName, string>();

  constructor(options: LaneMakerOptions) {
    this.#options = options;
  }

  /** @param reserveShare - share of the quota reported by the API that is never used, in [0, 1) */
  create(name: LaneName, rate: Rate, reserveShare: number): Lane {
    const { deps, halt, memory } = this.#options;
    const { clock, random, observer } = deps;
    return createLane({
      name,
      rate,
      reserveShare,
      clock,
      random,
      remembered: memory.remembered(name),
      recordReservation: memory.recordReservationFor(name, rate),
      onError: (error) => halt.fail(error),
      ...this.#sharing(name),
      onPolicy: ({ name: policy, quota, windowMs }) =>
        observer.event({
          kind: 'lane.policy',
          lane: name,
          policy,
          requests: quota,
          windowMs,
          isTighter: isTighter(quota * (1 - reserveShare), windowMs, rate),
        }),
    });
  }

  /** The lane deletes with this token from now on, and shares the token's quota. */
  useToken(lane: Lane, token: BatchToken): void {
    this.#tokenKeys.set(lane.name, `token:${token.fingerprint()}`);
  }

  #sharing(name: LaneName): object {
    const { shared } = this.#options;
    if (shared === undefined) return {};
    return {
      isShared: true,
      createSpacer: (intervalMs: number, lateMsMax: number) => shared.createSpacer(() => this.#keyOf(name), intervalMs, lateMsMax),
    };
  }

  #keyOf(name: LaneName): string {
    return name === 'account' ? `account:${this.#options.accountId}` : (this.#tokenKeys.get(name) ?? 'no token');
  }
}

function isTighter(requests: number, windowMs: number, rate: Rate): boolean {
  return rate.kind === 'unlimited' || requests / windowMs < rate.requests / rate.perMs;
}
