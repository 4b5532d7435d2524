import { Writable } from 'node:stream';

import { runCli } from '../../../src/cli/run.ts';
import { realWorld } from '../../../src/cli/world.ts';
import { TEST_ACCOUNT, TEST_TOKEN } from './cli.ts';
import type { Screen } from './screen.ts';

export interface Shown {
  readonly exitCode: number;
  readonly stdout: string;
}

/** Runs a command from source in this process, with a terminal as stdout and stderr. */
export async function runOnScreen(screen: Screen, args: readonly string[]): Promise<Shown> {
  let stdout = '';
  const exitCode = await runCli({
    ...realWorld(process),
    args,
    env: { CLOUDFLARE_API_TOKEN: TEST_TOKEN, CLOUDFLARE_ACCOUNT_ID: TEST_ACCOUNT, NO_COLOR: '1' },
    stdout: new Writable({ write: (chunk: Buffer, _, done) => ((stdout += chunk.toString()), done()) }),
    stderr: screen.stream,
    isStdoutTerminal: true,
    isStdoutPipe: false,
    isStderrTerminal: true,
    onSignal: () => undefined,
    onBug: () => undefined,
    afterMs: () => undefined,
    keepHeapSmall: () => undefined,
    growYoungGeneration: () => undefined,
    compileNoMore: () => undefined,
    exitNow: () => undefined,
  });
  return { exitCode, stdout };
}

/** Resolves once the text has been shown: lines of progress are drawn again within a fifth of a second. */
export async function untilOnScreen(screen: Screen, text: string): Promise<void> {
  while (!screen.written().includes(text)) await new Promise((resolve) => setImmediate(resolve));
}
