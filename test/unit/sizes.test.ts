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

/** Still to be divided or broken; nothing is added here. */
const LONG_FILES: readonly string[] = ['test/chaos/oracle.ts'];
const WIDE_FILES: readonly string[] = [
  'src/checkpoint/file/lock.ts',
  'src/pace/quota/throttle.ts',
  'src/report/summary-text.ts',
  'test/chaos/crash-here.ts',
  'test/chaos/kills.ts',
  'test/chaos/main.ts',
  'test/chaos/oracle.ts',
  'test/chaos/state-of.ts',
  'test/chaos/steps.ts',
  'test/e2e/safety/secrets.test.ts',
  'test/fuzz/targets/readers.ts',
  'test/integration/checkpoint/checkpoint.test.ts',
  'test/integration/checkpoint/migration.test.ts',
  'test/integration/ledger/ledger-report.test.ts',
  'test/integration/ledger/ledger.test.ts',
  'test/network/reach.test.ts',
  'test/simulation/quota.slow.test.ts',
  'test/soak/main.ts',
  'test/storage/files-in-the-way.test.ts',
  'test/storage/full-disk.test.ts',
  'test/storage/io-errors.slow.test.ts',
  'test/support/vitest/tell-skipped.ts',
  'test/unit/purge/decide.test.ts',
  'test/unit/report/report-line.test.ts',
];

/** The linter holds the length of functions (`max-lines-per-function` in .oxlintrc.json), and prettier most of the width. */
describe('what is read stays small', () => {
  test(`no file of the product or of shared code is longer than ${FILE_LINES_MAX} lines`, () => {
    const long = FILES.filter(({ path, lines }) => lines.length > FILE_LINES_MAX && !path.endsWith('.test.ts')).map(({ path }) => path);
    expect(long.filter((path) => !LONG_FILES.includes(path))).toEqual([]);
  });

  test(`no line is longer than ${LINE_COLUMNS_MAX} columns, strings and comments included`, () => {
    const wide = FILES.filter(({ lines }) => lines.some((line) => line.length > LINE_COLUMNS_MAX)).map(({ path }) => path);
    expect(wide.filter((path) => !WIDE_FILES.includes(path))).toEqual([]);
  });

  test(`no folder holds more than ${FOLDER_FILES_MAX} files at one level`, () => {
    const folders = Map.groupBy(FILES, ({ path }) => dirname(path));
    const full = [...folders].filter(([, files]) => files.length > FOLDER_FILES_MAX).map(([folder]) => folder);
    expect(full).toEqual([]);
  });
});
