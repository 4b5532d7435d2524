import { escapeForTerminal } from '../../text/escape.ts';
import type { UserError } from '../../domain/errors.ts';
import type { TextStyle } from './style.ts';

const INDENT = '       ';
/** Where the exit code stands, where the last line leaves room for it. */
const EXIT_COLUMN = 90;

/** `error: what and where`, its next steps below, the exit code, and where to read more. */
export function errorText(error: UserError, style: TextStyle): string {
  const lines = [
    `error: ${sentence(escapeForTerminal(error.message))}`,
    ...error.nextSteps.map((step) => INDENT + escapeForTerminal(step)),
  ];
  const last = lines.pop() ?? '';
  const ending = `exit ${error.exitCode}`;
  // Behind a command it would be pasted with it.
  const end = last.includes('images-purge ') ? [last, INDENT + ending] : [`${last.padEnd(EXIT_COLUMN)}  ${ending}`];
  const text = [...lines, ...end, `${INDENT}More: images-purge explain ${error.code}`].join('\n');
  return `${text.replace('error:', style.error('error:'))}\n`;
}

/** A bug: the stack helps to fix it. */
export function bugText(error: unknown, style: TextStyle): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = stack.split('\n').map(escapeForTerminal);
  return [
    `${style.error('error:')} a defect in images-purge, not in what you did. What was committed to the checkpoint is kept.`,
    ...lines.map((line) => INDENT + line),
    `${INDENT}More: images-purge explain DEFECT`,
    '',
  ].join('\n');
}

/** What the operating system said, without a path: `ENOENT: no such file or directory`. */
export function errnoText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/, \w+(?: '.*')?$/s, '');
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
