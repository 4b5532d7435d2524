import type { Entry } from '../../explain/entry.ts';
import { ENTRY_GROUPS, exitsText } from '../../explain/explain.ts';
import { wrapped } from '../../text/wrap.ts';

const COLUMNS_MAX = 100;
const INDENT = '  ';

/** One entry: what happened, why, what to do. */
export function explainText(code: string, entry: Entry, columns: number | undefined): string {
  const widthColumns = Math.min(columns ?? COLUMNS_MAX, COLUMNS_MAX);
  const paragraph = (text: string, indent: string, first: string = indent): string[] =>
    // Backticks are for the page; here they would be copied with a command.
    wrapped(text.replaceAll('`', ''), Math.max(widthColumns - indent.length, 1)).map(
      (line, index) => (index === 0 ? first : indent) + line,
    );
  return [
    ...paragraph(`${code} (${exitsText(entry)}): ${entry.title}.`, ''),
    '',
    'Why',
    ...paragraph(entry.cause, INDENT),
    '',
    'What to do',
    ...entry.steps.flatMap((step) => paragraph(step, `${INDENT}  `, `${INDENT}- `)),
    '',
  ].join('\n');
}

/** Every code with its title. */
export function codeListText(): string {
  const groups = ENTRY_GROUPS.map(({ heading, entries }) => {
    const codes = Object.entries(entries);
    const width = Math.max(...codes.map(([code]) => code.length)) + 2;
    return [heading, ...codes.map(([code, entry]) => `${INDENT}${code.padEnd(width)}${exitsText(entry)}: ${entry.title}`), ''].join('\n');
  });
  return [...groups, 'To read one: images-purge explain CODE', ''].join('\n');
}
