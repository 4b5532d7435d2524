import type { CommandName } from './option-spec.ts';

export interface CommandSpec {
  readonly summary: string;
  readonly description: string;
  /** Positional arguments as help shows them; `...` takes several. */
  readonly argument: string | undefined;
  readonly argumentHelp: string | undefined;
  readonly examples: readonly string[];
}

export const PROGRAM_DESCRIPTION: string =
  "Deletes images from Cloudflare Images by ID, in bulk, within the account's quota. It can be stopped at any moment " +
  'and goes on without losing or repeating work. Deleting cannot be undone.';

export const CREDENTIALS_HELP = `Credentials come from the environment, never from flags:
  CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY;
  each also as <NAME>_FILE, the path of a file that holds it.
Every option also reads IMAGES_PURGE_<NAME>: --max-age reads IMAGES_PURGE_MAX_AGE. A flag wins.
Durations: 500ms, 30s, 5m, 2h, 7d.`;

export const EXIT_CODES_HELP = `Exit codes:
  0  finished: every ID is gone          5  a file or output could not be read or written
  1  finished, some failed or rejected   6  another run holds this checkpoint
  2  usage or configuration error        7  a guard or the person refused
  3  the API refused credentials,        8  stopped by --limit, --max-duration
     permission, account or address         or --max-failures with work left
  4  no answer for --give-up-after       129, 130, 143  stopped by a signal`;

export const COMMAND_TABLE: { readonly [K in CommandName]: CommandSpec } = {
  delete: {
    summary: 'delete the images whose IDs the sources hold',
    description:
      'Deletes the images whose IDs the sources hold, and keeps every result in a checkpoint. Where an unfinished purge of the same sources exists, it goes on.',
    argument: '<source...>',
    argumentHelp: 'files of IDs (CSV, NDJSON or lines; gzip and zstd too), or - for standard input',
    examples: [
      'images-purge delete ids.csv --dry-run',
      'images-purge delete ids.csv --exclude keep.csv --limit 10',
      'images-purge delete ids.csv --yes --max-deletes 25%',
    ],
  },
  plan: {
    summary: 'read and check the sources, show what a purge would delete',
    description: 'Reads the sources into a checkpoint and shows the plan for review. Sends nothing. `images-purge resume` carries it out.',
    argument: '<source...>',
    argumentHelp: 'files of IDs (CSV, NDJSON or lines; gzip and zstd too), or - for standard input',
    examples: ['images-purge plan ids.csv --exclude keep.csv', 'images-purge resume ids.csv.checkpoint'],
  },
  resume: {
    summary: 'go on with a purge, or carry out a plan',
    description: 'Goes on with an unfinished purge without its source, or carries out a plan.',
    argument: '<checkpoint>',
    argumentHelp: 'the checkpoint file',
    examples: ['images-purge resume ids.csv.checkpoint', 'images-purge resume ids.csv.checkpoint --retry-failed --yes'],
  },
  status: {
    summary: 'show how far a purge is; works while it runs',
    description: 'Shows counts, rate, time left and the last errors of a purge. Works while the purge runs and changes nothing.',
    argument: '<checkpoint...>',
    argumentHelp: 'checkpoint files; several (the shards of a list) are added up',
    examples: ['images-purge status ids.csv.checkpoint', 'images-purge status ids.csv.checkpoint --json'],
  },
  report: {
    summary: 'write the report again from checkpoints',
    description: 'Writes the report again from one or several checkpoints. Changes nothing in them.',
    argument: '<checkpoint...>',
    argumentHelp: 'checkpoint files; several are merged',
    examples: [
      'images-purge report ids.csv.checkpoint --outcome failed',
      'images-purge report ids.csv.checkpoint --format csv -o report.csv',
    ],
  },
  simulate: {
    summary: 'run a local server that answers like the API, for rehearsals',
    description: 'Runs a local server that answers like the Cloudflare Images API, for rehearsals, demos and tests, until it is stopped.',
    argument: undefined,
    argumentHelp: undefined,
    examples: ['images-purge simulate --port 8787', 'images-purge simulate --quota 1200/5m --block 5m --faults 2% --latency 40ms'],
  },
};
