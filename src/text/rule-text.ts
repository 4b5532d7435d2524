import type { RuleHits } from '../domain/summary.ts';
import { escapeForTerminal } from './escape.ts';
import { countOf, formatCount } from './format.ts';

/** What one exclude file did, for a person: `keep.txt: 12 entries, 8 IDs held, 2 of them spelled otherwise`. */
export function ruleText({ rule, entries, held, near }: RuleHits): string {
  const start = `${escapeForTerminal(rule)}: ${countOf(entries, 'entry', 'entries')}`;
  if (held === 0) return `${start}, none of them is in the list`;
  const otherwise = near === 0 ? '' : `, ${near === held ? '' : `${formatCount(near)} of them `}spelled otherwise`;
  return `${start}, ${countOf(held, 'ID')} held${otherwise}`;
}
