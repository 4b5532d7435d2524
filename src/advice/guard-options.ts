import type { RecordedGuards } from '../checkpoint/facts.ts';
import { newerRuleName } from '../domain/spelling/newer-rule.ts';
import { shellPath } from '../text/shell-word.ts';

type OptionOf = (guards: RecordedGuards) => string | undefined;

/** Each guard as the option that gives it; `undefined`: it is not given. */
export const GUARD_OPTION: Readonly<Record<keyof RecordedGuards, OptionOf>> = {
  newerThanMs: ({ newerThanMs }) => (newerThanMs === null ? undefined : newerRuleName(newerThanMs)),
  strict: ({ strict }) => (strict ? '--strict' : undefined),
  idCountMin: ({ idCountMin }) => (idCountMin === 0 ? undefined : `--min-ids ${idCountMin}`),
  protectedCountMin: ({ protectedCountMin }) => (protectedCountMin === 0 ? undefined : `--min-protected ${protectedCountMin}`),
  deletesCountMax: ({ deletesCountMax }) => (deletesCountMax === null ? undefined : `--max-deletes ${deletesCountMax}`),
  deletesPercentMax: ({ deletesPercentMax }) => (deletesPercentMax === null ? undefined : `--max-deletes ${deletesPercentMax}%`),
  failOnAbsent: ({ failOnAbsent }) => (failOnAbsent ? '--fail-on-absent' : undefined),
  verifies: ({ verifies }) => (verifies ? '--verify' : undefined),
  backupFolder: ({ backupFolder }) => (backupFolder === null ? undefined : `--backup ${shellPath(backupFolder)}`),
};

/**
 * All that are given. Both limits of `--max-deletes` where several runs gave them: one run takes one only, so that a person must
 * choose.
 */
export function guardOptions(guards: RecordedGuards): readonly string[] {
  return Object.values(GUARD_OPTION).flatMap((optionOf) => optionOf(guards) ?? []);
}
