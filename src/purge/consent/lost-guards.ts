import { resolve } from 'node:path';

import type { CheckpointFacts, ExcludeFile, RecordedGuards } from '../../checkpoint/facts.ts';
import { GUARD_OPTION } from '../../advice/guard-options.ts';
import { excludeIdOptions, excludeOptions } from '../../advice/next-command.ts';
import type { GivenCommand } from '../../run/run-options.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { guardError, type UserError } from '../../domain/errors.ts';
import { idRuleName } from '../../domain/spelling/id-rule.ts';
import { newerRuleName } from '../../domain/spelling/newer-rule.ts';

/** What a command protects and guards its list with. */
export interface GivenProtection {
  readonly guards: RecordedGuards;
  readonly excludePaths: readonly string[];
  readonly excludeIds: readonly string[];
}

/** A guard of the purge found that a command lacks. */
export interface LostGuard {
  /** As the purge was given it. */
  readonly named: string;
  /** As a command gives it again: a file that is gone is `FILE` there. */
  readonly option: string;
  readonly goneFiles: readonly string[];
}

interface GuardKind {
  /** `undefined` where the purge was not given it. */
  readonly recorded: (facts: CheckpointFacts) => LostGuard | undefined;
  /** Any value counts: another exclude file stands for the recorded one. */
  readonly isGiven: (given: GivenProtection) => boolean;
  /** The value given allows more than the recorded one. */
  readonly isWeaker: (given: RecordedGuards, recorded: RecordedGuards) => boolean;
}

const EXCLUDE_FILES: GuardKind = {
  recorded: ({ excludeFiles }) => (excludeFiles.length > 0 ? lostExcludeFiles(excludeFiles) : undefined),
  isGiven: ({ excludePaths }) => excludePaths.length > 0,
  isWeaker: () => false,
};

const EXCLUDE_IDS: GuardKind = {
  recorded: ({ excludeIds }) => (excludeIds.length > 0 ? lostOption(excludeIdOptions(excludeIds).join(' ')) : undefined),
  isGiven: ({ excludeIds }) => excludeIds.length > 0,
  isWeaker: () => false,
};

const GUARD_KINDS: readonly GuardKind[] = [
  EXCLUDE_FILES,
  EXCLUDE_IDS,
  guardKind(GUARD_OPTION.newerThanMs, (given, recorded) => isMore(recorded.newerThanMs, given.newerThanMs)),
  guardKind(GUARD_OPTION.strict),
  guardKind(GUARD_OPTION.idCountMin, (given, recorded) => given.idCountMin < recorded.idCountMin),
  guardKind(
    (guards) => GUARD_OPTION.deletesCountMax(guards) ?? GUARD_OPTION.deletesPercentMax(guards),
    (given, recorded) =>
      isMore(given.deletesCountMax, recorded.deletesCountMax) || isMore(given.deletesPercentMax, recorded.deletesPercentMax),
  ),
  guardKind(GUARD_OPTION.protectedCountMin, (given, recorded) => given.protectedCountMin < recorded.protectedCountMin),
  guardKind(GUARD_OPTION.failOnAbsent),
  guardKind(GUARD_OPTION.verifies),
  guardKind(GUARD_OPTION.backupFolder),
];

function guardKind(optionOf: (guards: RecordedGuards) => string | undefined, isWeaker: GuardKind['isWeaker'] = () => false): GuardKind {
  return {
    recorded({ definition }) {
      const option = optionOf(definition.guards);
      return option === undefined ? undefined : lostOption(option);
    },
    isGiven: ({ guards }) => optionOf(guards) !== undefined,
    isWeaker,
  };
}

export const NO_GUARDS: RecordedGuards = {
  strict: false,
  idCountMin: 0,
  deletesCountMax: null,
  deletesPercentMax: null,
  protectedCountMin: 0,
  failOnAbsent: false,
  verifies: false,
  newerThanMs: null,
  backupFolder: null,
};

/** What the purge at the checkpoint was given and this command lacks. Kinds are compared, not values. */
export function lostGuards(facts: CheckpointFacts, given: GivenProtection): readonly LostGuard[] {
  return GUARD_KINDS.filter(({ isGiven }) => !isGiven(given)).flatMap(({ recorded }) => recorded(facts) ?? []);
}

/** Recorded guards that this command has too, with a value that allows more. */
export function weakerGuards(facts: CheckpointFacts, given: GivenProtection): readonly string[] {
  const { guards } = facts.definition;
  return GUARD_KINDS.filter(({ isGiven, isWeaker }) => isGiven(given) && isWeaker(given.guards, guards)).flatMap(
    ({ recorded }) => recorded(facts)?.named ?? [],
  );
}

/** What a command that gives these guards again needs first. */
export function goneFilesSteps(lost: readonly LostGuard[]): readonly string[] {
  const gone = lost.flatMap(({ goneFiles }) => goneFiles);
  return gone.length === 0 ? [] : [`FILE below: ${gone.join(', ')}, not there any more. Put back what protects, or name another file.`];
}

function lostOption(option: string): LostGuard {
  return { named: option, option, goneFiles: [] };
}

function lostExcludeFiles(files: readonly ExcludeFile[]): LostGuard {
  return {
    named: excludeOptions(files.map((file) => ({ ...file, isGone: false }))).join(' '),
    option: excludeOptions(files).join(' '),
    goneFiles: files.filter(({ isGone }) => isGone).map(({ path }) => path),
  };
}

/** @param steps - other ways on */
export function lostGuardsError(
  {
    checkpointPath,
    lostGuards: lost,
    given,
  }: { readonly checkpointPath: string; readonly lostGuards: readonly LostGuard[]; readonly given: GivenCommand },
  ...steps: readonly string[]
): UserError {
  return guardError(
    'GUARDS_LOST',
    `${checkpointPath} holds a purge that is protected by ${lost.map(({ named }) => named).join(', ')}, ` +
      'which this command lacks; nothing was sent.',
    ...goneFilesSteps(lost),
    `Give them again:    ${given.spelledWith(lost.map(({ option }) => option).join(' '))}`,
    ...steps,
    `Do without:         ${given.spelledWith('--drop-guards')}`,
  );
}

/** `--drop-guards` on a purge that is resumed: what this command gives is all that holds from now on. */
export async function dropGuards(ledger: Ledger, { guards, excludePaths, excludeIds }: GivenProtection): Promise<void> {
  await ledger.ask('setGuards', guards);
  const { newerThanMs } = guards;
  const newerRules = newerThanMs === null ? [] : [newerRuleName(newerThanMs)];
  await ledger.ask('dropRules', [...excludePaths.map((path) => resolve(path)), ...excludeIds.map(idRuleName), ...newerRules]);
}

/** One of another kind (a share for a number) cannot be compared. */
function isMore(given: number | null, recorded: number | null): boolean {
  return given !== null && recorded !== null && given > recorded;
}
