import { spawnSync } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is worth keeping between runs: the base, and what buildah stores. */
export const KEPT: string = join(tmpdir(), 'images-purge-container');

/** What must be there, each with the Debian package that brings it. */
const NEEDED: readonly (readonly [program: string, debianPackage: string])[] = [
  ['buildah', 'buildah'],
  ['debootstrap', 'debootstrap'],
  ['unshare', 'util-linux'],
  ['setpriv', 'util-linux'],
  ['tar', 'tar'],
  ['npm', 'npm'],
];

/** Why the image cannot be built and run on this machine, if it cannot. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can mount the built root';
  const missing = NEEDED.filter(([program]) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  if (missing.length > 0) return `missing here: apt-get install ${missing.map(([, debianPackage]) => debianPackage).join(' ')}`;
  return spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']).status === 0 ? undefined : 'no namespaces can be made here';
}

/** Runs a program to its end, what it says on stderr for all to see, and returns its stdout. */
export function run(program: string, args: readonly string[], cwd?: string): string {
  const { status, stdout, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout.slice(-4_000)}`);
  return stdout.trim();
}

/** `buildah` with a store of its own, which needs no daemon and no file system of a kind. */
export function buildah(...args: readonly string[]): string {
  const store = ['--storage-driver', 'vfs', '--root', join(KEPT, 'store'), '--runroot', join(KEPT, 'run')];
  return run('buildah', [...store, ...args]);
}

/** Files of this machine that let `npm ci` reach its registry from within the build. */
export const REGISTRY_FILES: readonly string[] = ['/etc/ssl/certs/ca-certificates.crt', join(homedir(), '.npmrc'), '/usr/etc/npmrc'];
