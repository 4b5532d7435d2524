import { describe, expect, it } from 'vitest';

import { rawOf } from '../../../src/domain/record.ts';

describe('what is kept of a rejected row', () => {
  it.each([0, 1, 999, 1_000])('is all of it at %i characters', (length) => expect(rawOf('x'.repeat(length))).toBe('x'.repeat(length)));

  it('is the first 1,000 characters of a longer one, and a sign that there was more', () =>
    expect(rawOf('x'.repeat(1_001))).toBe(`${'x'.repeat(1_000)}…`));

  it('holds no half of a pair, whether the row had it or the cut made it', () => {
    expect(rawOf('a\uD800b')).toBe('a\uFFFDb');
    expect(rawOf(`${'x'.repeat(999)}👩`)).toBe(`${'x'.repeat(999)}\uFFFD…`);
  });
});
