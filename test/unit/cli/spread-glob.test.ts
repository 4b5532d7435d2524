import { describe, expect, test } from 'vitest';

import { refuseSpreadGlob } from '../../../src/cli/input/spread-glob.ts';
import { refusal } from '../../support/cli/refusal.ts';

describe('a pattern behind --exclude that the shell has spread', () => {
  test.each([
    ['delete', 'old.csv', '--exclude', 'keep-a.txt', 'keep-b.txt'],
    ['delete', '--exclude', 'lists/keep-a.txt', './lists/keep-b.txt', 'old.csv'],
    ['delete', '--yes', '--exclude', '/lists/k1.txt.gz', '/lists/k2.txt.gz', '--json'],
    ['plan', '--exclude', 'keep-a', 'keep-b', 'old'],
    ['delete', '--exclude', 'x.txt', '--exclude', 'Keep1.CSV', 'keep2.csv'],
    ['delete', '--exclude', 'keep-a.txt', 'keep-b.txt', '--', 'old.csv'],
    ['delete', '--exclude-id', 'img-1.csv', 'img-2.csv'],
  ])('is refused: %s %s %s %s %s', (...args) => {
    expect(refusal(() => refuseSpreadGlob(args))).toMatchObject({ exitCode: 2, code: 'GLOB_SPREAD' });
  });

  test.each([
    ['the option and its file are joined', ['delete', '--exclude=keep-a.txt', 'keep-b.txt']],
    ['-- stands between', ['delete', '--exclude', 'keep-a.txt', '--', 'keep-b.txt']],
    ['another folder', ['delete', '--exclude', 'keep/a.txt', 'old/a.txt']],
    ['another ending', ['delete', '--exclude', 'images-keep.txt', 'images.csv']],
    ['another beginning', ['delete', '--exclude', 'keep.csv', 'old.csv']],
    ['an option follows', ['delete', 'old.csv', '--exclude', 'keep-a.txt', '--exclude', 'keep-b.txt']],
    ['a pattern that the shell has left as it was', ['delete', '--exclude-id', 'img-*.csv', 'img-2.csv']],
    ['a pattern of IDs before a source', ['delete', '--exclude-id', 'brand-1', 'ids.csv']],
    ['standard input', ['delete', '--exclude', 'keep-a', '-']],
    ['what stands behind -- is no option', ['delete', '--', '--exclude', 'keep-a.txt', 'keep-b.txt']],
  ])('is not seen where there is none: %s', (_, args) => {
    expect(() => refuseSpreadGlob(args)).not.toThrow();
  });
});
