import { EXIT, guardError, UserError } from '../domain/errors.ts';

/** What the guards look at, after intake. */
export interface GuardedSet {
  readonly accepted: number;
  readonly rejected: number;
  /** Deleted by earlier runs of this purge; they no longer count in the account. */
  readonly deleted: number;
}

export interface Guards {
  readonly strict: boolean;
  readonly idCountMin: number;
  readonly deletesCountMax: number | null;
  readonly deletesPercentMax: number | null;
}

/** The guards that need no answer of the API. Returns the refusal, or `undefined` where the set may be sent. */
export function checkSet(set: GuardedSet, guards: Guards, reportPath: string | undefined): UserError | undefined {
  if (guards.strict && set.rejected > 0) {
    return new UserError({
      code: 'STRICT',
      exitCode: EXIT.doneWithFailures,
      message: `${set.rejected} rows hold no usable ID, and --strict allows none; nothing was sent.`,
      nextSteps: [reportPath === undefined ? 'See them with --report FILE.' : `They are in ${reportPath}, each with its line and reason.`, 'Mend the source, then run the same command.'],
    });
  }
  if (set.accepted < guards.idCountMin) {
    return guardError('MIN_IDS', `the source holds ${set.accepted} IDs, fewer than --min-ids ${guards.idCountMin}; nothing was sent.`, 'Check that the export is complete, or lower --min-ids.');
  }
  if (guards.deletesCountMax !== null && set.accepted > guards.deletesCountMax) {
    return guardError('MAX_DELETES', `the source holds ${set.accepted} IDs, more than --max-deletes ${guards.deletesCountMax}; nothing was sent.`, 'Check that it is the right list, or raise --max-deletes.');
  }
  return undefined;
}

/**
 * The guard on the share of the account.
 *
 * @param accountImageCount - what stats say the account holds now; `undefined` where they cannot be read
 */
export function checkShare(set: GuardedSet, guards: Guards, accountImageCount: number | undefined): UserError | undefined {
  const percentMax = guards.deletesPercentMax;
  if (percentMax === null) return undefined;
  if (accountImageCount === undefined) {
    return guardError('MAX_DELETES_UNKNOWN', `--max-deletes ${percentMax}% needs the account's image count, and stats cannot be read with these credentials; nothing was sent.`, 'Give the token Images Read as well, or give --max-deletes as a number of IDs.');
  }
  const countBefore = accountImageCount + set.deleted;
  if (set.accepted * 100 <= countBefore * percentMax) return undefined;
  return guardError('MAX_DELETES', `${set.accepted} IDs are more than ${percentMax} % of the account's ${countBefore} images (--max-deletes); nothing was sent.`, 'Check that it is the right list, or raise --max-deletes.');
}
