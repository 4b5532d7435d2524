import { describe, expect, it } from 'vitest';

import { escapeForTerminal, escapeInCsv, escapeInJson } from '../../../src/text/escape.ts';

describe('text from outside', () => {
  it.each([
    ['\u001B[2J', '\\u{1b}[2J'],
    ['a\r\nb\tc', 'a\\u{d}\\u{a}b\\u{9}c'],
    ['\u009b31m', '\\u{9b}31m'],
    ['abc\u202Egnp', 'abc\\u{202e}gnp'],
    ['\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['\uFEFFx\u200D', '\\u{feff}x\\u{200d}'],
    ['\uD800', '\\u{d800}'],
    ['\u{E0001}', '\\u{e0001}'],
  ])('%j is shown as %s', (text, shown) => expect(escapeForTerminal(text)).toBe(shown));

  it.each(['', 'plain', 'é', 'e\u0301', '日本', '👩', 'a b', '\\u{1b}'])('%j is shown as it is', (text) =>
    expect(escapeForTerminal(text)).toBe(text),
  );
});

describe('a report on a terminal', () => {
  it('as NDJSON keeps its line ends, and escapes the rest so that a parser reads back what it was', () => {
    const ids = ['\u001B[2J', '\u202Egnp', '\u{E0001}', 'é 日本 👩', 'a\u0085b'];
    const lines = ids.map((id) => `${JSON.stringify({ id })}\n`).join('');
    const shown = escapeInJson(lines);
    expect(shown).toContain('{"id":"\\udb40\\udc01"}\n');
    expect(shown).toContain('{"id":"a\\u0085b"}\n');
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(
      shown
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual(ids.map((id) => ({ id })));
  });

  it('as CSV keeps its line ends, CRLF too', () => expect(escapeInCsv('a,\u001B[2J\r\nb,\u202E\n')).toBe('a,\\u{1b}[2J\r\nb,\\u{202e}\n'));
});
