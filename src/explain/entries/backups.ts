import { EXIT } from '../../domain/errors.ts';
import type { EntryGroup } from '../entry.ts';

export const BACKUP_ENTRIES: EntryGroup = {
  heading: 'Backups',
  entries: {
    BACKUP_UNWRITABLE: {
      title: 'The backup cannot be written',
      exits: [EXIT.storage],
      cause:
        'The disk is full, the folder is read-only, or the disk fails; the message has the cause in brackets. What is not safe ' +
        'in the backup is not deleted, so the run stops. Every image that was deleted is whole in it.',
      steps: [
        'Make room there, or make it writable, then go on: `images-purge resume ids.csv.checkpoint`',
        'Or go on in another folder: `images-purge resume ids.csv.checkpoint --backup DIR`; both folders together are then the backup.',
      ],
    },
    BACKUP_NO_ROOM: {
      title: 'The backup would not find room',
      exits: [EXIT.storage],
      cause:
        'A few images of the list were asked for their size before the first DELETE. By these, the others need more than is ' +
        'free. Nothing was sent.',
      steps: ['Make room there, or name a folder on a larger disk: `--backup DIR`', 'Delete only as many as find room: `--limit N`'],
    },
    BACKUP_OF_OTHER_ACCOUNT: {
      title: 'The folder holds a backup of another account',
      exits: [EXIT.guard],
      cause:
        '`backup.json` in it names the account and the API root that its images are of, and this purge is for another. Nothing ' +
        'was sent.',
      steps: ['Give each account a folder of its own: `--backup DIR`'],
    },
    NOT_A_BACKUP: {
      title: 'The folder is not a backup',
      exits: [EXIT.usage],
      cause: 'It has no `backup.json` of ours. `--backup` takes a folder that is new or empty, `restore` one that was given to `--backup`.',
      steps: ['Check the path. For a backup give an empty folder, or one that is not there yet.'],
    },
    BACKUP_ON_BATCH_LANES: {
      title: '--backup does not go with --batch-tokens',
      exits: [EXIT.usage],
      cause:
        "Each image is read with two requests on the account's own quota before its DELETE. Batch tokens would make only the " +
        'third faster.',
      steps: ['Leave out `--batch-tokens`.'],
    },
    BACKUP_UNREADABLE: {
      title: 'The backup cannot be read',
      exits: [EXIT.storage],
      cause: 'A file of it is not there, or you may not read it; the message has the cause in brackets.',
      steps: ['Check the disk and the rights, then run the same command.'],
    },
    BACKUP_COUNT: {
      title: 'restore takes one backup',
      exits: [EXIT.usage],
      cause: 'It restores one folder at a time.',
      steps: ['Name one folder: `images-purge restore DIR`'],
    },
    OTHER_RESTORE: {
      title: 'The report that is there is of something else',
      exits: [EXIT.usage],
      cause:
        'What was restored stands in a report, by which the next run goes on. The file there is none, or of a restore into ' +
        'another account. It was not touched.',
      steps: ['Give another file: `--report FILE`'],
    },
    RESTORED_TWICE: {
      title: 'An image may have been uploaded twice',
      exits: [],
      cause:
        'An earlier run was ended while it uploaded an image whose ID Cloudflare gave. Each upload of it gets a new ID, and ' +
        'that of the earlier one was never told.',
      steps: ['Look for two images with its file name, uploaded at these times: `images-purge list --filename NAME`'],
    },
  },
};
