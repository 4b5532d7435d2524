import { beforeEach, describe, expect, it } from 'vitest';

import { createRateMeter } from '../../../src/observe/rate-meter.ts';
import * as fc from '../../support/fast-check.ts';

let nowMs = 0;
beforeEach(() => {
  nowMs = 12_345.678;
});

describe('the rate meter', () => {
  it('says 0 before the first answer, and no enormous rate right after it', () => {
    const meter = createRateMeter(() => nowMs);
    expect(meter.perSecond()).toBe(0);
    meter.add(5);
    expect(meter.perSecond()).toBe(5);
    nowMs += 2_000;
    expect(meter.perSecond()).toBe(2.5);
  });

  it('does not count the time before the first answer', () => {
    const meter = createRateMeter(() => nowMs);
    for (let looks = 0; looks < 300; looks++) {
      nowMs += 200;
      meter.add(0);
    }
    for (let looks = 0; looks < 10; looks++) {
      nowMs += 200;
      meter.add(40);
    }
    expect(meter.perSecond()).toBeCloseTo(200, 6);
  });

  it('forgets what is older than its window, and falls to 0 where nothing comes', () => {
    const meter = createRateMeter(() => nowMs);
    const look = (answers: number): void => {
      nowMs += 200;
      meter.add(answers);
    };
    for (let looks = 0; looks < 150; looks++) look(200);
    expect(meter.perSecond()).toBeCloseTo(1_000, 6);
    for (let looks = 0; looks < 25; looks++) look(0);
    expect(meter.perSecond()).toBeGreaterThan(450);
    expect(meter.perSecond()).toBeLessThan(550);
    for (let looks = 0; looks < 30; looks++) look(0);
    expect(meter.perSecond()).toBe(0);
  });

  it('looked at each 10 s, as by the log lines, tells the rate of those 10 s', () => {
    const meter = createRateMeter(() => nowMs);
    for (const answers of [10_000, 20_000, 0, 5_000]) {
      nowMs += 10_003;
      meter.add(answers);
      expect(meter.perSecond()).toBeCloseTo(answers / 10.003, 6);
    }
  });

  it('of a steady stream is the stream’s rate, whenever it is looked at', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 200 }), (stepsMs) => {
        const meter = createRateMeter(() => nowMs);
        for (const stepMs of [1_000, ...stepsMs]) {
          nowMs += stepMs;
          meter.add(stepMs / 2);
          expect(meter.perSecond()).toBeCloseTo(500, 6);
        }
      }),
    );
  });
});
