import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from '../../support/fast-check.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newPathOf } from '../../../src/domain/new-file.ts';
import { isForeignReport, openReportFile, type ReportFile, rewriteReportFile, type WrittenState } from '../../../src/report/ndjson-file.ts';

let folder = '';
let count = 0;
const newPath = (): string => join(folder, `${++count}.ndjson`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'images-purge-report-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function opened(path: string, expected: WrittenState): ReportFile {
  const found = openReportFile(path, expected);
  if (found.kind !== 'opened') throw new Error(`the report is ${found.kind}`);
  return found.file;
}

function written(path: string, text: string): WrittenState {
  const file = rewriteReportFile(path, []);
  file.append(text);
  const state = file.state();
  file.close();
  return state;
}

describe('a new report', () => {
  it('is created with mode 0600 and holds what was appended', () => {
    const path = newPath();
    const file = rewriteReportFile(path, []);
    file.append('a\n');
    file.append('');
    file.append('é\n');
    file.sync();
    file.close();
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('a\né\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(file.state().offsetBytes).toBe(5);
  });

  it('may take an empty file’s place, and nothing else’s', () => {
    const missing = newPath();
    const empty = newPath();
    writeFileSync(empty, '');
    for (const path of [missing, empty]) expect(isForeignReport(path)).toBe(false);
    expect(existsSync(missing)).toBe(false);
    const foreign = newPath();
    writeFileSync(foreign, 'mine\n');
    const link = newPath();
    symlinkSync(foreign, link);
    const dangling = newPath();
    symlinkSync(join(folder, 'nowhere'), dangling);
    const directory = newPath();
    mkdirSync(directory);
    for (const path of [foreign, link, dangling, directory, '/dev/null']) expect(isForeignReport(path)).toBe(true);
    expect(() => isForeignReport(join(folder, 'no-such-folder', 'report'))).toThrow(
      expect.objectContaining({ code: 'REPORT_UNWRITABLE', exitCode: 5 }),
    );
  });

  it('that cannot be created says so with exit code 5', () => {
    const path = join(folder, 'no-such-folder', 'report');
    expect(() => rewriteReportFile(path, [])).toThrow(
      expect.objectContaining({
        code: 'REPORT_UNWRITABLE',
        exitCode: 5,
        message: `the report ${path} cannot be written (ENOENT: no such file or directory, open '${newPathOf(path)}').`,
        nextSteps: [
          'Every answer so far is in the checkpoint. Fix this (free space, permissions), then run the same command: the report catches up.',
        ],
        cause: expect.objectContaining({ code: 'ENOENT' }),
      }),
    );
  });
});

describe('a known report', () => {
  it('is resumed where it is just what was written', () => {
    const path = newPath();
    const file = opened(path, written(path, 'one\n'));
    file.append('two\n');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(openReportFile(path, file.state()).kind).toBe('opened');
  });

  it('must be written again where it is missing, or something else than a file', () => {
    const path = newPath();
    const state = written(path, 'one\n');
    rmSync(path);
    expect(openReportFile(path, state)).toEqual({ kind: 'rewrite-needed', why: 'missing' });
    mkdirSync(path);
    expect(openReportFile(path, state)).toEqual({ kind: 'rewrite-needed', why: 'missing' });
  });

  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 });
  const anywhere = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  it('cut at any byte is found to be shorter', () => {
    fc.assert(
      fc.property(text, anywhere, (text, where) => {
        const path = newPath();
        const state = written(path, text);
        truncateSync(path, Math.floor(where * state.offsetBytes));
        expect(openReportFile(path, state)).toEqual({ kind: 'rewrite-needed', why: 'shorter' });
      }),
    );
  });

  it('overwritten at any byte is found to be changed', () => {
    fc.assert(
      fc.property(text, anywhere, fc.integer({ min: 1, max: 255 }), (text, where, flip) => {
        const path = newPath();
        const state = written(path, text);
        const bytes = readFileSync(path);
        const position = Math.floor(where * bytes.length);
        bytes[position] = (bytes[position] ?? 0) ^ flip;
        writeFileSync(path, bytes);
        expect(openReportFile(path, state)).toEqual({ kind: 'rewrite-needed', why: 'changed' });
      }),
    );
  });

  it('appended to by anybody is cut back to what was written', () => {
    fc.assert(
      fc.property(text, text, (text, more) => {
        const path = newPath();
        const state = written(path, text);
        appendFileSync(path, more);
        const file = opened(path, state);
        file.append('next\n');
        file.close();
        expect(readFileSync(path, 'utf8')).toBe(`${Buffer.from(text).toString()}next\n`);
      }),
    );
  });

  it('of several megabytes is checked to its last byte', () => {
    const path = newPath();
    const state = written(path, 'x'.repeat(3 * 1024 * 1024 + 1));
    opened(path, state).close();
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = 0;
    writeFileSync(path, bytes);
    expect(openReportFile(path, state)).toMatchObject({ kind: 'rewrite-needed', why: 'changed' });
  });
});

