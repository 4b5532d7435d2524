import { resolve } from 'node:path';

import { escapeForTerminal } from './escape.ts';

/** A text as it can be pasted into a shell: quoted where it must be, in `$'…'` where it holds what must not be shown. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (escapeForTerminal(text) === text) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = Array.from(text, (character) =>
    /['\\]/.test(character) ? `\\${character}` : escapeForTerminal(character) === character ? character : bytesOf(character),
  );
  return `$'${escaped.join('')}'`;
}

/** A path as an operand of a command: absolute, so that it can be pasted in any folder and is taken for no option. */
export function shellPath(path: string): string {
  return shellWord(resolve(path));
}

function bytesOf(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
