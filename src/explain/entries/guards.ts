import { EXIT } from '../../domain/errors.ts';
import type { EntryGroup } from '../entry.ts';

export const GUARD_ENTRIES: EntryGroup = {
  heading: 'Guards and consent',
  entries: {
    NOT_CONFIRMED: {
      title: 'The question was answered with something else than what it asks for',
      exits: [EXIT.guard],
      cause: 'Only `delete N` with the number of the plan begins a purge. Nothing was sent.',
      steps: ['Run the same command again, and type exactly what the prompt says.'],
    },
    NO_TERMINAL: {
      title: 'The purge must be confirmed, and there is no terminal to ask on',
      exits: [EXIT.usage],
      cause: 'cron, CI and containers have no terminal, and a purge never begins without a yes.',
      steps: [
        'Look at the plan: `images-purge plan ids.csv`',
        'Then run the command with `--confirm DIGEST`, which consents to this set alone, or with `--yes` for whatever the list holds.',
      ],
    },
    NO_ONE_TO_ASK: {
      title: 'The purge has not been confirmed, and there is nobody to ask',
      exits: [EXIT.usage],
      cause: 'The list was read, or is on record, and no one has consented to it.',
      steps: ['Look at the plan, then run the same command with `--confirm DIGEST`, or with `--yes` for whatever the list holds.'],
    },
    YES_FORBIDDEN: {
      title: '--yes is given, and IMAGES_PURGE_FORBID_YES forbids it',
      exits: [EXIT.usage],
      cause: 'The people who run this machine want a person or a named set to consent, not a flag.',
      steps: ['Look at the plan with `--dry-run`, then give the digest it shows: `--confirm DIGEST`'],
    },
    CONFIRM_DIFFERS: {
      title: '--confirm consents to another set than this one',
      exits: [EXIT.guard],
      cause: 'The list, the exclude files, the account or the API root is not what it was when the digest was shown. Nothing was sent.',
      steps: [
        'Look at the plan of this set: `images-purge plan ids.csv --checkpoint review.checkpoint`',
        'If it is what you want, give its digest to `--confirm`.',
      ],
    },
    CONFIRM_UNKNOWN: {
      title: 'What --confirm names cannot be compared',
      exits: [EXIT.guard],
      cause: 'An older version read this list, and kept only its shard of it.',
      steps: ['Give the list another `--checkpoint`.'],
    },
    GUARDS_LOST: {
      title: 'The purge that lies there has protection that this command lacks',
      exits: [EXIT.guard],
      cause: 'A command that replaces a purge and leaves out its `--exclude` or one of its guards would delete what was to be kept.',
      steps: ['Give them again: the error shows the whole command.', 'If you mean to do without: the same command with `--drop-guards`'],
    },
    MIN_IDS: {
      title: 'The list holds fewer IDs than --min-ids',
      exits: [EXIT.guard],
      cause: 'An export that failed half-way is not a success. Nothing was sent.',
      steps: ['Check that the export is complete.', 'If so few are right, lower `--min-ids`.'],
    },
    MAX_DELETES: {
      title: 'The list holds more IDs than --max-deletes allows',
      exits: [EXIT.guard],
      cause: 'A query that lost its condition names everything. Nothing was sent.',
      steps: ['Check that it is the right list.', 'If so many are right, raise `--max-deletes`.'],
    },
    MAX_DELETES_UNKNOWN: {
      title: '--max-deletes is a share, and the account’s image count cannot be read',
      exits: [EXIT.guard],
      cause: 'The credentials may not read stats.',
      steps: ['Give the token Images Read as well, and look: `images-purge check`', 'Or give `--max-deletes` as a number of IDs.'],
    },
    LIST_UNREADABLE: {
      title: '--protect-newer-than is given, and the account’s list of images cannot be read',
      exits: [EXIT.guard],
      cause:
        'The age of an image stands in the account’s list alone. The credentials may not read it, it was answered with errors alone, ' +
        'or what came is no list. Nothing was sent.',
      steps: [
        'See what the credentials may read: `images-purge check`. They need Images Read as well.',
        'Run the same command again once the list can be read.',
        'To do without the protection by age: leave it out, with `--drop-guards` where it is on record.',
      ],
    },
    MIN_PROTECTED: {
      title: 'What protects holds fewer IDs of the list than --min-protected',
      exits: [EXIT.guard],
      cause:
        'Exclude files are empty or of another account, a pattern of `--exclude-id` does not fit, or nothing is as new as ' +
        '`--protect-newer-than` says: what was to be kept would be deleted.',
      steps: [
        'Check that the exclude files are the right ones and complete, and that the patterns fit.',
        'If so few are right, lower `--min-protected`.',
      ],
    },
  },
};
