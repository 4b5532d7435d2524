import { copyFileSync, cpSync, existsSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { buildah, KEPT, REGISTRY_FILES, run } from './programs.ts';

const BASE_IMAGE = 'localhost/images-purge-base';

/**
 * An image that stands in for `node:24-slim` where no image registry is reached: Debian by debootstrap, this Node, this machine's npm with
 * what it is set up with. Made once, which takes minutes, and kept.
 */
export function baseImage(): string {
  if (buildah('images', '--quiet', '--filter', `reference=${BASE_IMAGE}`) !== '') return BASE_IMAGE;
  const root = join(KEPT, 'base');
  // What an interrupted run left may have /proc mounted in it: it is used again, or stays, and is never removed as a whole.
  if (!existsSync(join(root, 'usr/bin/env')))
    run('debootstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', root, 'http://deb.debian.org/debian']);
  copyFileSync(process.execPath, join(root, 'usr/bin/node'));
  const npm = realpathSync(run('sh', ['-c', 'command -v npm']));
  cpSync(dirname(dirname(npm)), join(root, 'usr/lib/node_modules/npm'), { recursive: true });
  rmSync(join(root, 'usr/bin/npm'), { force: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/bin/npm'));
  for (const file of REGISTRY_FILES.filter((path) => existsSync(path))) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    copyFileSync(file, join(root, file));
  }
  const container = buildah('from', 'scratch');
  const archive = join(KEPT, 'base.tar');
  run('tar', ['--one-file-system', '--exclude=./var/cache/apt/archives/*.deb', '-C', root, '-cf', archive, '.']);
  buildah('add', '--quiet', container, archive, '/');
  buildah('commit', '--quiet', '--rm', container, BASE_IMAGE);
  rmSync(archive);
  return BASE_IMAGE;
}
