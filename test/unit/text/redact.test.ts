import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createRedact } from '../../../src/text/redact.ts';

const redact = (text: string, ...secrets: string[]): string => createRedact(new Set(secrets))(text);

describe('secrets', () => {
  it('are taken out wherever they stand, in either case', () => {
    expect(redact('a t0ken-123 b T0KEN-123', 't0ken-123')).toBe('a [redacted] b [redacted]');
    expect(redact('at0ken-12b', 't0ken-12')).toBe('a[redacted]b');
  });

  it('that begin with one another leave nothing of the longer one, in whatever order they are given', () => {
    expect(redact('token-1-2', 'token-1-2', 'token-1-')).toBe('[redacted]');
    expect(redact('token-1-2', 'token-1-', 'token-1-2')).toBe('[redacted]');
  });

  it('are found as JSON spells them', () => {
    expect(redact(JSON.stringify({ text: 'tok"en\\42' }), 'tok"en\\42')).toBe('{"text":"[redacted]"}');
  });

  it('are no patterns', () => {
    expect(redact('a.c*e+g? abcdefgh', 'a.c*e+g?')).toBe('[redacted] abcdefgh');
    expect(redact('(a|b)[c] $^{1}', '(a|b)[c]', ' $^{1}-x')).toBe('[redacted] $^{1}');
  });

  it('are not looked for inside of the mark that another left', () => {
    expect(redact('a t0ken-123 redacted', 't0ken-123', 'redacted')).toBe('a [redacted] [redacted]');
  });

  it('of four to seven characters are whole words that hold a letter and something else', () => {
    expect(redact('user me@x.io, or "ME@X.IO".', 'me@x.io')).toBe('user [redacted], or "[redacted]".');
    expect(redact('s3cret as-s3cret s3crets', 's3cret')).toBe('[redacted] as-s3cret s3crets');
    expect(redact('{"a":"p\\"w1"}', 'p"w1')).toBe('{"a":"[redacted]"}');
  });

  it('of fewer characters, short words and short numbers are not looked for, and without any a text stays as it is', () => {
    expect(redact('success 1234567 token p4s', '1234567', 'token', 'p4s', '', 's')).toBe('success 1234567 token p4s');
    expect(redact('success')).toBe('success');
  });

  it('leave what we suggest as it is where a user is called like the tool', () => {
    expect(redact('images-purge resume c (t0ken-123)', 'images-purge', 't0ken-123')).toBe('images-purge resume c ([redacted])');
  });

  it('that a run comes to hold later are taken out from then on', () => {
    const secrets = new Set<string>();
    const late = createRedact(secrets);
    expect(late('batch-token')).toBe('batch-token');
    secrets.add('batch-token');
    expect(late('batch-token')).toBe('[redacted]');
  });

  it('of any form are gone from any text around them', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, unit: 'grapheme' }),
        fc.string(),
        fc.string(),
        (secret, before, after) => !redact(`${before}${secret}${after}`, secret).replaceAll('[redacted]', '').includes(secret),
      ),
    );
  });
});
