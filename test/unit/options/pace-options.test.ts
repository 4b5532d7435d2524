import { describe, expect, it } from 'vitest';

import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { optionValues } from '../../../src/options/option-values.ts';
import { paceOptions } from '../../../src/options/pace-defaults.ts';
import type { PaceOptions } from '../../../src/run/run-options.ts';
import { paceOfShard } from '../../../src/purge/pace-of-shard.ts';

function pace(...flags: readonly string[]): PaceOptions {
  return sharedPace(undefined, ...flags);
}

function sharedPace(quotaRedis: string | undefined, ...flags: readonly string[]): PaceOptions {
  const line = parseCommandLine(['delete', 'ids.csv', ...flags], {
    widthColumns: 100,
    heading: (text) => text,
  });
  if (line.kind !== 'run') throw new Error('nothing to run');
  return paceOptions(optionValues(line.command.options, line.flags, {}), quotaRedis);
}

const rate = (requests: number, perMs: number): PaceOptions['rate'] => ({ kind: 'limited', requests, perMs });
const ACCOUNT_RATE = rate(1_000, 300_000);

describe('the pace', () => {
  it('without options is a sixth under the account’s quota, 16 in flight, a tenth of what is told in reserve', () => {
    expect(pace()).toEqual({
      rate: ACCOUNT_RATE,
      accountRate: ACCOUNT_RATE,
      reserveShare: 0.1,
      batchTokenCount: 0,
      quotaRedisUrl: undefined,
      mayRunInParallel: false,
      processCountMin: 1,
      concurrency: 16,
      attemptsMax: 8,
      requestTimeoutMs: 30_000,
      giveUpAfterMs: 3_600_000,
      runDurationMsMax: Infinity,
      sendCountMax: Infinity,
      failureCountMax: Infinity,
      absentMax: { kind: 'none' },
    });
  });

  it('of the account is what --rate says, and so is that of what else is asked of it', () => {
    expect(pace('--rate', '7/s')).toMatchObject({ rate: rate(7, 1_000), accountRate: rate(7, 1_000) });
    expect(pace('--rate', 'unlimited')).toMatchObject({ rate: { kind: 'unlimited' }, accountRate: { kind: 'unlimited' } });
  });

  it('of batch tokens is 200 a second each, with 64 in flight for each, while the account keeps its own', () => {
    expect(pace('--batch-tokens', '3')).toMatchObject({
      rate: rate(200, 1_000),
      accountRate: ACCOUNT_RATE,
      batchTokenCount: 3,
      concurrency: 192,
    });
  });

  it('of batch tokens as --rate says never makes the account’s faster, and a slower one makes it slower', () => {
    for (const fast of ['500/s', 'unlimited', '1001/5m'])
      expect(pace('--batch-tokens', '1', '--rate', fast).accountRate).toEqual(ACCOUNT_RATE);
    expect(pace('--batch-tokens', '1', '--rate', '1/s').accountRate).toEqual(rate(1, 1_000));
    expect(pace('--batch-tokens', '1', '--rate', '1000/5m').accountRate).toEqual(ACCOUNT_RATE);
  });

  it('keeps to a --concurrency that is given, over all tokens', () => {
    expect(pace('--batch-tokens', '4', '--concurrency', '5').concurrency).toBe(5);
  });

  it.each([
    ['0%', 0],
    ['2.5%', 0.025],
    ['95%', 0.95],
  ] as const)('takes --reserve %s as a share', (text, share) => expect(pace('--reserve', text).reserveShare).toBe(share));
});

describe('the pace of a shard', () => {
  it('without shards stays as it is', () => {
    const given = pace();
    expect(paceOfShard(given, null)).toBe(given);
  });

  it('is its share of the account’s rate, and nothing else is divided', () => {
    const given = pace('--concurrency', '8');
    expect(paceOfShard(given, { index: 0, count: 3 })).toEqual({ ...given, rate: rate(334, 300_000), accountRate: rate(334, 300_000) });
    expect(paceOfShard(given, { index: 2, count: 3 }).rate).toEqual(rate(333, 300_000));
  });

  it('with batch tokens leaves their rate whole, for each process has its own', () => {
    const given = pace('--batch-tokens', '2');
    expect(paceOfShard(given, { index: 1, count: 4 })).toEqual({ ...given, accountRate: rate(250, 300_000) });
  });

  it('that is shared through Redis stays whole, among so many processes', () => {
    const given = sharedPace('redis://127.0.0.1:6379');
    expect(paceOfShard(given, { index: 1, count: 4 })).toEqual({
      ...given,
      rate: ACCOUNT_RATE,
      accountRate: ACCOUNT_RATE,
      processCountMin: 4,
    });
  });
});

describe('a shard of too few requests', () => {
  const shard = { index: 0, count: 4 };

  it('is refused: one each in a longer time might fall together', () => {
    expect(() => paceOfShard(pace('--rate', '3/s'), shard)).toThrow(/3 in 1 s cannot be divided among 4 shards/);
    expect(() => paceOfShard(pace('--rate', '3/s', '--batch-tokens', '1'), shard)).toThrow(/cannot be divided/);
    expect(paceOfShard(pace('--rate', '6/2s'), shard).rate).toEqual(rate(2, 2_000));
  });
});
