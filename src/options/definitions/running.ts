/** What a run does. */
export const RUN_OPTIONS = {
  retryFailed: { name: 'retry-failed', value: { type: 'flag' }, help: 'try the failed IDs again', inLibrary: false },
  /** Everything is read and checked, nothing is sent. */
  dryRun: {
    name: 'dry-run',
    short: 'n',
    value: { type: 'flag' },
    help: 'read and check everything, show the plan, send nothing, leave no checkpoint',
    inLibrary: true,
  },
  /** Each image is asked for, in a dry run. */
  checkExists: {
    name: 'check-exists',
    value: { type: 'flag' },
    help: 'with --dry-run: ask for each image (one request each), and report whether it exists, its time of upload and its file name',
    inLibrary: true,
  },
  /** The digest of a plan, or a number of IDs. */
  confirm: {
    name: 'confirm',
    argument: 'DIGEST|N',
    value: { type: 'confirmed-set' },
    help: 'instead of --yes: delete the set with this digest, or of this many IDs, and no other (exit 7)',
    inLibrary: true,
  },
  note: {
    name: 'note',
    argument: 'TEXT',
    value: { type: 'note' },
    help: 'who and why, at most 500 characters: kept in checkpoint, log and summary',
    inLibrary: true,
  },
  /** Run by the shell once the run is on record. */
  onEnd: {
    name: 'on-end',
    argument: 'COMMAND',
    value: { type: 'text' },
    help: 'run by the shell once the run has ended, however; IMAGES_PURGE_EXIT_CODE, …_STATE, …_CHECKPOINT and JSON on stdin tell how',
    inLibrary: false,
  },
  yes: {
    name: 'yes',
    short: 'y',
    value: { type: 'flag' },
    help: 'do not ask before deleting (refused where IMAGES_PURGE_FORBID_YES is 1)',
    inLibrary: false,
  },
} as const;
