import { describe, expect, it } from 'vitest';

import type { RecordedPermits } from '../../../src/checkpoint/permits.ts';
import type { Rate } from '../../../src/domain/rate.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { Used } from '../../../src/pace/quota/reservations.ts';
import type { LaneName } from '../../../src/domain/lane.ts';
import type { Lane } from '../../../src/pace/types.ts';
import { createWindow } from '../../../src/pace/quota/window.ts';
import { createPermitMemory } from '../../../src/connect/permit-memory.ts';
import * as fc from '../../support/fast-check.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const RATE: Rate = { kind: 'limited', requests: 100, perMs: 300_000 };

/** At 5 s of this run; its machine booted 1,000 s before it. */
async function clockAt(nowMs = 5_000): Promise<VirtualClock> {
  const clock = new VirtualClock();
  await clock.advance(nowMs);
  return clock;
}

function recorded(clock: VirtualClock, more: Partial<RecordedPermits>): RecordedPermits {
  return { lane: 'account', atWallMs: clock.wallMs(), atBootMs: clock.boot()?.uptimeMs, bootId: clock.boot()?.id, count: 7, ...more };
}

function recordingLedger(): { ledger: Ledger; asked: unknown[][] } {
  const asked: unknown[][] = [];
  const ask = (...given: unknown[]): Promise<void> => {
    asked.push(given);
    return Promise.resolve();
  };
  return { ledger: { ask } as unknown as Ledger, asked };
}

const remember = (
  clock: VirtualClock,
  ...rows: readonly RecordedPermits[]
): ReturnType<ReturnType<typeof createPermitMemory>['remembered']> =>
  createPermitMemory(recordingLedger().ledger, clock, rows).remembered('account');

const laneThatUsed = (name: LaneName, used: Used | undefined): Lane => ({ name, used: () => used }) as Lane;

describe('requests of an earlier run', () => {
  it('in the same boot are as old as the boot says, however the clock was set since', async () => {
    const clock = await clockAt();
    const row = recorded(clock, { atBootMs: 1_000_000 - 60_000 });
    clock.wallOffsetMs += 86_400_000;
    expect(remember(clock, row)).toEqual([{ atMs: -60_000, count: 7 }]);
    clock.wallOffsetMs -= 2 * 86_400_000;
    expect(remember(clock, row)).toEqual([{ atMs: -60_000, count: 7 }]);
  });

  it('of another boot are as old as the clock says', async () => {
    const clock = await clockAt();
    expect(remember(clock, recorded(clock, { bootId: 'another', atWallMs: clock.wallMs() - 90_000 }))).toEqual([
      { atMs: -85_000, count: 7 },
    ]);
  });

  it.each([
    ['nothing was known of the boot', { bootId: undefined, atBootMs: undefined }, true],
    ['no uptime is on record', { atBootMs: undefined }, true],
    ['nothing is known of this boot', {}, false],
  ])('are as old as the clock says where %s', async (_, more, isBootKnown) => {
    const clock = await clockAt();
    const row = recorded(clock, { atWallMs: clock.wallMs() - 1_000, ...more });
    if (!isBootKnown) clock.booted = undefined;
    expect(remember(clock, row)).toEqual([{ atMs: 4_000, count: 7 }]);
  });

  it('that lie in the future count as sent just now', async () => {
    const clock = await clockAt();
    expect(remember(clock, recorded(clock, { bootId: 'another', atWallMs: clock.wallMs() + 86_400_000 }))).toEqual([
      { atMs: 5_000, count: 7 },
    ]);
    // A reservation holds for some seconds; the run that made it is dead.
    expect(remember(clock, recorded(clock, { atBootMs: 1_010_000 }))).toEqual([{ atMs: 5_000, count: 7 }]);
  });

  it('are each lane’s own, in their order', async () => {
    const clock = await clockAt();
    const rows = ['account', '1', 'account', '11'].map((lane, index) => recorded(clock, { lane, count: index }));
    const memory = createPermitMemory(recordingLedger().ledger, clock, rows);
    expect((['account', 1, 11, 2] as const).map((lane) => memory.remembered(lane).map(({ count }) => count))).toEqual([
      [0, 2],
      [1],
      [3],
      [],
    ]);
  });

  it('make nothing wait longer than one window, whatever is on record', async () => {
    const time = fc.oneof(
      fc.integer({ min: -1_000_000, max: 1_000_000 }),
      fc.constantFrom(0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 4_102_444_800_000),
    );
    const row = fc.record({
      lane: fc.constant('account'),
      atWallMs: time,
      atBootMs: fc.option(time, { nil: undefined }),
      bootId: fc.constantFrom('one boot', 'another', undefined),
      count: fc.nat({ max: 1_000_000 }),
    });
    const clock = await clockAt();
    fc.assert(
      fc.property(fc.array(row, { maxLength: 10 }), (rows) => {
        const window = createWindow(RATE.requests, RATE.perMs, remember(clock, ...rows), clock.monotonicMs());
        expect(window.nextAtMs()).toBeLessThanOrEqual(clock.monotonicMs() + RATE.perMs + 1);
      }),
    );
  });
});

