const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Text from outside as a person may see it: control, format and line-breaking characters become `\u{…}`, so that an ID
 * can neither move the cursor nor reorder a line.
 */
export function escapeForTerminal(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`);
}

/** Lines of JSON as a terminal may see them: the same characters become JSON's own escapes, so that any parser reads them back. */
export function escapeInJson(lines: string): string {
  return lines.replace(UNPRINTABLE, (character) =>
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** Lines of CSV as a terminal may see them; a file keeps its cells as they are. */
export function escapeInCsv(lines: string): string {
  return lines.replace(UNPRINTABLE, (character) => (/[\r\n]/.test(character) ? character : escapeForTerminal(character)));
}
