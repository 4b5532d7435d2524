import { describe, expect, it } from 'vitest';

import { createOutageDetector as create, type OutageDetector } from '../../../src/send/outage-detector.ts';

const createOutageDetector = (pendingCount = Infinity): OutageDetector => create({ pendingCount: () => pendingCount });
const fail = (outage: OutageDetector, id: string, isGivenUp = false): number => outage.failure({ id, isGivenUp });

const failAll = (outage: OutageDetector, count: number, differentIds: number): void => {
  for (let n = 0; n < count; n++) fail(outage, `image-${n % differentIds}`);
};

function active(): OutageDetector {
  const outage = createOutageDetector();
  failAll(outage, 20, 10);
  return outage;
}

describe('an outage', () => {
  it('is not ended by probes for no ID, nor are those counted among the IDs', () => {
    const outage = active();
    for (let n = 0; n < 3; n++) outage.probed(false, undefined);
    for (let n = 0; n < 9; n++) outage.probed(false, `probe-${n}`);
    expect(outage.isActive).toBe(true);
    outage.probed(false, 'probe-9');
    expect(outage.isActive).toBe(false);
  });

  it('begins with the twentieth retryable failure in a row, not before', () => {
    const outage = createOutageDetector();
    failAll(outage, 19, 19);
    expect(outage.isActive).toBe(false);
    expect(fail(outage, 'image-19')).toBe(20);
    expect(outage.isActive).toBe(true);
  });

  it('does not begin over nine IDs, however often they fail, and does with the tenth', () => {
    const outage = createOutageDetector();
    failAll(outage, 200, 9);
    expect(outage.isActive).toBe(false);
    fail(outage, 'another');
    expect(outage.isActive).toBe(true);
  });

  it('does not begin where any answer stands between the failures', () => {
    const outage = createOutageDetector();
    failAll(outage, 19, 19);
    outage.answered();
    failAll(outage, 19, 19);
    expect(outage.isActive).toBe(false);
  });

  it('probes at growing intervals from 1 s to 1 min', () => {
    const outage = active();
    const delays = Array.from({ length: 9 }, () => {
      const upcomingMs = outage.upcomingProbeDelayMs;
      const delayMs = outage.nextProbeDelayMs();
      expect(upcomingMs).toBe(delayMs);
      outage.probed(false, undefined);
      return delayMs;
    });
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('is over when a probe is answered, and the next one starts again at 1 s after 20 new failures', () => {
    const outage = active();
    for (let n = 0; n < 6; n++) outage.nextProbeDelayMs();
    outage.probed(true, 'image-3');
    expect(outage.isActive).toBe(false);
    failAll(outage, 19, 19);
    expect(outage.isActive).toBe(false);
    fail(outage, 'image-19');
    expect(outage.isActive).toBe(true);
    expect(outage.nextProbeDelayMs()).toBe(1_000);
  });

  it('is over when each of ten IDs has been probed in vain: the fault may lie with them', () => {
    const outage = active();
    for (let n = 0; n < 9; n++) outage.probed(false, `image-${n}`);
    expect(outage.isActive).toBe(true);
    outage.probed(false, 'image-9');
    expect(outage.isActive).toBe(false);
  });

  it('is not over through any number of unanswered probes that were for no ID', () => {
    const outage = active();
    for (let n = 0; n < 100; n++) outage.probed(false, undefined);
    expect(outage.isActive).toBe(true);
  });

  it('begins where fewer than ten are pending, as soon as each has failed twice with no other answer between', () => {
    // The one that has just failed is in nobody's hand.
    const outage = createOutageDetector(2);
    for (const id of ['a', 'b', 'c', 'a', 'a', 'b']) fail(outage, id);
    expect(outage.isActive).toBe(false);
    outage.answered();
    for (const id of ['a', 'b', 'c', 'a', 'b']) fail(outage, id);
    expect(outage.isActive).toBe(false);
    fail(outage, 'c');
    expect(outage.isActive).toBe(true);
  });

  it('does not wait for IDs that are given up, and does not begin where none, ten or an unknown number are pending', () => {
    const alone = createOutageDetector(0);
    fail(alone, 'a');
    fail(alone, 'a', true);
    expect(alone.isActive).toBe(false);
    const withAnother = createOutageDetector(1);
    for (const id of ['a', 'b', 'a']) fail(withAnother, id);
    expect(withAnother.isActive).toBe(false);
    fail(withAnother, 'b', true);
    expect(withAnother.isActive).toBe(true);
    for (const pendingCount of [9, Infinity]) {
      const outage = createOutageDetector(pendingCount);
      failAll(outage, 27, 9);
      expect(outage.isActive).toBe(false);
    }
  });

  it('is over when each of fewer pending IDs has been probed', () => {
    const outage = createOutageDetector(3);
    failAll(outage, 20, 10);
    for (const id of ['a', 'b', 'b', 'a']) outage.probed(false, id);
    expect(outage.isActive).toBe(true);
    outage.probed(false, 'c');
    expect(outage.isActive).toBe(false);
  });

  it('is not over through probes in vain where they cannot end it', () => {
    let endsInVain = false;
    const outage = create({ pendingCount: () => 1, endsInVain: () => endsInVain });
    outage.begin();
    for (let n = 0; n < 20; n++) outage.probed(false, `image-${n}`);
    expect(outage.isActive).toBe(true);
    endsInVain = true;
    outage.probed(false, 'image-0');
    expect(outage.isActive).toBe(false);
  });

  it('counts IDs probed in an earlier outage no more', () => {
    const outage = active();
    for (let n = 0; n < 10; n++) outage.probed(false, `image-${n}`);
    failAll(outage, 20, 10);
    outage.probed(false, 'image-0');
    expect(outage.isActive).toBe(true);
  });
});
