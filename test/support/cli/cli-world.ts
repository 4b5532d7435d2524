import { PassThrough, Writable } from 'node:stream';

import type { SignalName, TerminalInput, World } from '../../../src/cli/world.ts';

export const ACCOUNT = '0123456789abcdef0123456789abcdef';
export const TOKEN = 'test-token-AbCdEf0123456789';

/** A stream that remembers what was written; it can be closed like a pipe whose reader has gone, fill up like a disk, or never be read. */
export class Sink extends Writable {
  text = '';
  #refusal: Error | undefined;
  #isStuck = false;

  closeReader(): void {
    this.#refusal = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  }

  fill(): void {
    this.#refusal = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  }

  readNoMore(): void {
    this.#isStuck = true;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.#refusal !== undefined) return done(this.#refusal);
    this.text += chunk.toString('utf8');
    if (!this.#isStuck) done();
  }
}

export interface TestWorld extends World {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Delivers a signal to its listeners. */
  readonly signal: (name: SignalName) => void;
  /** Throws where nobody catches it. */
  readonly bug: (error: unknown) => void;
  readonly exits: readonly number[];
  /** What was asked to happen later, unless the process has ended by then. */
  readonly later: readonly { readonly ms: number; readonly action: () => void }[];
  /** What the person will have typed on the terminal. */
  readonly terminal: PassThrough;
  readonly openedTerminals: () => number;
}

export interface TestWorldOptions {
  readonly env?: Record<string, string>;
  readonly isTerminal?: boolean;
  readonly hasTerminal?: boolean;
  readonly files?: Readonly<Record<string, string>>;
  readonly stdoutColumns?: number;
  readonly parents?: () => string;
}

/** A world without a process: arguments in, texts and exit codes out. */
export function testWorld(args: readonly string[], options: TestWorldOptions = {}): TestWorld {
  const listeners = new Map<SignalName, () => void>();
  const exits: number[] = [];
  const bugListeners: ((error: unknown) => void)[] = [];
  const later: { ms: number; action: () => void }[] = [];
  const terminal = new PassThrough();
  let openedCount = 0;
  return {
    args,
    env: { CLOUDFLARE_ACCOUNT_ID: ACCOUNT, CLOUDFLARE_API_TOKEN: TOKEN, ...options.env },
    cwd: '/work',
    stdin: () => new PassThrough(),
    stdout: new Sink(),
    stderr: new Sink(),
    isStdoutTerminal: options.isTerminal ?? false,
    isStdoutPipe: false,
    isStderrTerminal: options.isTerminal ?? false,
    stdoutColumns: options.stdoutColumns,
    clock: { monotonicMs: () => 0, wallMs: () => Date.UTC(2026, 10, 24, 2), boot: () => undefined, sleep: () => Promise.resolve() },
    random: () => 0.5,
    readTextFile: (path) => {
      const text = options.files?.[path];
      if (text === undefined) throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
      return text;
    },
    realPath: (path) => path,
    openTerminal: (): TerminalInput | undefined => {
      if (options.hasTerminal !== true) return undefined;
      openedCount++;
      return { input: terminal, close: () => undefined };
    },
    onSignal: (name, listener) => {
      listeners.set(name, listener);
    },
    onBug: (listener) => {
      bugListeners.push(listener);
    },
    bug: (error) => bugListeners.forEach((listener) => listener(error)),
    afterMs: (ms, action) => {
      later.push({ ms, action });
    },
    everyMs: (ms, action) => {
      later.push({ ms, action });
    },
    parents: () => options.parents?.() ?? '1',
    keepHeapSmall: () => undefined,
    growYoungGeneration: () => undefined,
    compileNoMore: () => undefined,
    runShell: () => Promise.reject(new Error('no test in here runs a shell')),
    exitNow: (exitCode) => {
      exits.push(exitCode);
    },
    signal: (name) => listeners.get(name)?.(),
    exits,
    later,
    terminal,
    openedTerminals: () => openedCount,
  };
}
