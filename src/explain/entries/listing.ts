import { EXIT } from '../../domain/errors.ts';
import type { EntryGroup } from '../entry.ts';

export const LISTING_ENTRIES: EntryGroup = {
  heading: 'The account’s list of images',
  entries: {
    LIST_BROKEN: {
      title: 'The account’s list of images cannot be trusted',
      exits: [EXIT.storage],
      cause:
        'A page could not be read, again and again, or the pages go round in a circle and never end. Half of a list is never taken ' +
        'for the whole: no file is put in place.',
      steps: [
        'Run the same command again later.',
        'If it ends like this again, what answers at `--base-url` is not the API as it is described: `images-purge check`',
      ],
    },
    LIST_REFUSED: {
      title: 'The API does not go on with the list',
      exits: [EXIT.storage],
      cause: 'It refuses the question itself, not the credentials, and did so again after the list was begun again.',
      steps: ['Run the same command again, with `-o FILE` if it had none; without filters that the API may not know.'],
    },
    LIST_TOKEN_EXPIRED: {
      title: 'The API does not take the continuation token of the list any more',
      exits: [EXIT.storage],
      cause:
        'Where a list goes on is a token of the API, which does not last for ever. With `-o FILE` the list is begun again, and that is ' +
        'a warning; to standard output rows were written already, and the command ends.',
      steps: ['Write to a file, which appears only when it is complete: `images-purge list -o all.csv`'],
    },
    LIST_FILTERS_REFUSED: {
      title: 'The API does not take the filters',
      exits: [],
      cause: 'All images are asked for instead, and the same filters are applied here. The result is the same; it takes more requests.',
      steps: ['Nothing needs to be done.'],
    },
    LIST_BEGUN_AGAIN: {
      title: 'An interrupted list is begun again',
      exits: [],
      cause: 'What was written before was asked for with other options or filters, or it cannot be read: the warning says which.',
      steps: ['Nothing needs to be done. To go on where a list was, run it with the same options.'],
    },
    LIST_LEFT_OUT: {
      title: 'Some images are left out of the list',
      exits: [],
      cause: 'Their IDs hold a control character, such as a line break, which would be two rows in CSV or lines.',
      steps: ['To see them: `--format ndjson`. images-purge cannot delete such images.'],
    },
    LIST_UNCLEAR: {
      title: 'Some IDs may be read as something else where they stand in bare lines',
      exits: [],
      cause: 'They hold quotes, commas, blanks or marks that lists have around IDs.',
      steps: ['Use `--format csv` or `--format ndjson`: there each is read as it is.'],
    },
    LIST_REPEATED: {
      title: 'The API returned some images more than once',
      exits: [],
      cause: 'Images that are uploaded or deleted meanwhile can move others to another page.',
      steps: ['Nothing needs to be done: each is taken once.'],
    },
    LIST_TO_PIPE: {
      title: 'The list goes into a pipe',
      exits: [],
      cause:
        'Who reads a pipe cannot tell its end from a list that failed. What is then done with half of a list is what was asked for only ' +
        'by chance.',
      steps: ['Let the list be complete first: `images-purge list -o all.csv`, look at it, then `images-purge delete all.csv`'],
    },
    OUTPUT_LOCKED: {
      title: 'Another run writes to the same file of `-o`',
      exits: [EXIT.locked],
      cause: 'Two runs that write one list would mix their rows.',
      steps: ['Wait for it to end, or give another file with `-o`.'],
    },
    SCRATCH_UNWRITABLE: {
      title: 'IDs cannot be kept in a temporary file',
      exits: [EXIT.storage],
      cause:
        'The IDs of `--in` and `--not-in`, and those that `--protect-newer-than` protects, lie in a temporary file while the list is ' +
        'read; the folder for such files is full or read-only.',
      steps: ['Make room there, or name another folder in `SQLITE_TMPDIR`.'],
    },
  },
};
