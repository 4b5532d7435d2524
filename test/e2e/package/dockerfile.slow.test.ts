import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

it('the build of the image has all the files it needs: `npm run container`, which takes a minute, is not run by CI', () => {
  const [stage = ''] = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').split(/^FROM .* AS dependencies$/m);
  const copied = Array.from(stage.matchAll(/^COPY (.+) (\S+)$/gm), ([, sources = '']) => sources.split(' ')).flat();
  const sent = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  expect(copied.filter((path) => !sent.includes(`!${path}`))).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), 'images-purge-dockerfile-'));
  try {
    for (const path of copied) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const built = spawnSync(process.execPath, ['scripts/build.ts'], { cwd: folder, encoding: 'utf8' });
    expect(built.status, built.stderr).toBe(0);
    expect(existsSync(join(folder, 'dist/main.js'))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
