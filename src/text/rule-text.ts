import { isIdRule } from '../domain/spelling/id-rule.ts';
import { isNewerRule } from '../domain/spelling/newer-rule.ts';
import type { RuleHits } from '../domain/summary.ts';
import { escapeForTerminal } from './escape.ts';
import { countOf, formatCount } from './format.ts';

/** What one rule did, for a person: `keep.txt: 12 entries, 8 IDs held, 2 of them spelled otherwise`, `--exclude-id brand/*: 8 IDs held`. */
export function ruleText(hits: RuleHits, isListRead = true): string {
  const { rule, entries, held, near } = hits;
  if (isNewerRule(rule)) return newerText(hits);
  const isPattern = isIdRule(rule);
  const start = escapeForTerminal(rule) + (isPattern ? ':' : `: ${countOf(entries, 'entry', 'entries')},`);
  if (held === 0 && !isListRead) return `${start} ${isPattern ? 'fits no ID read so far' : 'none of them read so far'}`;
  if (held === 0) return `${start} ${isPattern ? 'fits no ID of the list' : 'none of them is in the list'}`;
  return `${start} ${heldText(held, near)}`;
}

/** What such a rule cannot see is said wherever it is named. */
function newerText({ rule, entries, held, near }: RuleHits): string {
  const found = held === 0 ? 'none of them is in the list' : heldText(held, near);
  return `${escapeForTerminal(rule)}: ${countOf(entries, 'newer image')}, ${found}; ${UNLISTED}`;
}

const UNLISTED = 'drafts and images that the account’s list does not show are not protected by it';

function heldText(held: number, near: number): string {
  const otherwise = near === 0 ? '' : `, ${near === held ? '' : `${formatCount(near)} of them `}spelled otherwise`;
  return `${countOf(held, 'ID')} held${otherwise}`;
}
