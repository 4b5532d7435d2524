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
  yes: { name: 'yes', short: 'y', value: { type: 'flag' }, help: 'do not ask before deleting', inLibrary: false },
} as const;
