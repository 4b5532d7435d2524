import { describe, expect, it } from 'vitest';

import { throttled } from '../../../src/simulator/simulated-answers.ts';
import { makeIds, summaryOf, withPurge } from '../../support/purge/purge.ts';
import { eventsOf } from '../../support/purge/traffic.ts';

/** IDs whose first DELETE is throttled, as far apart as chance would have it. */
const THROTTLED_ONCE = [3, 40, 55, 130, 160, 290].map((number) => `image-${String(number).padStart(6, '0')}`);

describe('a server that throttles now and then, whatever the speed', () => {
  it('is waited for as long as it says, at the same pace afterwards, and the log says why, once', () =>
    withPurge({}, async (bench) => {
      const { simulator } = bench;
      const throttledIds = new Set(THROTTLED_ONCE);
      simulator.override(({ id }) => (id !== undefined && throttledIds.delete(id) ? throttled(0) : undefined));
      const ids = makeIds(400);
      bench.writeIds('ids.csv', ids);
      const result = await bench.delete(['--rate', '1000/s', '--concurrency', '1']);
      expect(result.exitCode).toBe(0);
      expect(summaryOf(result)).toMatchObject({ outcomes: { deleted: 400 }, run: { throttled: THROTTLED_ONCE.length } });
      const told = eventsOf(result.stderr, 'lane.throttled');
      // From the third on they are called random, and that is told once.
      expect(told.map(({ cause }) => cause)).toEqual(['unknown', 'unknown', 'random']);
      const paces = told.map(({ ratePerSecond }) => Number(ratePerSecond));
      expect(new Set(paces).size).toBe(1);
      expect(paces[0]).toBeGreaterThan(990);
    }));
});
