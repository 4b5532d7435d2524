import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { shellWord } from '../../../src/text/shell-word.ts';
import { CLI_PATH, type CliOptions, type CliResult, startProgram } from './cli.ts';

/** The commands that a run suggests, each to the end of its line, as a person copies it. */
export function suggestedCommands({ stdout, stderr }: Pick<CliResult, 'stdout' | 'stderr'>): string[] {
  // Lines of the log are not for pasting.
  const lines = (stderr + stdout).split('\n').filter((line) => !line.startsWith('{'));
  return lines.flatMap((line) => /: +(images-purge (?:delete|plan|resume|status|report) .*)$/.exec(line)?.[1] ?? []);
}

/** The suggested command that stands behind these words. */
export function suggestedAfter(words: string, result: Pick<CliResult, 'stdout' | 'stderr'>): string {
  const line = (result.stderr + result.stdout).split('\n').find((one) => !one.startsWith('{') && one.includes(`${words} `));
  const [command] = suggestedCommands({ stdout: '', stderr: line ?? '' });
  if (command === undefined) throw new Error(`no command after "${words}" in:\n${result.stderr}${result.stdout}`);
  return command;
}

/** As another shell may be set up: what a command leaves out is not made good by its environment, but led astray. */
const ELSEWHERE = { CLOUDFLARE_ACCOUNT_ID: 'f'.repeat(32), CLOUDFLARE_BASE_URL: 'http://127.0.0.1:1/client/v4' };

/** Makes the built command `images-purge` of a folder that is on the PATH. */
export function writeProgram(path: string): void {
  writeFileSync(path, `#!/bin/sh\nexec ${shellWord(process.execPath)} ${shellWord(CLI_PATH)} "$@"\n`);
  chmodSync(path, 0o755);
}

/** Runs a command as it was printed, in a shell of its own, in another folder and another environment. */
export async function pasted(command: string, options: Pick<CliOptions, 'env' | 'input'> = {}): Promise<CliResult> {
  const folder = mkdtempSync(join(tmpdir(), 'images-purge-pasted-'));
  const program = join(folder, 'images-purge');
  try {
    writeProgram(program);
    const path = `${folder}:${process.env['PATH'] ?? ''}`;
    const cwd = mkdtempSync(join(folder, 'elsewhere-'));
    return await startProgram('bash', ['-c', command], { cwd, input: options.input, env: { ...ELSEWHERE, PATH: path, ...options.env } })
      .finished;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
