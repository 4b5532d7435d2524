import { describe, expect, it } from 'vitest';

import { createOutageDetector, type OutageDetector } from '../../../src/send/outage-detector.ts';

const failAll = (outage: OutageDetector, count: number, differentIds: number): void => {
  for (let n = 0; n < count; n++) outage.failure(`image-${n % differentIds}`);
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
    expect(outage.failure('image-19')).toBe(20);
    expect(outage.isActive).toBe(true);
  });

  it('does not begin over nine IDs, however often they fail, and does with the tenth', () => {
    const outage = createOutageDetector();
    failAll(outage, 200, 9);
    expect(outage.isActive).toBe(false);
    outage.failure('another');
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
    outage.failure('image-19');
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

  it('is over when an ID comes round again: fewer than ten are left, and each has been probed', () => {
    const outage = active();
    for (const id of ['a', 'b', 'c']) outage.probed(false, id);
    expect(outage.isActive).toBe(true);
    outage.probed(false, 'a');
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
