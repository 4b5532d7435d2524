import { EXIT, guardError, UserError } from '../domain/errors.ts';
import type { SuspiciousCount } from '../domain/summary.ts';
import { isRefusedByStrict, tellKind } from './suspicious-kinds.ts';

/** What the guards look at, after intake. */
export interface GuardedSet {
  readonly accepted: number;
  readonly rejected: number;
  readonly suspicious: readonly SuspiciousCount[];
  /** IDs of the sources that the rules hold. */
  readonly protected: number;
  /** `false`: the account's list, by which `--protect-newer-than` protects more of it, is still to be read. */
  readonly isFinal: boolean;
  /** Deleted by earlier runs of this purge; they no longer count in the account. */
  readonly deleted: number;
}

export interface Guards {
  readonly strict: boolean;
  readonly idCountMin: number;
  readonly deletesCountMax: number | null;
  readonly deletesPercentMax: number | null;
  readonly protectedCountMin: number;
}

/** What helps against a refusal depends on where the guards come from, and on what becomes of the purge. */
export interface GuardOrigin {
  /** The checkpoint that holds them since an earlier run; `undefined`: this run gave them, and they go with it. */
  readonly recordedIn: string | undefined;
  /** Nothing was done yet: the next `delete` starts over. */
  readonly isStartOver: boolean;
}

/** Some guard looks at the list as a whole: nothing may be sent before it was read to its end. */
export function needsWholeList({ strict, idCountMin, deletesCountMax, deletesPercentMax, protectedCountMin }: Guards): boolean {
  return strict || idCountMin > 0 || deletesCountMax !== null || deletesPercentMax !== null || protectedCountMin > 0;
}

/** The guards that need no answer of the API. Returns the refusal, or `undefined` where the set may be sent. */
export function checkSet(set: GuardedSet, guards: Guards, origin: GuardOrigin, reportPath: string | undefined): UserError | undefined {
  const strict = guards.strict ? checkStrict(set, origin, reportPath) : undefined;
  if (strict !== undefined) return strict;
  if (set.accepted < guards.idCountMin) {
    return guardError(
      'MIN_IDS',
      `the source holds ${set.accepted} IDs, fewer than ${named(`--min-ids ${guards.idCountMin}`, origin)}; nothing was sent.`,
      ...steps(origin, 'Check that the export is complete', 'lower --min-ids'),
    );
  }
  if (set.isFinal && set.protected < guards.protectedCountMin) {
    return guardError(
      'MIN_PROTECTED',
      `--exclude, --exclude-id and --protect-newer-than hold ${set.protected} IDs of the source, fewer than ` +
        `${named(`--min-protected ${guards.protectedCountMin}`, origin)}; nothing was sent.`,
      ...steps(origin, 'Check that exclude files, patterns and age are the right ones, and complete', 'lower --min-protected'),
    );
  }
  if (set.isFinal && guards.deletesCountMax !== null && set.accepted > guards.deletesCountMax) {
    return guardError(
      'MAX_DELETES',
      `the source holds ${set.accepted} IDs, more than ${named(`--max-deletes ${guards.deletesCountMax}`, origin)}; nothing was sent.`,
      ...steps(origin, 'Check that it is the right list', 'raise --max-deletes'),
    );
  }
  return undefined;
}

function checkStrict(set: GuardedSet, origin: GuardOrigin, reportPath: string | undefined): UserError | undefined {
  const suspicious = set.suspicious.filter(({ kind }) => isRefusedByStrict(kind));
  if (set.rejected === 0 && suspicious.length === 0) return undefined;
  const parts = [
    ...(set.rejected === 0 ? [] : [`${set.rejected} rejected ${set.rejected === 1 ? 'row' : 'rows'}`]),
    ...suspicious.map(
      ({ kind, count, example, source, line }) =>
        `${count} ${tellKind(kind).looks} (such as ${example.slice(0, EXAMPLE_CHARACTERS_MAX)}, ${source} line ${line})`,
    ),
  ];
  const inReport =
    reportPath === undefined ? 'See the rejected rows with --report FILE.' : `Rejected rows are in ${reportPath}, with line and reason.`;
  return new UserError({
    code: 'STRICT',
    exitCode: EXIT.guard,
    message:
      `${named('--strict', origin)} allows no rejected row and no suspicious value, ` +
      `but the list holds ${parts.join('; ')}. Nothing was sent.`,
    nextSteps: [
      ...(set.rejected === 0 ? [] : [inReport]),
      ...fixedSteps(origin),
      ...(origin.recordedIn === undefined ? ['If the values are IDs exactly as they stand: --literal'] : []),
    ],
  });
}

const EXAMPLE_CHARACTERS_MAX = 60;

/**
 * The guard on the share of the account.
 *
 * @param accountImageCount - what stats say the account holds now; `undefined` where they cannot be read
 */
export function checkShare(
  set: GuardedSet,
  guards: Guards,
  origin: GuardOrigin,
  accountImageCount: number | undefined,
): UserError | undefined {
  const percentMax = guards.deletesPercentMax;
  if (percentMax === null) return undefined;
  const guard = named(`--max-deletes ${percentMax}%`, origin);
  if (accountImageCount === undefined) {
    return guardError(
      'MAX_DELETES_UNKNOWN',
      `${guard} needs the account's image count, and stats cannot be read with these credentials; nothing was sent.`,
      ...steps(origin, 'Give the token Images Read as well', 'give --max-deletes as a number of IDs'),
    );
  }
  const countBefore = accountImageCount + set.deleted;
  if (set.accepted * 100 <= countBefore * percentMax) return undefined;
  return guardError(
    'MAX_DELETES',
    `${set.accepted} IDs are more of the account's ${countBefore} images than ${guard} allows; nothing was sent.`,
    ...steps(origin, 'Check that it is the right list', 'raise --max-deletes'),
  );
}

function named(option: string, { recordedIn }: GuardOrigin): string {
  return recordedIn === undefined ? option : `${option} (recorded in ${recordedIn})`;
}

/** A recorded guard is met, or dropped: giving a milder one changes nothing. */
const DROPPED = 'To do without it, and without what else is recorded and not given again: the same command with --drop-guards.';

function steps({ recordedIn }: GuardOrigin, check: string, milder: string): readonly string[] {
  return recordedIn === undefined ? [`${check}, or ${milder}.`] : [`${check}.`, DROPPED];
}

/** A source that was fixed is another list. */
function fixedSteps({ recordedIn, isStartOver }: GuardOrigin): readonly string[] {
  if (recordedIn !== undefined) return [DROPPED];
  return [
    isStartOver
      ? 'Fix the source, then run the same command.'
      : 'Go on without --strict, or fix the source and give it another --checkpoint.',
  ];
}
