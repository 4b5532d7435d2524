import { describe, expect, it } from 'vitest';

import { parseShard, shardFromJob } from '../../../src/options/parse/shard.ts';
import { refusal } from '../../support/cli/refusal.ts';

describe('--shard', () => {
  it.each([
    ['0/1', { index: 0, count: 1 }],
    ['0/4', { index: 0, count: 4 }],
    ['3/4', { index: 3, count: 4 }],
    [' 3 / 4 ', { index: 3, count: 4 }],
    ['007/010', { index: 7, count: 10 }],
    ['99999/100000', { index: 99_999, count: 100_000 }],
  ])('%j is understood', (text, shard) => expect(parseShard(text, '--shard')).toEqual(shard));

  it.each([
    '',
    '/',
    '1',
    '1/',
    '/4',
    '4/4',
    '5/4',
    '0/0',
    '-1/4',
    '1/-4',
    '0.5/4',
    '1/4/8',
    '1e0/4',
    '0x1/4',
    '٣/4',
    'a/b',
    '0/100001',
    '0/9999999',
    '1 4',
  ])('%j is refused, with the flag, the bounds and an example', (text) => {
    const error = refusal(() => parseShard(text, '--shard'));
    expect([error.exitCode, error.code]).toEqual([2, 'OPTION_VALUE']);
    expect(error.message).toContain('--shard must be I/N');
    expect(error.message).toContain(JSON.stringify(text));
    expect(error.nextSteps.join()).toContain('--shard 0/4');
  });
});

describe('an Indexed Job', () => {
  const job = (shards: string | undefined, index: string | undefined): unknown =>
    shardFromJob({ IMAGES_PURGE_SHARDS: shards, JOB_COMPLETION_INDEX: index });

  it('gives each pod its shard', () => {
    expect(job('4', '0')).toEqual({ index: 0, count: 4 });
    expect(job(' 4 ', ' 3 ')).toEqual({ index: 3, count: 4 });
  });

  it('that says nothing of shards asks for none, whatever its index', () => {
    for (const shards of [undefined, '', ' ']) for (const index of [undefined, '', '3']) expect(job(shards, index)).toBeUndefined();
  });

  it('without an index is refused: each pod would delete everything', () => {
    for (const index of [undefined, '', ' '])
      expect(refusal(() => job('4', index))).toMatchObject({ exitCode: 2, code: 'SHARD_INDEX_MISSING' });
  });

  it.each([
    ['4', '4'],
    ['4', '-1'],
    ['4', '1.5'],
    ['4', 'one'],
    ['0', '0'],
    ['four', '0'],
    ['1e2', '0'],
    ['100001', '0'],
    ['-4', '0'],
    ['99999999', '0'],
  ])('of %j shards with index %j is refused', (shards, index) => {
    const error = refusal(() => job(shards, index));
    expect([error.exitCode, error.code]).toEqual([2, 'OPTION_VALUE']);
    expect(error.message).toContain('JOB_COMPLETION_INDEX');
    expect(error.message).toContain('IMAGES_PURGE_SHARDS');
  });
});
