import { isIdRule } from '../domain/spelling/id-rule.ts';
import { isNewerRule } from '../domain/spelling/newer-rule.ts';
import type { RuleHits } from '../domain/summary.ts';
import type { Observer } from '../observe/events.ts';
import { ruleText } from '../text/rule-text.ts';

/** Nobody looks at the plan of a cron job: what is odd about its exclude files goes to the log. */
export function warnOfRules(observer: Observer, rules: readonly RuleHits[]): void {
  for (const rule of rules) {
    if (rule.held === 0) {
      const what = isNewerRule(rule.rule) ? 'age' : isIdRule(rule.rule) ? 'pattern' : 'file';
      const message = `${ruleText(rule)}. Is it the right ${what}, and the right list?`;
      observer.event({ kind: 'warning', code: 'RULE_HELD_NONE', message });
    } else if (rule.near > 0)
      observer.event({ kind: 'warning', code: 'NEAR_PROTECTED', message: `${ruleText(rule)}. The report names each.` });
  }
}

/** Likewise, once a list was read to its end. What an age holds is told when the account's list has been read. */
export function warnOfRulesRead(observer: Observer, rules: readonly RuleHits[]): void {
  warnOfRules(
    observer,
    rules.filter(({ rule }) => !isNewerRule(rule)),
  );
}
