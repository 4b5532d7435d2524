/**
 * What help says besides commands and options.
 *
 * @module
 */

export const PROGRAM_DESCRIPTION: string =
  "Deletes images from Cloudflare Images by ID, in bulk, within the account's quota. It can be stopped at any moment " +
  'and goes on without losing or repeating work. Deleting cannot be undone.';

export const CREDENTIALS_HELP: string = `Credentials come from the environment, never from flags:
  CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY;
  each also as <NAME>_FILE, the path of a file that holds it.`;

export const VARIABLES_HELP: string = `Options also read IMAGES_PURGE_<NAME>, where they do not say "no variable": --max-age reads
IMAGES_PURGE_MAX_AGE. A flag wins. Durations: 500ms, 30s, 5m, 2h, 7d.`;

/** From a rehearsal to a purge that goes on. */
export const PROGRAM_EXAMPLES: readonly string[] = [
  'images-purge simulate --port 8787',
  'images-purge check',
  'images-purge delete ids.csv --exclude keep.csv --dry-run',
  'images-purge delete ids.csv --exclude keep.csv',
  'images-purge status ids.csv.checkpoint',
];

/** Each of `EXIT` but `defect`. The README says the same; a test compares them. */
export const EXIT_CODES_HELP: string = `Exit codes:
  0  finished: all deleted or absent     5  a file or output could not be read or written
  1  some failed, rejected, still there   6  another run holds this checkpoint
  2  usage or configuration error        7  a guard or the person refused
  3  the API refused credentials,        8  stopped by --limit, --max-duration
     permission, account or address         --max-failures or --max-absent
  4  no answer for --give-up-after       129, 130, 143  stopped by a signal`;
