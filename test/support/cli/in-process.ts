import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import type { runCli as RunCli } from '../../../src/cli/run.ts';
import type { Clock } from '../../../src/domain/clock.ts';
import type { realWorld as RealWorld } from '../../../src/cli/world.ts';
import { type CliOptions, type CliResult, CLI_PATH, TEST_ACCOUNT, TEST_TOKEN } from './cli.ts';
import { Sink } from './cli-world.ts';
import { sentinelsIn, sentinelsInFolder } from './sentinels.ts';

/** What the built command consists of; for coverage its source, as in {@link CLI_PATH}. */
const EXTENSION = CLI_PATH.slice(-3);
/** The build has all its modules in one folder. */
const MODULES = join(CLI_PATH, EXTENSION === '.ts' ? '../cli' : '..');

/** Relative paths are the process's: a second run in another folder would move the first one there. */
let busyIn: string | undefined;

export interface InProcessOptions extends Required<Pick<CliOptions, 'cwd'>>, Pick<CliOptions, 'env' | 'input'> {
  /** Makes the run's clock of the real one, for a test that does not wait for what takes long. */
  readonly clock?: (real: Clock) => Clock;
}

/**
 * Runs the built command to its end inside this process: arguments and environment in, texts and exit code out. A process of its
 * own takes 0.3 s of a core before it does anything. Only tests of signals, pipes and of how a process ends need one.
 */
export async function runInProcess(
  args: readonly string[],
  { cwd, env = {}, input = '', clock = (real) => real }: InProcessOptions,
): Promise<CliResult> {
  const { runCli } = (await import(join(MODULES, `run${EXTENSION}`))) as { runCli: typeof RunCli };
  const { realWorld } = (await import(join(MODULES, `world${EXTENSION}`))) as { realWorld: typeof RealWorld };
  if (busyIn !== undefined) throw new Error(`a run in ${busyIn} has not ended: tests that overlap start processes`);
  const before = process.cwd();
  const [stdout, stderr] = [new Sink(), new Sink()];
  const timers: NodeJS.Timeout[] = [];
  let forcedExitCode: number | undefined;
  try {
    busyIn = cwd;
    process.chdir(cwd);
    const world = realWorld(process);
    const exitCode = await runCli({
      ...world,
      clock: clock(world.clock),
      args,
      env: { PATH: process.env['PATH'] ?? '', CLOUDFLARE_API_TOKEN: TEST_TOKEN, CLOUDFLARE_ACCOUNT_ID: TEST_ACCOUNT, ...env },
      cwd,
      stdin: () => Readable.from([Buffer.from(input)]),
      stdout,
      stderr,
      isStdoutTerminal: false,
      isStdoutPipe: false,
      isStderrTerminal: false,
      stdoutColumns: undefined,
      readTextFile: (path) => readFileSync(path, 'utf8'),
      openTerminal: () => undefined,
      onSignal: () => undefined,
      // Vitest fails a run in which something was thrown that nobody caught.
      onBug: () => undefined,
      afterMs: (ms, action) => void timers.push(setTimeout(action, ms).unref()),
      // It is the process of other tests, too.
      keepHeapSmall: () => undefined,
      growYoungGeneration: () => undefined,
      compileNoMore: () => undefined,
      exitNow: (code) => void (forcedExitCode = code),
    });
    if (forcedExitCode !== undefined) throw new Error(`the process would have been ended by force, with ${forcedExitCode}`);
    const leaks = [
      ...sentinelsIn(stdout.text, 'stdout'),
      ...sentinelsIn(stderr.text, 'stderr'),
      ...(cwd.startsWith(tmpdir()) ? sentinelsInFolder(cwd) : []),
    ];
    if (leaks.length > 0) throw new Error(leaks.join('\n'));
    return { exitCode, signal: null, stdout: stdout.text, stderr: stderr.text };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    process.chdir(before);
    busyIn = undefined;
  }
}
