const OPTION = '--exclude-id ';

/** What a rule of `--exclude-id` is called, in reports too: `--exclude-id brand/*`. */
export function idRuleName(glob: string): string {
  return OPTION + glob;
}

/** Whether a rule's name is that of a pattern, and not of an exclude file. */
export function isIdRule(name: string): boolean {
  return name.startsWith(OPTION);
}
