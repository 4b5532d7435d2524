/** Breaks a text at its spaces into lines of at most `columnsMax`; a longer word stands alone. */
export function wrapped(text: string, columnsMax: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= columnsMax) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}
