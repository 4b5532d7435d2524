/**
 * `npm run container [-- --base IMAGE]`: builds the Dockerfile without a container daemon, runs what it made as a runtime would, and holds
 * what a container must do. Too long for CI: minutes at first, for the base; then 100 s of CPU, most of it `npm ci`.
 *
 * @module
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { baseImage } from './base.ts';
import { checkRuns } from './check-runs.ts';
import type { ImageConfig } from './container.ts';
import { buildah, KEPT, run, whyNot } from './programs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const IMAGE = 'localhost/images-purge';
const LAYERS_BYTES_MAX = 15_000_000;

/** Bytes of the layers over the base, unpacked. */
function bytesOverBase(): number {
  const folder = join(KEPT, 'pushed');
  rmSync(folder, { recursive: true, force: true });
  buildah('push', '--quiet', '--disable-compression', IMAGE, `dir:${folder}`);
  const { layers } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { layers: readonly { size: number }[] };
  rmSync(folder, { recursive: true });
  return layers.slice(1).reduce((sum, { size }) => sum + size, 0);
}

/** Writes the bill of materials beside the image, and holds that it names the packages that are in it, and no other. */
function writeSbom(root: string): number {
  // Of what is installed there: from the lock file npm leaves out what development needs as well, and beside `devDependencies` it
  // reports those as missing.
  const folder = join(KEPT, 'sbom');
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'app/node_modules'), join(folder, 'node_modules'), { recursive: true });
  const manifest = JSON.parse(readFileSync(join(root, 'app/package.json'), 'utf8')) as object;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, devDependencies: {} }));
  const text = run('npm', ['sbom', '--sbom-format', 'cyclonedx'], folder);
  writeFileSync(join(KEPT, 'images-purge.cdx.json'), text);
  const { components } = JSON.parse(text) as { components: readonly { name: string; version: string }[] };
  const told = components.map(({ name, version }) => `${name}@${version}`).toSorted();
  const lock = JSON.parse(readFileSync(join(root, 'app/node_modules/.package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { version: string }>>;
  };
  const installed = Object.entries(lock.packages).map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`);
  if (JSON.stringify(told) !== JSON.stringify(installed.toSorted()))
    throw new Error(`told ${told.join(' ')}\nin the image ${installed.join(' ')}`);
  return told.length;
}

const { values } = parseArgs({ options: { base: { type: 'string' } } });
const reason = whyNot();
if (reason === undefined) {
  mkdirSync(KEPT, { recursive: true });
  const base = values.base ?? baseImage();
  const pull = values.base === undefined ? '--pull=never' : '--pull';
  buildah('bud', '--isolation', 'chroot', pull, '--build-arg', `NODE_IMAGE=${base}`, '--tag', IMAGE, ROOT);
  const bytes = bytesOverBase();
  if (bytes > LAYERS_BYTES_MAX) throw new Error(`the layers over the base have ${bytes} bytes; at most ${LAYERS_BYTES_MAX}`);
  console.log(`ok: ${(bytes / 1e6).toFixed(1)} MB over the base`);

  const container = buildah('from', '--pull=never', IMAGE);
  try {
    const root = buildah('mount', container);
    console.log(`ok: ${writeSbom(root)} packages in ${join(KEPT, 'images-purge.cdx.json')}, and no other in the image`);
    const { OCIv1 } = JSON.parse(buildah('inspect', container)) as { OCIv1: { config: ImageConfig } };
    await checkRuns(OCIv1.config, root);
  } finally {
    buildah('rm', container);
  }
} else {
  console.log(`skipped: the container, because ${reason}`);
}
