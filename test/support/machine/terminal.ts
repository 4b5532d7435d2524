import { existsSync } from 'node:fs';
import { execPath } from 'node:process';

import { shellWord } from '../../../src/text/shell-word.ts';
import { CLI_PATH, type CliOptions, type RunningCli, startProgram } from '../cli/cli.ts';

export const HAS_SCRIPT: boolean = existsSync('/usr/bin/script');

/** Runs the built command on a terminal of its own. All that it prints comes by its stdout. */
export function startOnTerminal(args: readonly string[], options: CliOptions): RunningCli {
  return startProgramOnTerminal([execPath, CLI_PATH, ...args], options);
}

/** Runs another program on a terminal, which util-linux's `script` makes. */
export function startProgramOnTerminal(words: readonly string[], options: CliOptions): RunningCli {
  const command = words.map(shellWord).join(' ');
  return startProgram('script', ['--quiet', '--return', '--command', `exec ${command}`, '/dev/null'], { ...options, keepsInputOpen: true });
}

/** Resolves when the terminal shows it. */
export async function untilShown({ child, finished }: RunningCli, pattern: RegExp): Promise<string> {
  let shown = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (text: string) => {
      shown += text;
      if (pattern.test(shown)) resolve(shown);
    });
    void finished.then(({ exitCode }) => reject(new Error(`it ended (${exitCode}) and has not shown ${pattern}:\n${shown}`)));
  });
}
