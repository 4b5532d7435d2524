/**
 * `npm run build`: makes a few files of the sources in place of three hundred, which a command would otherwise find, read and link one
 * by one before it does anything: a sixth of what a short purge takes. Their types follow by `tsc`.
 *
 * @module
 */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');

await build({
  cwd: ROOT,
  input: {
    main: 'src/main.ts',
    index: 'src/index.ts',
    thread: 'src/ledger/thread.ts',
    // For tests: a command without a process of its own, and the ledger with the thread that is shipped.
    run: 'src/cli/run.ts',
    world: 'src/cli/world.ts',
    ledger: 'src/ledger/ledger.ts',
  },
  platform: 'node',
  // Dependencies are installed beside us, and found by their names.
  external: /^[^./]/,
  // All in one folder, so that the thread is found by the same path from whichever file the ledger became part of.
  output: { dir: DIST, cleanDir: true, format: 'esm', sourcemap: true, entryFileNames: '[name].js', chunkFileNames: 'chunk-[hash].js' },
});
chmodSync(join(DIST, 'main.js'), 0o755);

// What a report as a page has in it: its script with the library that draws the charts, and its style sheet.
await build({
  cwd: ROOT,
  input: { 'report-page': 'src/page/main.ts' },
  platform: 'browser',
  output: {
    dir: DIST,
    format: 'iife',
    minify: true,
    entryFileNames: '[name].js',
    // Its licence goes wherever it goes. A `banner` would be taken out again with all comments.
    postBanner: `/* The charts: uPlot, https://github.com/leeoniya/uPlot\n\n${textOf('node_modules/uplot/LICENSE')}*/`,
  },
});
const styles = ['node_modules/uplot/dist/uPlot.min.css', 'src/page/style.css'];
writeFileSync(join(DIST, 'report-page.css'), styles.map(textOf).join('\n'));

function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
