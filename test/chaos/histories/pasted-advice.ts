import { spawnSync } from 'node:child_process';

/** A command in a text for people ends with its line, or where the text goes on behind two spaces. */
const ADVISED = /images-purge (?:delete|plan|resume|report|status) .+?(?= {2,}|$)/gm;

/** The arguments of every command that a text advises, as a shell reads them. Those with a placeholder for a file are left out. */
export function adviceIn(stderr: string): readonly (readonly string[])[] {
  const commands = stderr.split('\n').flatMap((line) => textOf(line).match(ADVISED) ?? []);
  return commands.filter((command) => !/\bFILE\b/.test(command)).map((command) => wordsOf(command).slice(1));
}

/** A line of the log as a terminal shows it: its text. */
function textOf(line: string): string {
  if (!line.startsWith('{')) return line;
  const { msg, message } = JSON.parse(line) as { readonly msg?: string; readonly message?: string };
  return message ?? msg ?? '';
}

function wordsOf(command: string): string[] {
  // Plain words need no shell, and a shell takes milliseconds.
  if (/^[\w ./:=,@%+-]*$/.test(command)) return command.trim().split(' ');
  const { stdout } = spawnSync('bash', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
}
