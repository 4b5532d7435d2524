import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the image says of how it is run. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly WorkingDir: string;
  readonly StopSignal: string;
  readonly Volumes: Readonly<Record<string, unknown>>;
}

export interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

export interface RunningContainer {
  readonly ended: Promise<Ended>;
  /** The process of the entry point, as this machine numbers it; it is number 1 in its namespace. */
  pid(): number;
  child: ChildProcess;
}

/**
 * What a container runtime does, in a shell: a read-only root, what is mounted into it, a process namespace of its own, the image's user
 * without a way to more rights. `docker run` and `podman run` need what a build machine may not allow.
 */
const START = `set -e
mount --bind "$ROOT" "$ROOT"
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount -t tmpfs tmpfs "$ROOT/tmp"
mount --bind "$STATE" "$ROOT/data"
mount --bind "$LISTS" "$ROOT/in" && mount -o remount,bind,ro "$ROOT/in"
mount -o remount,bind,ro "$ROOT"
exec setpriv --no-new-privs chroot --userspec="$IMAGE_USER" "$ROOT" /usr/bin/env -i -C "$IMAGE_FOLDER" "$@"`;

/** Folders of this machine: the root that was built, what is mounted on /data and on /in. */
export interface Places {
  readonly root: string;
  readonly state: string;
  readonly lists: string;
}

export function startContainer(
  config: ImageConfig,
  places: Places,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningContainer {
  mkdirSync(join(places.root, 'in'), { recursive: true });
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const child = spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', START, 'sh', ...config.Env, ...variables, ...config.Entrypoint, ...args],
    {
      env: {
        PATH: process.env['PATH'],
        ROOT: places.root,
        STATE: places.state,
        LISTS: places.lists,
        IMAGE_USER: config.User,
        IMAGE_FOLDER: config.WorkingDir,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, output }));
  });
  return { child, ended, pid: () => Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()) };
}