describe('a reservation', () => {
  it('goes on record in wall time and in time since the boot, with what was used of the last', async () => {
    const clock = await clockAt();
    const { ledger, asked } = recordingLedger();
    const record = createPermitMemory(ledger, clock, []).recordReservationFor(3, RATE);
    await record({ count: 51, untilMs: 5_500, used: { count: 20, byMs: 4_900 } });
    const nowWallMs = clock.wallMs();
    expect(asked).toEqual([
      [
        'recordReservation',
        { lane: '3', atWallMs: nowWallMs + 500, atBootMs: 1_005_500, bootId: 'one boot', count: 51 },
        { lane: '3', atWallMs: nowWallMs - 100, atBootMs: 1_004_900, bootId: 'one boot', count: 20 },
        600_000,
      ],
    ]);
  });

  it('of which nothing was used leaves nothing behind', async () => {
    const clock = await clockAt();
    const { ledger, asked } = recordingLedger();
    const record = createPermitMemory(ledger, clock, []).recordReservationFor('account', RATE);
    await record({ count: 5, untilMs: 6_000, used: { count: 0, byMs: 0 } });
    expect(asked[0]?.[2]).toBeUndefined();
  });

  it.each([
    [{ kind: 'limited', requests: 1, perMs: 3_600_000 }, 7_200_000],
    [{ kind: 'limited', requests: 1, perMs: 1_000 }, 600_000],
    [{ kind: 'unlimited' }, 600_000],
  ] as const)('of %j lets those older than twice its window, and at least ten minutes, be forgotten', async (rate, keptMs) => {
    const clock = await clockAt();
    const { ledger, asked } = recordingLedger();
    const record = createPermitMemory(ledger, clock, []).recordReservationFor('account', rate);
    await record({ count: 5, untilMs: 6_000, used: { count: 0, byMs: 0 } });
    expect(asked[0]?.[3]).toBe(keptMs);
  });

  it('is written and read back by the next run as what it was', async () => {
    const clock = await clockAt();
    const { ledger, asked } = recordingLedger();
    const record = createPermitMemory(ledger, clock, []).recordReservationFor('account', RATE);
    await record({ count: 5, untilMs: 5_250, used: { count: 2, byMs: 4_000 } });
    const [, reserved, used] = asked[0] as [string, RecordedPermits, RecordedPermits];
    await clock.advance(10_000);
    expect(remember(clock, used, reserved)).toEqual([
      { atMs: 4_000, count: 2 },
      { atMs: 5_250, count: 5 },
    ]);
  });

  it('is settled at the end with what was used of it, by lane', async () => {
    const clock = await clockAt();
    const memory = createPermitMemory(recordingLedger().ledger, clock, []);
    expect(
      memory.usedOf([
        laneThatUsed('account', { count: 3, byMs: 4_000 }),
        laneThatUsed(1, { count: 0, byMs: 0 }),
        laneThatUsed(2, undefined),
      ]),
    ).toEqual([
      { lane: 'account', used: { lane: 'account', atWallMs: clock.wallMs() - 1_000, atBootMs: 1_004_000, bootId: 'one boot', count: 3 } },
      { lane: '1', used: undefined },
      { lane: '2', used: undefined },
    ]);
  });
});
