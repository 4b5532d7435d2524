import { isIdRule } from '../domain/spelling/id-rule.ts';
import type { RuleHits } from '../domain/summary.ts';
import { escapeForTerminal } from './escape.ts';
import { countOf, formatCount } from './format.ts';

/** What one rule did, for a person: `keep.txt: 12 entries, 8 IDs held, 2 of them spelled otherwise`, `--exclude-id brand/*: 8 IDs held`. */
export function ruleText({ rule, entries, held, near }: RuleHits, isListRead = true): string {
  const isPattern = isIdRule(rule);
  const start = escapeForTerminal(rule) + (isPattern ? ':' : `: ${countOf(entries, 'entry', 'entries')},`);
  if (held === 0 && !isListRead) return `${start} ${isPattern ? 'fits no ID read so far' : 'none of them read so far'}`;
  if (held === 0) return `${start} ${isPattern ? 'fits no ID of the list' : 'none of them is in the list'}`;
  const otherwise = near === 0 ? '' : `, ${near === held ? '' : `${formatCount(near)} of them `}spelled otherwise`;
  return `${start} ${countOf(held, 'ID')} held${otherwise}`;
}
