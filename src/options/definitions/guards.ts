import { TIMER_MS_MAX } from '../../domain/clock.ts';

/** What ends a run early, and what keeps one from beginning. */
export const GUARD_OPTIONS = {
  /** `4h`: then the run stops gracefully. */
  maxDuration: {
    name: 'max-duration',
    argument: 'DURATION',
    value: { type: 'duration', maxMs: TIMER_MS_MAX as number },
    help: 'stop gracefully after this long (exit 8)',
    without: Infinity as number,
    inLibrary: true,
  },
  /** At most so many IDs are sent in this run. */
  limit: {
    name: 'limit',
    argument: 'N',
    value: { type: 'integer', min: 1, max: 1_000_000_000_000 },
    help: 'send at most N IDs in this run, in source order (exit 8 if any is left)',
    without: Infinity as number,
    inLibrary: true,
  },
  maxFailures: {
    name: 'max-failures',
    argument: 'N',
    value: { type: 'integer', min: 0, max: 1_000_000_000_000 },
    help: 'stop gracefully once more than N IDs have failed (exit 8)',
    without: Infinity as number,
    inLibrary: true,
  },
  /** A number, or a share of at least 100 answered IDs such as `10%`. */
  maxAbsent: {
    name: 'max-absent',
    argument: 'N|P%',
    value: { type: 'count-max', of: 'the answered IDs' },
    help: 'stop gracefully once more IDs, or a larger share of at least 100 answered ones, are absent (exit 8)',
    without: { kind: 'none' },
    inLibrary: true,
  },
  minIds: {
    name: 'min-ids',
    argument: 'N',
    value: { type: 'integer', min: 0, max: 1_000_000_000_000 },
    help: 'send nothing where fewer IDs are accepted (exit 7)',
    without: 0,
    inLibrary: true,
  },
  /** A number, or a share of the account's images such as `25%`. */
  maxDeletes: {
    name: 'max-deletes',
    argument: 'N|P%',
    value: { type: 'count-max', of: "the account's images" },
    help: "send nothing where more IDs, or a larger share of the account's images, are accepted (exit 7)",
    without: { kind: 'none' },
    inLibrary: true,
  },
  /** Fewer IDs of the sources held by what protects, and nothing is sent. */
  minProtected: {
    name: 'min-protected',
    argument: 'N',
    value: { type: 'integer', min: 0, max: 1_000_000_000_000 },
    help: 'send nothing where what protects (--exclude, --exclude-id, --protect-newer-than) holds fewer IDs of the sources (exit 7)',
    without: 0,
    inLibrary: true,
  },
  strict: {
    name: 'strict',
    value: { type: 'flag' },
    help: 'send nothing where any row is rejected or any value is suspicious (exit 7)',
    inLibrary: true,
  },
  failOnAbsent: {
    name: 'fail-on-absent',
    value: { type: 'flag' },
    help: 'IDs that do not exist make the exit code 1',
    inLibrary: true,
  },
  backup: {
    name: 'backup',
    argument: 'DIR',
    value: { type: 'file' },
    help: 'save each image, with its metadata, to a folder before it is deleted; what cannot be saved is not deleted',
    inLibrary: true,
  },
  verify: {
    name: 'verify',
    value: { type: 'flag' },
    help: "at the end, look through the account's list: an ID that is still there becomes failed",
    inLibrary: true,
  },
  expectAbsent: {
    name: 'expect-absent',
    value: { type: 'flag' },
    help: 'many images may be gone already: do not stop where the first 100 are',
    inLibrary: true,
  },
} as const;
