import { describe, expect, it } from 'vitest';

import { escapeForTerminal } from '../../src/domain/escape.ts';

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

  it.each(['', 'plain', 'é', 'e\u0301', '日本', '👩', 'a b', '\\u{1b}'])('%j is shown as it is', (text) => expect(escapeForTerminal(text)).toBe(text));
});
