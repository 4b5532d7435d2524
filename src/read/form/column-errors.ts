import { usageError, type UserError } from '../../domain/errors.ts';
import { escapeForTerminal } from '../../text/escape.ts';

/** A record of the source's beginning, with the line it begins on. */
export interface HeadRow {
  readonly fields: readonly string[];
  readonly line: number;
}

export function headerInDoubt(sourceName: string, line: number, why: string): UserError {
  return usageError(
    'HEADER_IN_DOUBT',
    `${sourceName}, line ${line}: whether it names the columns or is the first row cannot be told (${why}); nothing was sent.`,
    'If it is the first row: --no-header',
    'If it names the columns, say which one holds the IDs: --column NAME',
  );
}

/** As an error puts it behind the name that is not there. */
export function orMeant(name: string | undefined): string {
  return name === undefined ? '' : ` (is "${shown(name)}" meant?)`;
}

const COLUMNS_SHOWN_MAX = 20;
const NAME_CHARACTERS_SHOWN = 40;

export function shown(name: string): string {
  return escapeForTerminal(name.slice(0, NAME_CHARACTERS_SHOWN));
}

export function columnError(code: string, sourceName: string, { fields, line }: HeadRow, what: string): UserError {
  const list = fields.slice(0, COLUMNS_SHOWN_MAX).map((name, index) => `${index + 1} "${shown(name.trim())}"`);
  const more = fields.length > COLUMNS_SHOWN_MAX ? `, and ${fields.length - COLUMNS_SHOWN_MAX} more` : '';
  return usageError(
    code,
    `${sourceName}, line ${line}: ${what}; nothing was sent. Columns found: ${list.join(', ')}${more}.`,
    'Say which one holds the IDs: --column NAME, or --column N for its position.',
  );
}
