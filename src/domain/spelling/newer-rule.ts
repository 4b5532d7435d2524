import { durationText } from './duration-text.ts';

const OPTION = '--protect-newer-than ';

/** What the rule of `--protect-newer-than` is called, in reports too: `--protect-newer-than 30d`. */
export function newerRuleName(ageMs: number): string {
  return OPTION + durationText(ageMs);
}

/** Whether a rule's name is that of an age, and not of a pattern or an exclude file. */
export function isNewerRule(name: string): boolean {
  return name.startsWith(OPTION);
}

/** The longer age protects more; `null`: none was given. */
export function widerAge(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
