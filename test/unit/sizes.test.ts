import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILE_LINES_MAX = 250;
const LINE_COLUMNS_MAX = 140;
const FOLDER_FILES_MAX = 15;

interface Listed {
  readonly path: string;
  readonly lines: readonly string[];
}

const FILES: readonly Listed[] = ['src', 'test', 'bench', 'scripts'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({
      path: `${folder}/${name}`,
      lines: readFileSync(join(ROOT, folder, name), 'utf8')
        .trimEnd()
        .split('\n'),
    })),
);

/** The linter holds the length of functions (`max-lines-per-function` in .oxlintrc.json), and prettier most of the width. */
describe('what is read stays small', () => {
  test(`no file of the product or of shared code is longer than ${FILE_LINES_MAX} lines`, () => {
    const long = FILES.filter(({ path, lines }) => lines.length > FILE_LINES_MAX && !path.endsWith('.test.ts')).map(({ path }) => path);
    expect(long).toEqual([]);
  });

  test(`no line is longer than ${LINE_COLUMNS_MAX} columns, strings and comments included`, () => {
    const wide = FILES.filter(({ lines }) => lines.some((line) => line.length > LINE_COLUMNS_MAX)).map(({ path }) => path);
    expect(wide).toEqual([]);
  });

  test(`no folder holds more than ${FOLDER_FILES_MAX} files at one level`, () => {
    const folders = Map.groupBy(FILES, ({ path }) => dirname(path));
    const full = [...folders].filter(([, files]) => files.length > FOLDER_FILES_MAX).map(([folder]) => folder);
    expect(full).toEqual([]);
  });
});
