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

/** A path as an operand of a command: it must not be taken for an option. */
export function shellPath(path: string): string {
  return shellWord(path.startsWith('-') ? `./${path}` : path);
}

function bytesOf(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
