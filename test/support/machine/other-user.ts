import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { CLI_PATH, type CliOptions, type CliResult, startProgram } from '../cli/cli.ts';

const NOBODY = 65_534;
const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
const isRoot = process.getuid?.() === 0;

/** Root is refused nothing, so its tests of permissions run as somebody else; that needs `setpriv` and a program he may read. */
export const CAN_BE_REFUSED: boolean =
  !isRoot || spawnSync('setpriv', [...AS_NOBODY, process.execPath, CLI_PATH, '--version']).status === 0;

/** Runs the built CLI as somebody whom permissions bind, and to whom everything in the folder belongs. */
export function runUnprivileged(folder: string, args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const given = { cwd: folder, ...options };
  if (!isRoot) return startProgram(process.execPath, [CLI_PATH, ...args], given).finished;
  for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) chownSync(path, NOBODY, NOBODY);
  return startProgram('setpriv', [...AS_NOBODY, process.execPath, CLI_PATH, ...args], given).finished;
}

/** The first process of a new PID namespace on a host of another name, as in a container; it dies with `unshare`. */
export const NAMESPACES: readonly string[] = ['--uts', '--ipc', '--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL'];

/** Whether namespaces of hosts' names and processes can be made here: as containers have them. */
export const CAN_UNSHARE: boolean = canUnshare();

function canUnshare(): boolean {
  try {
    execFileSync('unshare', [...NAMESPACES, 'true'], { stdio: 'pipe' });
    return true;
  } catch {
    return false; // Refused or missing: that is the answer.
  }
}
