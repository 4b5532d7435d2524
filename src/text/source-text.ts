import type { SourceCounts } from '../domain/summary.ts';
import { escapeForTerminal } from './escape.ts';
import { countOf } from './format.ts';

/** A source and what it held, for a person: `old.csv: 300 rows, 298 IDs`. */
export function sourceText({ path, rows, accepted }: SourceCounts): string {
  const name = path === '-' ? 'standard input' : escapeForTerminal(path);
  return rows === null || accepted === null ? name : `${name}: ${countOf(rows, 'row')}, ${countOf(accepted, 'ID')} accepted`;
}
