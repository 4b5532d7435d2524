import { EXIT } from '../../domain/errors.ts';
import type { EntryGroup } from '../entry.ts';

export const CHECKPOINT_ENTRIES: EntryGroup = {
  heading: 'The checkpoint',
  entries: {
    CHECKPOINT_MISSING: {
      title: 'There is no checkpoint at this path',
      exits: [EXIT.storage],
      cause:
        'The path is wrong, or the file was moved or removed. `delete` and `plan` name the checkpoint when they end; it lies ' +
        'beside the first source.',
      steps: ['Check the path: `images-purge status ids.csv.checkpoint`'],
    },
    NOT_A_CHECKPOINT: {
      title: 'The file is not a checkpoint of images-purge',
      exits: [EXIT.storage],
      cause: 'It is another file, or was overwritten. It was not touched.',
      steps: ['Give the checkpoint, or for a new purge another path with `--checkpoint FILE`.'],
    },
    CHECKPOINT_NEWER: {
      title: 'The checkpoint was written by a newer images-purge',
      exits: [EXIT.storage],
      cause: 'This version does not know its format, and would damage it. It was not touched.',
      steps: ['Update images-purge, then run the same command.'],
    },
    CHECKPOINT_DAMAGED: {
      title: 'The checkpoint is damaged',
      exits: [EXIT.storage],
      cause:
        'A part of the file cannot be read, or holds what no version has ever written: a failing disk, a copy that was cut short, ' +
        'another program. Nothing in it was changed.',
      steps: [
        'Restore it from a copy, together with its `-wal` file.',
        'Read what can be read of it: `images-purge report ids.csv.checkpoint -o report.ndjson`',
        'Without a copy, start again with another `--checkpoint`; what is deleted already then counts as absent: `--expect-absent`',
      ],
    },
    WAL_MISSING: {
      title: 'The -wal file of the checkpoint is missing after a kill',
      exits: [EXIT.storage],
      cause:
        'A run was killed, and what it wrote last is in the file `….checkpoint-wal` alone. The checkpoint was moved or copied ' +
        'without it, or it was removed. To go on without it would send again what is done, and forget results.',
      steps: [
        'Put it back beside the checkpoint: the two are moved and copied together.',
        'Where another program has moved its content into the checkpoint (sqlite3 does when it ends), make an empty one, as the ' +
          'error shows.',
      ],
    },
    CHECKPOINT_GONE: {
      title: 'The checkpoint was removed, renamed or replaced while the run worked',
      exits: [EXIT.storage],
      cause: 'The run would go on writing into a file that nobody finds again.',
      steps: [
        'If it was renamed, put it back with the files beside it and run the same command.',
        'If it was removed, run the list again with `--expect-absent`: a part of it is gone already.',
      ],
    },
    LOCK_GONE: {
      title: 'The lock file of the checkpoint was removed while the run worked',
      exits: [EXIT.storage],
      cause: 'Without it a second run could begin on the same checkpoint and send the same IDs.',
      steps: [
        'Look whether another run works on it: `images-purge status ids.csv.checkpoint`',
        'If none does, run the same command. Leave `.lock` files alone.',
      ],
    },
    CHECKPOINT_LOCKED: {
      title: 'Another run holds the checkpoint',
      exits: [EXIT.locked],
      cause:
        'Two runs on one checkpoint would send the same IDs. The lock belongs to a process and goes with it: a killed run leaves ' +
        'none.',
      steps: ['See how far it is: `images-purge status ids.csv.checkpoint`', 'Wait for it to end, or stop it, then run the same command.'],
    },
    ACCOUNT_LOCKED: {
      title: 'Another run on this machine uses the quota of the same account',
      exits: [EXIT.locked],
      cause: 'Both would send at the whole rate, and the API blocks the account, its dashboard too, for five minutes.',
      steps: [
        'Wait for it to end, then run the same command.',
        'Share the quota by `--quota-redis URL`, split the list by `--shard I/N`, or use `--batch-tokens N`.',
        'Or give each run a `--rate` that leaves room for the other, with `--allow-parallel`.',
      ],
    },
    CHECKPOINT_CANNOT_OPEN: {
      title: 'The checkpoint, its folder or its lock cannot be opened or created',
      exits: [EXIT.storage],
      cause:
        'The folder does not exist, is read-only, or belongs to another user. The checkpoint lies beside the first source unless ' +
        '`--checkpoint` says otherwise.',
      steps: ['Make the folder writable for this user, or put the checkpoint elsewhere: `--checkpoint /var/lib/purge/ids.checkpoint`'],
    },
    CHECKPOINT_READ_ONLY: {
      title: 'The checkpoint is read-only',
      exits: [EXIT.storage],
      cause: 'The file, its folder or its disk cannot be written, as on a mounted image or after a disk error.',
      steps: ['Make it writable, then run the same command.', 'In a container, mount the folder of the checkpoint writable.'],
    },
    CHECKPOINT_DISK_FULL: {
      title: 'The disk that holds the checkpoint is full',
      exits: [EXIT.storage],
      cause: 'No result may go unrecorded, so the run stops. What was committed is kept.',
      steps: ['Free some space, then run the same command: it goes on where it was.'],
    },
    CHECKPOINT_IO: {
      title: 'The checkpoint could not be read or written',
      exits: [EXIT.storage],
      cause: 'The operating system reports an error of the disk, the network volume or the file’s permissions.',
      steps: ['Check the disk, its space and its permissions, then run the same command.'],
    },
    CHECKPOINT_BUSY: {
      title: 'Another program keeps the checkpoint busy',
      exits: [EXIT.storage],
      cause: 'A program such as sqlite3 or a backup holds a lock on the file.',
      steps: ['End it, then run the same command.'],
    },
    CHECKPOINT_CHANGED: {
      title: 'A run began on the checkpoint while it was being read',
      exits: [EXIT.storage],
      cause: '`status` or `report` was reading a checkpoint at rest, and what it had read may be of two different states.',
      steps: ['Run the same command again.'],
    },
    CHECKPOINT_HARD_LINKED: {
      title: 'The checkpoint has a second name',
      exits: [EXIT.storage],
      cause: 'A hard link gives a file another name, under which a second run could work on it: the lock is found by name.',
      steps: ['Remove the other name, or copy the file and rename the copy over it, then run the same command.'],
    },
    CHECKPOINT_ON_NETWORK: {
      title: 'The checkpoint lies on a network file system',
      exits: [EXIT.storage],
      cause: 'On NFS and SMB neither locks nor fsync can be trusted: two runs might send the same IDs, and results be lost.',
      steps: [
        'Put it on a local disk or block volume: `--checkpoint FILE`',
        'If you are sure of the file system: `--allow-network-checkpoint`',
      ],
    },
    TOO_OLD: {
      title: 'The plan or unfinished purge was last worked on too long ago, or in the future',
      exits: [EXIT.guard],
      cause:
        'What an old list names may be in use again. `--max-age` (7 days unless given) counts from the last row read or outcome ' +
        'recorded. A time in the future means that a clock is or was wrong.',
      steps: [
        'Make a new list under another `--checkpoint`.',
        'Where you are sure of the old one, run the same command with a longer `--max-age 30d`.',
        'Set the clock right; `images-purge check` compares it with the API’s.',
      ],
    },
    OTHER_ACCOUNT: {
      title: 'The checkpoint belongs to another account',
      exits: [EXIT.guard, EXIT.usage],
      cause:
        'A purge is bound to one account: its results would be mixed up with another’s. `status` and `report` do not add up purges ' +
        'of two accounts (exit 2).',
      steps: ['Give the right `--account-id`, or another `--checkpoint`.', 'To set the old purge aside: `--supersede`'],
    },
    OTHER_API_ROOT: {
      title: 'The checkpoint belongs to another API root',
      exits: [EXIT.guard, EXIT.usage],
      cause:
        'Most often a rehearsal against the simulated API lies there, or `CLOUDFLARE_BASE_URL` is still set. What was done there ' +
        'was not done at Cloudflare.',
      steps: [
        'Unset `CLOUDFLARE_BASE_URL`, or give the right `--base-url`.',
        'Give the real purge another `--checkpoint`, or set the rehearsal aside: `--supersede`',
      ],
    },
    OTHER_LIST: {
      title: 'The checkpoint holds an unfinished purge of another list',
      exits: [EXIT.guard],
      cause:
        'The file has changed since, or another file is given. To go on would delete what the new list does not hold; to replace ' +
        'it would forget what is done.',
      steps: [
        'Finish the old one with the command that the error shows, which says how many IDs that deletes.',
        'Set it aside and begin with this list: the same command with `--supersede`',
      ],
    },
    PLAN_IN_THE_WAY: {
      title: 'The checkpoint holds a plan of another list or with other options',
      exits: [EXIT.guard],
      cause: 'Someone has made it to be reviewed and carried out.',
      steps: ['Carry it out: `images-purge resume ids.csv.checkpoint`', 'Set it aside: the same command with `--supersede`'],
    },
    PURGE_IN_THE_WAY: {
      title: 'The checkpoint holds an unfinished purge, which a plan would overwrite',
      exits: [EXIT.guard],
      cause: 'Its outcomes are the only record of what was deleted. It was not touched.',
      steps: ['Finish it: `images-purge resume ids.csv.checkpoint`', 'Plan elsewhere: the same command with another `--checkpoint`'],
    },
    INTAKE_UNFINISHED: {
      title: 'The checkpoint does not hold the whole list, and this purge waits for it',
      exits: [EXIT.guard],
      cause: 'The source was not read to its end, and a guard, a question or a plan needs all of it.',
      steps: ['Give the source again, with the command that the error shows.'],
    },
    SAME_PURGE: {
      title: 'Two of the checkpoints hold the same purge',
      exits: [EXIT.usage],
      cause: 'One is a copy of the other; added up, each ID would count twice.',
      steps: ['Name one of them.'],
    },
  },
};
