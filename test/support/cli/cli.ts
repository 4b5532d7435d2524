import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { sentinelsIn, sentinelsInFolder, sentinelsInProcess } from './sentinels.ts';

/** Where the children's coverage goes, set by `--coverage`. */
const COVERAGE_FOLDER = process.env['NODE_V8_COVERAGE'];

/** The built command, as users run it; for coverage its source, which Node runs with every line in its place. */
export const CLI_PATH: string = fileURLToPath(
  new URL(COVERAGE_FOLDER === undefined ? '../../../dist/main.js' : '../../../src/main.ts', import.meta.url),
);

export const TEST_ACCOUNT = '0123456789abcdef0123456789abcdef';
export const TEST_TOKEN = 'sentinel-token-5f1c2b7e9a';

export interface CliResult {
  /** `null` where a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcess;
  readonly finished: Promise<CliResult>;
  /** Resolves when stderr (so far) matches; rejects when the process ends before. */
  waitForStderr(pattern: RegExp): Promise<void>;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to stdin, which is then closed unless it is to stay open. */
  readonly input?: string | Uint8Array | undefined;
  readonly keepsInputOpen?: boolean;
  /** For Node itself, before the command's own. */
  readonly nodeArgs?: readonly string[];
}

/** Compiling the same program again is a sixth of what a short command takes. */
const COMPILE_CACHE = join(tmpdir(), 'images-purge-test-compile-cache');

/** Starts the built CLI with nothing of this process's environment but the PATH. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const env = COVERAGE_FOLDER === undefined ? { NODE_COMPILE_CACHE: COMPILE_CACHE, ...options.env } : { ...options.env };
  return startProgram(process.execPath, [...(options.nodeArgs ?? []), CLI_PATH, ...args], { ...options, env });
}

/** Starts the CLI by way of another program: as another user, in other namespaces, under a tracer. */
export function startProgram(program: string, args: readonly string[], options: CliOptions = {}): RunningCli {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      CLOUDFLARE_API_TOKEN: TEST_TOKEN,
      CLOUDFLARE_ACCOUNT_ID: TEST_ACCOUNT,
      ...(COVERAGE_FOLDER === undefined ? {} : { NODE_V8_COVERAGE: COVERAGE_FOLDER }),
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let leaks: string[] = [];
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (leaks.length === 0) leaks = sentinelsInProcess(child.pid);
    for (const watcher of watchers) watcher();
  });
  // A command that does not read its input may end before all of it is written.
  child.stdin.on('error', () => undefined);
  if (options.keepsInputOpen !== true) child.stdin.end(options.input ?? '');

  const finished = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      // What it leaves, too: a write-ahead log after a kill is gone again with the next command.
      leaks.push(
        ...sentinelsIn(stdout, 'stdout'),
        ...sentinelsIn(stderr, 'stderr'),
        ...(options.cwd?.startsWith(tmpdir()) === true ? sentinelsInFolder(options.cwd) : []),
      );
      if (leaks.length > 0) reject(new Error(leaks.join('\n')));
      else resolve({ exitCode, signal, stdout, stderr });
    });
  });
  return {
    child,
    finished,
    waitForStderr: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(stderr)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
        void finished.then(({ exitCode }) =>
          reject(new Error(`the process ended (${exitCode}) before stderr matched ${pattern}:\n${stderr}`)),
        );
      }),
  };
}

export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).finished;
}

/** Runs `work` in a new folder that is searched for secrets and removed afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'images-purge-test-'));
  try {
    const result = await work(folder);
    const leaks = sentinelsInFolder(folder);
    if (leaks.length > 0) throw new Error(leaks.join('\n'));
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
