import { describe, expect, it } from 'vitest';

import { libraryValues } from '../../../src/library/options.ts';
import { refusal } from '../../support/cli/refusal.ts';

const NEEDED = { accountId: 'a'.repeat(32), checkpoint: 'x.checkpoint' };

describe('what a program gives', () => {
  it('is taken as it is, and what it leaves out has the default of the command line', () => {
    expect(libraryValues({ ...NEEDED, keep: 5, strict: true, maxDeletes: 1_000, exclude: ['a', 'b'], limit: undefined })).toMatchObject({
      keep: 5,
      strict: true,
      maxDeletes: { kind: 'count', count: 1_000 },
      exclude: ['a', 'b'],
      limit: Infinity,
      timeout: 30_000,
      dryRun: false,
    });
  });

  it('may be written as on the command line', () => {
    const values = libraryValues({ ...NEEDED, rate: '200/s', maxDeletes: '25%', shard: '1/4', timeout: '5s', keep: '7' });
    expect(values).toMatchObject({
      rate: { kind: 'limited', requests: 200, perMs: 1_000 },
      maxDeletes: { kind: 'share', percent: 25 },
      shard: { index: 1, count: 4 },
      timeout: 5_000,
      keep: 7,
    });
  });

  it.each([
    ['keep', -1],
    ['keep', 1.5],
    ['keep', Number.NaN],
    ['keep', 100_001],
    ['keep', true],
    ['limit', Infinity],
    ['maxDeletes', -1],
    ['maxDeletes', 0.5],
    ['maxDeletes', null],
    ['timeout', 30],
    ['rate', 200],
    ['rate', ['200/s']],
    ['strict', 1],
    ['strict', null],
    ['exclude', [1]],
    ['report', null],
    ['baseUrl', {}],
  ])('%s: %j is refused by the bounds of the command line', (key, value) => {
    expect(refusal(() => libraryValues({ ...NEEDED, [key]: value }))).toMatchObject({ code: 'OPTION_VALUE', exitCode: 2 });
  });

  it('is refused where it is not for a program, or where account or checkpoint are left out', () => {
    expect(refusal(() => libraryValues({ ...NEEDED, yes: true })).code).toBe('OPTION_UNKNOWN');
    expect(refusal(() => libraryValues({ checkpoint: 'x' })).code).toBe('OPTION_MISSING');
    expect(refusal(() => libraryValues({ ...NEEDED, checkpoint: undefined })).code).toBe('OPTION_MISSING');
  });
});
