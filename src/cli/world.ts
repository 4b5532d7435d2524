import { closeSync, fstatSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ReadStream } from 'node:tty';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

import { storageError } from '../domain/errors.ts';

import type { Clock } from '../domain/clock.ts';
import type { Env } from '../options/env.ts';
import { realClock } from '../run/real-clock.ts';
import { type RunShell, shellRunner } from './shell-command.ts';

export type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** A terminal a person types on, open for reading. */
export interface TerminalInput {
  readonly input: NodeJS.ReadableStream;
  close(): void;
}

const SHELLS: readonly string[] = ['sh', 'dash', 'bash', 'ash', 'busybox', 'zsh'];

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
  /** Another program reads what is written. */
  readonly isStdoutPipe: boolean;
  /** Columns of the terminal that stdout is; `undefined` where it is none. */
  readonly stdoutColumns: number | undefined;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly readTextFile: (path: string) => string;
  /** What a name leads to, links followed. `undefined`: to a device, which takes what everyone writes; nothing of it can be destroyed. */
  readonly realPath: (path: string) => string | undefined;
  /** The controlling terminal; `undefined` where there is none. */
  readonly openTerminal: () => TerminalInput | undefined;
  readonly onSignal: (name: SignalName, listener: () => void) => void;
  /** An error that nothing has caught. Without a listener Node would print all it holds, and exit 1 as if some IDs had failed. */
  readonly onBug: (listener: (error: unknown) => void) => void;
  /** Runs `action` after `ms` unless the process has ended by then; does not keep it from ending. */
  readonly afterMs: (ms: number, action: () => void) => void;
  /** Runs `action` again and again; does not keep the process from ending. */
  readonly everyMs: (ms: number, action: () => void) => void;
  /** The process that has started this one, with the one before it where that is a shell; it is another text once one is gone. */
  readonly parents: () => string;
  /** The heap of the whole process grows less from now on, for more garbage collections. */
  readonly keepHeapSmall: () => void;
  /** The young generation grows to what many requests in flight need, and no further. */
  readonly growYoungGeneration: () => void;
  /** No more code of the whole process is compiled for speed. */
  readonly compileNoMore: () => void;
  /** Runs a command of the user's by the shell to its end. */
  readonly runShell: RunShell;
  /** Ends the process here and now. Only for a second signal, a shutdown that hangs, and an error that nothing has caught. */
  readonly exitNow: (exitCode: number) => void;
}

/** The folder may have been removed under a shell that still stands in it. */
function currentFolder(process: NodeJS.Process): string {
  try {
    return process.cwd();
  } catch (error) {
    throw storageError(
      'FOLDER_GONE',
      'the current folder is gone: it was removed or renamed',
      ['Change to a folder that is there: cd'],
      error,
    );
  }
}

/** The world as it is. */
export function realWorld(process: NodeJS.Process): World {
  return {
    args: process.argv.slice(2),
    env: process.env,
    get cwd() {
      return currentFolder(process);
    },
    stdin: () => process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    isStdoutTerminal: process.stdout.isTTY,
    isStderrTerminal: process.stderr.isTTY,
    isStdoutPipe: isPipe(STDOUT_FD),
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
    everyMs: (ms, action) => {
      setInterval(action, ms).unref();
    },
    parents: () => parentsOf(process.ppid),
    keepHeapSmall,
    growYoungGeneration,
    compileNoMore,
    runShell: shellRunner(process),
    exitNow: (exitCode) => process.exit(exitCode),
  };
}

/** Else the heap grows to 60 MB over pages of which each lives for a moment, and to 140 MB over a file with millions of IDs. */
function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
}

const YOUNG_BYTES = 8 * 1024 * 1024;
const YOUNG_LOOK_MS = 20;

/**
 * With 4 MiB, to which `main.ts` keeps it, what is in flight is still in use at most collections, is copied, and becomes garbage of the
 * old generation. With 8 MiB a purge takes 4 % less CPU time; with 16 it would be 9 %, and 30 MB more. Left alone, it grows to 100 MB.
 */
function growYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
  const look = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    // Each half of it counts.
    if (young !== undefined && young.space_size < 2 * YOUNG_BYTES) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(look);
  }, YOUNG_LOOK_MS);
  look.unref();
}

/**
 * Together they list a million images in 120 MiB instead of 200, for a third more CPU time: a page takes 20 ms where the pace allows one
 * each 300 ms.
 */
function compileNoMore(): void {
  setFlagsFromString('--no-opt');
}

/** npm runs commands through `sh -c`, which may wait for them or become them. Only Linux tells of another process's parent. */
function parentsOf(parentPid: number): string {
  try {
    const [, name = '', grandparent = ''] = /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${parentPid}/stat`, 'utf8')) ?? [];
    return SHELLS.includes(name) ? `${parentPid} ${grandparent}` : `${parentPid}`;
  } catch (error) {
    if (isErrno(error)) return `${parentPid}`;
    throw error;
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

const STDOUT_FD = 1;

/** Sockets too: what Node gives a child in the place of a pipe. */
function isPipe(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    return found.isFIFO() || found.isSocket();
  } catch (error) {
    if (isErrno(error)) return false; // It is closed.
    throw error;
  }
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
