import { describe, expect, it } from 'vitest';

import { createOutsideRedact, createRedact, redactTokens } from '../../../src/text/redact.ts';
import * as fc from '../../support/fast-check.ts';

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

  it('are found in base64 and base64url, wherever they stand in what was encoded', () => {
    const secret = 'cfut_~~~???>>>0123456789';
    fc.assert(
      fc.property(
        fc.string({ maxLength: 9 }),
        fc.string({ maxLength: 9 }),
        fc.constantFrom('base64', 'base64url'),
        (before, after, form) => {
          const encoded = Buffer.from(before + secret + after).toString(form);
          const shown = redact(`key ${encoded} end`, secret);
          expect(shown).toContain('[redacted]');
          const left = shown.slice('key '.length, -' end'.length).split('[redacted]');
          // What is left holds no whole byte of the secret.
          expect(left).toHaveLength(2);
          const [first = '', last = ''] = left.map((part) => Buffer.from(part, form).toString('latin1'));
          expect(Buffer.from(before).toString('latin1')).toBe(first.slice(0, Buffer.from(before).length));
          expect(last).not.toContain(secret.slice(-2));
          expect((left[0] ?? '').length).toBeLessThanOrEqual(Math.ceil((Buffer.from(before).length * 4) / 3));
        },
      ),
    );
    expect(
      redact(`Basic ${Buffer.from('me@example.com:0123456789abcdef').toString('base64')}`, 'me@example.com', '0123456789abcdef'),
    ).toMatch(/^Basic \[redacted\].{0,2}\[redacted\].?=*$/);
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

describe('what is spelled like a token', () => {
  const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

  it.each([
    'cfk_0123456789abcdef',
    'cfut_Ab-12_xyz',
    'cfat_AAAA',
    JWT,
    `${JWT}.abc.def`,
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.',
    'eyJhbGciOiJkaXIifQ..iv.text.tag',
  ])('%s is taken out wherever it stands', (token) => {
    for (const [before, after] of [
      ['', ''],
      ['Bearer ', ' is not known'],
      ['"', '"'],
      ['token%3D', '%26x'],
      ['\\n', '\\n'],
      ['(', ')'],
    ] as const)
      expect(redactTokens(`${before}${token}${after}`)).toBe(`${before}[redacted]${after}`);
  });

  it.each([
    'tokens begin with cfut_ or cfat_, keys with cfk_.',
    'cfut_abc',
    'CFUT_0123456789',
    'eyJ is how JSON begins in base64. It is no token.',
    'eyJhbGciOiJIUzI1NiJ9.one',
    'keyjohn.example.com',
  ])('"%s" stays as it is', (text) => expect(redactTokens(text)).toBe(text));

  it('is taken out of texts from outside with the known secrets, and stays in texts of our own, where it may be an image', () => {
    const secrets = new Set(['t0ken-123']);
    expect(createOutsideRedact(secrets)(`a t0ken-123 b ${JWT} c cfk_0123456789`)).toBe('a [redacted] b [redacted] c [redacted]');
    expect(createRedact(secrets)(`a t0ken-123 b ${JWT} c cfk_0123456789`)).toBe(`a [redacted] b ${JWT} c cfk_0123456789`);
  });

  it.each([
    ['eyJ'.repeat(2e5), 'eyJ'.repeat(2e5)],
    [`eyJa.${'eyJ'.repeat(2e5)}`, `eyJa.${'eyJ'.repeat(2e5)}`],
    [`${'eyJa'.repeat(2e5)}.b.c`, `${'eyJa'.repeat(2e5 - 1)}[redacted]`],
    ['cfk_cfut_'.repeat(2e5), '[redacted]'],
  ])(
    'is found in a long text of nothing but beginnings, which would outlast any time limit if each were read to the end',
    (text, shown) => {
      expect(redactTokens(text) === shown).toBe(true);
    },
  );
});
