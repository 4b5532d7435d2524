import { describe, expect, it } from 'vitest';

import { parseRatelimit } from '../../../../src/pace/quota/ratelimit-headers.ts';
import * as fc from '../../../support/fast-check.ts';

const DEFAULT = { name: 'default', quota: 1_200, windowMs: 300_000, left: 50 };

describe('Ratelimit and Ratelimit-Policy', () => {
  it('as the API sends them tell quota, window and what is left', () => {
    expect(parseRatelimit('"default";r=50;t=30', '"default";q=1200;w=300')).toEqual([DEFAULT]);
  });

  it.each([
    ['t=30;r=50', 'w=300;q=1200'],
    ['r=50', 'q=1200;w=300;qu="requests";pk=:cHsdsRa894==:'],
    ['r=50;t=30;x="a, b; c"', 'comment="12, 13; 14";q=1200;w=300'],
    ['flag;r=50;t=-1', 'q=1200;partition;w=300'],
    [' r=50 ; t=30', ' q=1200 ;  w=300 '],
    ['r=0050', 'q=01200;w=300'],
  ])('take parameters in any order and pass over unknown ones: %j, %j', (limit, policy) => {
    expect(parseRatelimit(`"default";${limit}`, `"default";${policy}`)).toEqual([DEFAULT]);
  });

  it('hold several policies, in the order of the policy header, of which those without a limit say nothing', () => {
    expect(parseRatelimit('"day";r=9, "burst";r=3', '"burst";q=5;w=1,"hour";q=7;w=3600 , "day";q=10;w=86400')).toEqual([
      { name: 'burst', quota: 5, windowMs: 1_000, left: 3 },
      { name: 'day', quota: 10, windowMs: 86_400_000, left: 9 },
    ]);
  });

  it.each(['a, b', 'a; r=7', 'a\\"b', '', ' ', ',;,;', 'x\\", \\"default\\";r=9'])('may name a policy %j', (name) => {
    expect(parseRatelimit(`"other";r=1, "${name}";r=50`, `"${name}";q=1200;w=300, "other";q=2;w=1`)).toEqual([
      { ...DEFAULT, name },
      { name: 'other', quota: 2, windowMs: 1_000, left: 1 },
    ]);
  });

  it('may name policies by tokens', () => {
    expect(parseRatelimit('default;r=50', 'default;w=300;q=1200')).toEqual([DEFAULT]);
  });

  it.each(['r=999;x="1;r=50;t=3";r=50', 'r=50;x="1;r=999;t=3"', 'r=50;x="\\";r=999;t=3"'])(
    'read no parameter out of a quoted text: %s',
    (limit) => {
      expect(parseRatelimit(`"default";${limit}`, '"default";q=1200;w=300')).toEqual([DEFAULT]);
    },
  );

  it('tell nothing where one of them is missing', () => {
    expect(parseRatelimit(undefined, '"default";q=1200;w=300')).toEqual([]);
    expect(parseRatelimit('"default";r=50', undefined)).toEqual([]);
    expect(parseRatelimit('', '')).toEqual([]);
  });

  it.each(['"', '"unclosed;r=1', ';r=5', '=', '"a" "b";r=1', '"a";r==1', '\u0000', '%%%;r=1', '(1 2);r=3'])(
    'ignore %j and read what stands around it',
    (broken) => {
      const view = { name: 'z', quota: 8, windowMs: 1_000, left: 4 };
      expect(parseRatelimit(`"default";r=50, ${broken}, "z";r=4`, '"default";q=1200;w=300, "z";q=8;w=1')).toEqual(
        expect.arrayContaining([DEFAULT]),
      );
      if (!broken.includes('"'))
        expect(parseRatelimit(`"default";r=50, ${broken}, "z";r=4`, `"default";q=1200;w=300, ${broken}, "z";q=8;w=1`)).toEqual([
          DEFAULT,
          view,
        ]);
    },
  );

  it.each(['r=-1', 'r=', 'r', 'r=5.5', 'r=1e3', 'r="5"', 'r=five', 'r=0x5', 'r=?1', 'r=9999999999999999', 'R=5', ''])(
    'know nothing of what is left by %j',
    (limit) => {
      expect(parseRatelimit(`"default";${limit}`, '"default";q=1200;w=300')).toEqual([]);
    },
  );

  it.each([
    'q=0;w=300',
    'q=-1200;w=300',
    'q=1200;w=0',
    'q=1200;w=-300',
    'q=1200',
    'w=300',
    'q=1000000001;w=300',
    'q=1200;w=86401',
    'q=999999999999999999999;w=300',
    'q=1200;w=1e400',
    'q=1.5;w=300',
  ])('make no policy of %j', (policy) => {
    expect(parseRatelimit('"default";r=50', `"default";${policy}`)).toEqual([]);
  });

  it('that say more is left than there is are believed the quota only', () => {
    expect(parseRatelimit('"default";r=999999999999999', '"default";q=1200;w=300')).toEqual([{ ...DEFAULT, left: 1_200 }]);
  });

  it('that are endless are read as far as 4,096 characters', () => {
    const endless = '"x";r=1,'.repeat(100_000);
    expect(parseRatelimit(`"default";r=50,${endless}`, '"default";q=1200;w=300')).toEqual([DEFAULT]);
    expect(parseRatelimit(`${endless}"default";r=50`, '"default";q=1200;w=300')).toEqual([]);
  });

  it('of any content give policies with sound numbers, and never throw', () => {
    const piece = fc.constantFrom(
      '"',
      '\\',
      'default',
      '"default"',
      ';',
      ',',
      '=',
      'r',
      'q',
      'w',
      ';r=',
      ';q=',
      ';w=',
      '0',
      '5',
      '99999',
      '-',
      ' ',
      '1e9',
      '\t',
      'é',
      '*',
    );
    const header = fc.oneof(
      fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    fc.assert(
      fc.property(header, header, (limit, policy) => {
        for (const view of parseRatelimit(limit, policy)) {
          expect(view.quota).toBeGreaterThanOrEqual(1);
          expect(view.windowMs).toBeGreaterThanOrEqual(1_000);
          expect(view.windowMs).toBeLessThanOrEqual(86_400_000);
          expect(view.left).toBeGreaterThanOrEqual(0);
          expect(view.left).toBeLessThanOrEqual(view.quota);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('read back whatever names and numbers they were written with', () => {
    const number = fc.integer({ min: 1, max: 86_400 });
    const policy = fc.record({
      name: fc.stringMatching(/^[ !#-[\]-~]{0,12}$/),
      quota: number,
      windowSeconds: number,
      leftShare: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(policy, { selector: ({ name }) => name, maxLength: 8 }), (policies) => {
        const views = policies.map(({ name, quota, windowSeconds, leftShare }) => ({
          name,
          quota,
          windowMs: windowSeconds * 1_000,
          left: Math.floor(quota * leftShare),
        }));
        const limit = views
          .map(({ name, left }) => `"${name}";t=1;r=${left}`)
          .toReversed()
          .join(', ');
        expect(
          parseRatelimit(limit, views.map(({ name, quota, windowMs }) => `"${name}";q=${quota};w=${windowMs / 1_000}`).join(',')),
        ).toEqual(views);
      }),
    );
  });
});
