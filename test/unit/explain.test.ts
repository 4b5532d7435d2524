import { describe, expect, it } from 'vitest';

import { parseCommandLine } from '../../src/cli/command-line.ts';
import type { StopReason } from '../../src/domain/disposition.ts';
import { EXIT } from '../../src/domain/errors.ts';
import { CODES, codeOf, ENTRY_GROUPS, entryOf } from '../../src/explain/explain.ts';
import { OPTIONS } from '../../src/options/option-table.ts';
import { SRC_MODULES } from '../support/src-modules.ts';

const ENTRIES = ENTRY_GROUPS.flatMap(({ entries }) => Object.entries(entries));
/** Everything in src but the entries themselves, without comments. */
const TEXTS = SRC_MODULES.filter(({ folder }) => folder !== 'explain').map(({ text }) => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/ .*/g, ''));

/** How errors and warnings are made where their code stands beside them. */
const MADE_WITH_CODE = /(?:usageError|storageError|guardError|fail|columnError|warn)\(\s*'([A-Z][A-Z_]*)'|\bcode: '([A-Z][A-Z_]*)'/g;
/** Other texts in capitals: variables, and codes of Node, SQLite and csv-parse. */
const NO_CODE = new RegExp(
  [
    /^(?:CLOUDFLARE_\w+|IMAGES_PURGE_\w+|HTTPS?_PROXY|NO_COLOR|JOB_COMPLETION_INDEX)$/,
    /^(?:ERR_\w+|UND_ERR_\w+|MODULE_NOT_FOUND|CSV_\w+|INVALID_OPENING_QUOTE)$/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

const STOP_REASONS: Readonly<Record<StopReason, true>> = { credentials: true, permission: true, account: true, address: true, proxy: true };

function codesInSrc(): ReadonlySet<string> {
  const beside = TEXTS.flatMap((text) => [...text.matchAll(MADE_WITH_CODE)].map(([, first, second]) => first ?? second ?? ''));
  // Those that are passed on, or chosen of several, stand alone.
  const alone = TEXTS.flatMap((text) => [...text.matchAll(/'([A-Z]+(?:_[A-Z]+)+)'/g)].map(([, code = '']) => code));
  const refused = Object.keys(STOP_REASONS).map((reason) => `REFUSED_${reason.toUpperCase()}`);
  return new Set([...beside, ...alone.filter((code) => !NO_CODE.test(code)), ...refused]);
}

describe('codes and their entries', () => {
  it('every code in src has an entry', () => {
    expect([...codesInSrc()].filter((code) => entryOf(code) === undefined)).toEqual([]);
  });

  it('every entry is of a code in src', () => {
    const codes = codesInSrc();
    expect(CODES.filter((code) => !codes.has(code))).toEqual([]);
  });

  it('no code has two entries', () => {
    expect(new Set(CODES).size).toBe(CODES.length);
  });

  it.each([
    ['usageError', EXIT.usage],
    ['storageError', EXIT.storage],
    ['guardError', EXIT.guard],
  ] as const)('what %s makes is said to be exit %i', (made, exit) => {
    const codes = TEXTS.flatMap((text) =>
      [...text.matchAll(new RegExp(`${made}\\(\\s*'([A-Z][A-Z_]*)'`, 'g'))].map(([, code = '']) => code),
    );
    expect(codes.length).toBeGreaterThan(5);
    expect(codes.filter((code) => entryOf(code)?.exits.includes(exit) !== true)).toEqual([]);
  });

  it('is found as it is shown, in small letters and with hyphens', () => {
    for (const text of ['ABSENT_RULE', 'absent-rule', ' Absent_Rule ']) expect(entryOf(codeOf(text))).toBe(entryOf('ABSENT_RULE'));
    expect(entryOf('toString')).toBeUndefined();
  });
});

describe('an entry', () => {
  it.each(ENTRIES)('%s says what, why and what to do', (_, { title, cause, steps }) => {
    expect(title).not.toMatch(/[.!]$/);
    expect(cause).toMatch(/[.…]$/);
    expect(steps.length).toBeGreaterThan(0);
  });

  /** Between backticks. */
  const quoted = ENTRIES.flatMap(([code, { cause, steps }]) =>
    [cause, ...steps].flatMap((text) => [...text.matchAll(/`([^`]+)`/g)].map(([, part = '']) => [code, part] as const)),
  );

  it('shows commands that are understood', () => {
    const commands = quoted.filter(([, text]) => text.startsWith('images-purge '));
    expect(commands.length).toBeGreaterThan(20);
    for (const [code, text] of commands) {
      const args = text.split(' ').slice(1);
      expect(() => parseCommandLine(args, { widthColumns: 80, heading: (line) => line }), `${code}: ${text}`).not.toThrow();
    }
  });

  it('names options that there are', () => {
    const named = ENTRIES.flatMap(([code, { title, cause, steps }]) =>
      [title, cause, ...steps].flatMap((text) =>
        [...text.matchAll(/(?<![\w-])--([a-z][a-z-]*[a-z])/g)].map(([, name = '']) => [code, name] as const),
      ),
    );
    const known = new Set(['help', ...OPTIONS.map(({ name }) => name)]);
    expect(named.filter(([, name]) => !known.has(name))).toEqual([]);
  });
});
