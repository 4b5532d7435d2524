/** What `restore` uploads. */
export const RESTORING_OPTIONS = {
  only: {
    name: 'only',
    argument: 'FILE',
    value: { type: 'file' },
    help: 'restore the images alone that a file of IDs names',
    hasNoEnv: true,
    inLibrary: false,
  },
  /** The variable of `--report` says where the report of a purge goes. */
  restoreReport: {
    name: 'report',
    argument: 'FILE',
    value: { type: 'text' },
    help: 'NDJSON report, one line for each image, by which the next run goes on',
    defaultText: '<dir>/restored.ndjson',
    hasNoEnv: true,
    inLibrary: false,
  },
  check: {
    name: 'check',
    value: { type: 'flag' },
    help: 'look whether every image of the backup is whole; sends nothing, and needs no credentials',
    hasNoEnv: true,
    inLibrary: false,
  },
} as const;
