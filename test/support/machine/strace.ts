import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';

import { type CliOptions, type CliResult, startProgram } from '../cli/cli.ts';

/** Whether system calls can be made to fail here; a container may forbid tracing though the program is there. */
export const CAN_INJECT: boolean = spawnSync('strace', ['-qq', '-o', '/dev/null', '-e', 'inject=fsync:error=EIO', 'true']).status === 0;

export type SystemCall = 'write' | 'pwrite64' | 'fsync' | 'fdatasync' | 'openat' | 'ftruncate' | 'rename' | 'read';

export interface Injection {
  readonly call: SystemCall;
  readonly error: 'EIO' | 'ENOSPC';
  /** The N-th call of each thread, from 1, of those that touch `paths`. */
  readonly when: number;
  /** Absolute; calls that touch anything else (modules, sockets, pipes) are let through and not counted. */
  readonly paths: readonly string[];
}

export interface InjectedRun extends CliResult {
  /** The calls that were made to fail; none where there was no N-th call. */
  readonly injected: readonly string[];
}

/** Runs the built CLI with its N-th call of one kind failing. */
export async function runInjected(
  args: readonly string[],
  injection: Injection,
  tracePath: string,
  options: CliOptions,
): Promise<InjectedRun> {
  const { call, error, when, paths } = injection;
  const trace = [
    '-f',
    '--seccomp-bpf',
    '-qq',
    '-y',
    '-o',
    tracePath,
    ...paths.flatMap((path) => ['-P', path]),
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:error=${error}:when=${when}`,
  ];
  const result = await startProgram('strace', [...trace, process.execPath, ...args], options).finished;
  const lines = existsSync(tracePath) ? readFileSync(tracePath, 'utf8').split('\n') : [];
  rmSync(tracePath, { force: true });
  return { ...result, injected: lines.filter((line) => line.includes('(INJECTED)')) };
}

/** Runs the built CLI and gives back what it did on disk, in order, each call as strace shows it. */
export async function runTraced(
  args: readonly string[],
  calls: readonly string[],
  tracePath: string,
  options: CliOptions,
): Promise<CliResult & { readonly calls: readonly string[] }> {
  const result = await startProgram(
    'strace',
    ['-f', '--seccomp-bpf', '-qq', '-y', '-o', tracePath, '-e', `trace=${calls.join(',')}`, process.execPath, ...args],
    options,
  ).finished;
  const lines = readFileSync(tracePath, 'utf8').split('\n');
  rmSync(tracePath);
  return { ...result, calls: lines };
}
