import { closeSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ReadStream } from 'node:tty';

import type { Clock } from '../domain/clock.ts';
import type { Env } from '../options/option-values.ts';
import { TIMER_MS_MAX } from '../options/parse/duration.ts';

export type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** A terminal a person types on, open for reading. */
export interface TerminalInput {
  readonly input: NodeJS.ReadableStream;
  close(): void;
}

/** Everything outside the program that the command line touches; tests hand in their own. */
export interface World {
  /** What follows the program's name. */
  readonly args: readonly string[];
  readonly env: Env;
  readonly cwd: string;
  /** Called only where `-` is a source: opening stdin can keep a process from ending. */
  readonly stdin: () => NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly isStdoutTerminal: boolean;
  readonly isStderrTerminal: boolean;
  /** Columns of the terminal that stdout is; `undefined` where it is none. */
  readonly stdoutColumns: number | undefined;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly readTextFile: (path: string) => string;
  /** `undefined` where it leads to a device. */
  readonly realPath: (path: string) => string | undefined;
  /** The controlling terminal; `undefined` where there is none. */
  readonly openTerminal: () => TerminalInput | undefined;
  readonly onSignal: (name: SignalName, listener: () => void) => void;
  /** What nobody has caught: without a listener Node would show it with all it holds, and exit 1 as if some IDs had failed. */
  readonly onBug: (listener: (error: unknown) => void) => void;
  /** Runs `action` after `ms` unless the process has ended by then; does not keep it from ending. */
  readonly afterMs: (ms: number, action: () => void) => void;
  /** Ends the process here and now. Only for a second signal, for a shutdown that hangs, and for what nobody has caught. */
  readonly exitNow: (exitCode: number) => void;
}

/** The world as it is. */
export function realWorld(process: NodeJS.Process): World {
  return {
    args: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdin: () => process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    isStdoutTerminal: process.stdout.isTTY,
    isStderrTerminal: process.stderr.isTTY,
    stdoutColumns: process.stdout.isTTY ? process.stdout.columns : undefined,
    clock: realClock(),
    random: Math.random,
    readTextFile: (path) => readFileSync(path, 'utf8'),
    realPath,
    openTerminal,
    onSignal: (name, listener) => {
      process.on(name, listener);
    },
    onBug: (listener) => {
      process.on('uncaughtException', listener);
    },
    afterMs: (ms, action) => {
      setTimeout(action, ms).unref();
    },
    exitNow: (exitCode) => process.exit(exitCode),
  };
}

/** Monotonic and wall time, and sleep that an abort ends early. */
export function realClock(): Clock {
  return {
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
    boot,
    async sleep(ms, signal) {
      // A longer timer would fire at once, so long sleeps are taken in parts.
      for (let leftMs = ms; leftMs > 0; leftMs -= TIMER_MS_MAX) {
        await sleepOnce(Math.min(leftMs, TIMER_MS_MAX), signal);
        if (signal?.aborted === true) return;
      }
    },
  };
}

/** Linux names each boot; elsewhere only the wall clock tells one run's times to the next. */
function boot(): ReturnType<Clock['boot']> {
  try {
    return { id: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), uptimeMs: Math.round(uptime() * 1000) };
  } catch (error) {
    if (isErrno(error)) return undefined;
    throw error;
  }
}

async function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    // The only way a delay fails is by its signal, and that is a way of ending, not an error.
    if (signal?.aborted !== true) throw error;
  }
}

/** Ordinary files may lie under `/dev`, too: those of `/dev/shm`. */
function realPath(path: string): string | undefined {
  const real = withoutLinks(path);
  return real.startsWith('/dev/') && statSync(real, { throwIfNoEntry: false })?.isFile() === false ? undefined : real;
}

/** What does not exist yet is taken beside what its folder leads to. */
function withoutLinks(path: string): string {
  const absolute = resolve(path);
  for (const [existing, rest] of [
    [absolute, ''],
    [dirname(absolute), basename(absolute)],
  ] as const) {
    try {
      return join(realpathSync(existing), rest);
    } catch (error) {
      if (!isErrno(error)) throw error;
    }
  }
  return absolute;
}

/** `/dev/tty` rather than stdin: that one may be the list. */
function openTerminal(): TerminalInput | undefined {
  let fd: number;
  try {
    fd = openSync('/dev/tty', 'r');
  } catch (error) {
    if (isErrno(error)) return undefined;
    throw error;
  }
  try {
    // Reading it as a file would block a thread that nothing can wake, and the process could not end.
    const input = new ReadStream(fd);
    return { input, close: () => input.destroy() };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function isErrno(error: unknown): boolean {
  return error instanceof Error && 'errno' in error;
}