describe('a report written again', () => {
  it('replaces what lay there in one step, goes on from there, and leaves nothing beside it', () => {
    const path = newPath();
    writeFileSync(path, 'old and longer than the new one\n', { mode: 0o644 });
    const file = rewriteReportFile(path, ['one\n', 'two\n']);
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    file.append('three\n');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(openReportFile(path, file.state()).kind).toBe('opened');
    const long = Array.from({ length: 40_000 }, (_, line) => `line ${line}\n`);
    rewriteReportFile(path, long).close();
    expect(readFileSync(path, 'utf8')).toBe(long.join(''));
    expect(readdirSync(folder).filter((name) => name.endsWith(newPathOf('')))).toEqual([]);
  });

  it('keeps the old one where the new one could not be completed', () => {
    const path = newPath();
    writeFileSync(path, 'old\n');
    const lines = function* (): Generator<string> {
      yield 'x'.repeat(1024 * 1024);
      throw new Error('the checkpoint is damaged');
    };
    expect(() => rewriteReportFile(path, lines())).toThrow('the checkpoint is damaged');
    expect(readFileSync(path, 'utf8')).toBe('old\n');
    expect(existsSync(newPathOf(path))).toBe(false);
  });

  it('is private and its own file whatever an earlier crash or anybody left under its passing name', () => {
    const path = newPath();
    const other = newPath();
    writeFileSync(other, 'mine\n');
    symlinkSync(other, newPathOf(path));
    rewriteReportFile(path, ['one\n']).close();
    expect(readFileSync(other, 'utf8')).toBe('mine\n');
    writeFileSync(newPathOf(path), 'half', { mode: 0o644 });
    chmodSync(newPathOf(path), 0o644);
    rewriteReportFile(path, ['two\n']).close();
    expect(readFileSync(path, 'utf8')).toBe('two\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe('the files that are open', () => {
  const openCount = (): number => readdirSync('/proc/self/fd').length;

  it.runIf(existsSync('/proc/self/fd'))('are closed whatever becomes of a report', () => {
    const path = newPath();
    const state = written(path, 'one\n');
    const before = openCount();
    for (let n = 0; n < 20; n++) {
      opened(path, state).close();
      expect(openReportFile(path, { ...state, offsetBytes: 5 }).kind).toBe('rewrite-needed');
      expect(openReportFile(path, { ...state, sha256: new Uint8Array(32) }).kind).toBe('rewrite-needed');
      const broken = function* (): Generator<string> {
        yield 'x';
        throw new Error('the checkpoint is damaged');
      };
      expect(() => rewriteReportFile(newPath(), broken())).toThrow('damaged');
      rewriteReportFile(newPath(), ['one\n']).close();
    }
    expect(openCount()).toBe(before);
  });
});

describe('a report that is being written', () => {
  it.each([
    ['nobody touched', () => undefined, true],
    ['somebody removed', (path: string) => rmSync(path), false],
    [
      'somebody replaced by another of the same length',
      (path: string) => {
        rmSync(path);
        writeFileSync(path, 'two\n');
      },
      false,
    ],
    ['somebody cut', (path: string) => truncateSync(path, 2), false],
    ['somebody added to', (path: string) => appendFileSync(path, 'mine\n'), false],
  ] as const)('which %s is known to be so', (_, touch, isInPlace) => {
    const path = newPath();
    const file = opened(path, written(path, 'one\n'));
    touch(path);
    expect(file.isInPlace()).toBe(isInPlace);
    file.append('three\n');
    expect(file.isInPlace()).toBe(isInPlace);
    file.close();
  });
});
