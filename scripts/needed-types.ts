/**
 * Part of `npm run build`: of the types that `tsc` writes, one file for each of ours, keeps those that a program that imports
 * images-purge is led to. The others would be nine tenths of the package's files.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const RELATIVE_IMPORT = /(?:from |import\()['"](\.[^'"]+)\.ts['"]/g;

const needed = new Set<string>();

function need(path: string): void {
  if (needed.has(path)) return;
  needed.add(path);
  for (const [, imported = ''] of readFileSync(path, 'utf8').matchAll(RELATIVE_IMPORT)) need(join(dirname(path), `${imported}.d.ts`));
}

need(join(DIST, 'index.d.ts'));
for (const entry of readdirSync(DIST, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.name.endsWith('.d.ts') && !needed.has(path)) rmSync(path);
}
removeEmptyFolders(DIST);

function removeEmptyFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  }
  if (existsSync(folder) && readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}
