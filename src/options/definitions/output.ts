/** What is shown while a run works, and how. */
export const LOG_OPTIONS = {
  progress: {
    name: 'progress',
    argument: 'KIND',
    value: { type: 'choice', of: ['auto', 'bar', 'log', 'none'] },
    help: 'auto, bar, log or none; auto is a bar on a terminal, elsewhere a log line each 10 s',
    default: 'auto',
    inLibrary: false,
  },
  logLevel: {
    name: 'log-level',
    argument: 'LEVEL',
    value: { type: 'choice', of: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] },
    help: 'trace, debug, info, warn, error, fatal or silent',
    default: 'info',
    inLibrary: false,
  },
  logFile: {
    name: 'log-file',
    argument: 'FILE',
    value: { type: 'file' },
    help: 'write the log there; SIGHUP reopens it',
    defaultText: 'stderr',
    inLibrary: false,
  },
} as const;

/** What a command says at its end. */
export const RESULT_OPTIONS = {
  json: { name: 'json', value: { type: 'flag' }, help: 'the summary as one JSON object on stdout', inLibrary: false },
  reportFormat: {
    name: 'format',
    argument: 'FORM',
    value: { type: 'choice', of: ['ndjson', 'csv', 'html'] },
    help: 'ndjson, csv, or html: one page with charts, for a browser',
    default: 'ndjson',
    // IMAGES_PURGE_FORMAT says how sources are read.
    hasNoEnv: true,
    inLibrary: false,
  },
  outcome: {
    name: 'outcome',
    argument: 'OUTCOME,…',
    value: { type: 'choices', of: ['deleted', 'absent', 'failed', 'protected', 'rejected', 'planned', 'pending'] },
    help: 'only these: deleted, absent, failed, protected, rejected, planned (the IDs of a plan), pending (still to be sent)',
    defaultText: 'all that is final; of html failed,rejected',
    inLibrary: false,
  },
  output: {
    name: 'output',
    short: 'o',
    argument: 'FILE',
    value: { type: 'file' },
    help: 'write there; the file appears only when it is complete',
    defaultText: 'stdout',
    inLibrary: false,
  },
  price: {
    name: 'price',
    argument: 'USD',
    value: { type: 'integer', min: 0, max: 10_000 },
    help: 'html: what 100,000 stored images cost a month; 0 leaves out what was saved',
    default: '5',
    inLibrary: false,
  },
  force: {
    name: 'force',
    value: { type: 'flag' },
    help: 'write over a file that is there and is not empty',
    // It is meant for one command, not for all that a shell starts.
    hasNoEnv: true,
    inLibrary: false,
  },
} as const;
