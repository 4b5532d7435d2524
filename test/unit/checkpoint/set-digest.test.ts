import { readFileSync } from 'node:fs';

import * as fc from '../../support/fast-check.ts';
import { describe, expect, it } from 'vitest';

import { SetDigest, type SetOwner } from '../../../src/checkpoint/digest/set-digest.ts';

const OWNER: SetOwner = { accountId: '0123456789abcdef0123456789abcdef', baseUrl: 'https://api.cloudflare.com/client/v4' };

function digestOf(ids: readonly string[], owner: SetOwner = OWNER): string {
  const set = new SetDigest();
  for (const id of ids) set.add(id);
  return set.toText(owner);
}

const IDS = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 30 });

describe('the digest of a set', () => {
  // A version that gives another one would refuse what was consented to.
  it('is what docs/digest.md computes', () => {
    const digest = digestOf(['é', 'shop/hero.jpg', '3f0c8a44-1a2b-4c3d-8e9f-a91e00112233']);
    expect(digest).toMatch(/^[0-9a-f]{12}$/);
    expect(readFileSync('docs/digest.md', 'utf8')).toContain(`prints \`${digest}\``);
  });

  it('does not depend on the order of the IDs', () => {
    fc.assert(
      fc.property(
        IDS.chain((ids) => fc.tuple(fc.constant(ids), fc.shuffledSubarray(ids, { minLength: ids.length }))),
        ([ids, shuffled]) => {
          expect(digestOf(shuffled)).toBe(digestOf(ids));
        },
      ),
    );
  });

  it('is another one where an ID is missing, or another takes its place', () => {
    fc.assert(
      fc.property(IDS, fc.nat(), (ids, number) => {
        const index = number % ids.length;
        const fewer = ids.toSpliced(index, 1);
        expect(digestOf(fewer)).not.toBe(digestOf(ids));
        expect(digestOf([...fewer, `${ids.join('')}!`])).not.toBe(digestOf(ids));
      }),
    );
  });

  it('is another one for another account or API root, but not for another spelling of the account', () => {
    const digest = digestOf(['a', 'b']);
    expect(digestOf(['a', 'b'], { ...OWNER, accountId: `f${OWNER.accountId.slice(1)}` })).not.toBe(digest);
    expect(digestOf(['a', 'b'], { ...OWNER, baseUrl: 'http://127.0.0.1:1' })).not.toBe(digest);
    expect(digestOf(['a', 'b'], { ...OWNER, accountId: OWNER.accountId.toUpperCase() })).toBe(digest);
  });

  it('counts what was added', () => {
    const set = new SetDigest();
    expect(set.count).toBe(0);
    set.add('a');
    set.add('b');
    expect(set.count).toBe(2);
  });
});
