import type { EntryGroup } from '../entry.ts';

export const WARNING_ENTRIES: EntryGroup = {
  heading: 'Warnings',
  entries: {
    SUSPICIOUS_VALUES: {
      title: 'Some IDs look as if they had been changed on their way',
      exits: [],
      cause:
        'Numbers as spreadsheets write them (`9.9E+15`, the digits behind are lost), percent-encoded IDs, quotes or commas at an ' +
        'end, invisible characters, UUIDs in capitals. They are sent as they stand, and are then most likely absent. docs/lists.md ' +
        'explains each kind.',
      steps: [
        'Look at the example and its line, and fix the export: IDs are text.',
        'To refuse such lists: `--strict`. If they are right as they stand: `--literal`',
      ],
    },
    VERIFY_UNCLEAR: {
      title: 'Whether some deleted IDs are gone cannot be told',
      exits: [],
      cause: '`--verify` asked for each of them by itself, and was answered with errors alone. They stay `deleted`, as the API has said.',
      steps: ['Ask again later: `images-purge verify ids.csv.checkpoint`'],
    },
    MANY_ABSENT: {
      title: 'More than a tenth of the answered IDs do not exist',
      exits: [],
      cause: 'The list is old, of another account or from another column, or its IDs were changed on their way. Absent is not deleted.',
      steps: [
        'Compare some of them with the dashboard.',
        'To stop earlier next time: `--max-absent 5%`',
        'If that is expected: `--expect-absent`',
      ],
    },
    RULE_HELD_NONE: {
      title: 'An exclude file or a pattern protected no ID of the list',
      exits: [],
      cause: 'It is the wrong file, the pattern does not fit (`*` stands for no `/`, `**` does), or the list holds none of them.',
      steps: ['Check that it is the right file or pattern, and the right list. To stop where it holds too few: `--min-protected N`'],
    },
    NEAR_PROTECTED: {
      title: 'Some IDs are protected because they are spelled much like an entry',
      exits: [],
      cause: 'Case, percent-encoding, invisible characters or normalisation differ. Protection errs towards keeping.',
      steps: [
        'Look at them in the report: `images-purge report ids.csv.checkpoint --outcome protected`',
        'If only equal IDs are to be kept: `--exclude-literal`',
      ],
    },
    SEVERAL_READINGS: {
      title: 'A row of an exclude file may mean several IDs',
      exits: [],
      cause: 'It holds quotes, commas, a remark or a pattern. Every reading of it is protected.',
      steps: ['Look at the line that the warning names. If rows are IDs exactly as they stand: `--exclude-literal`'],
    },
    EXCLUDE: {
      title: 'Something about an exclude file is worth knowing',
      exits: [],
      cause: 'It was read, and a detail of its form was decided: the warning says which.',
      steps: ['Check that it was read as you meant it.'],
    },
    EXCLUDE_MISSING: {
      title: 'An exclude file of an earlier run is not there any more',
      exits: [],
      cause: 'Its entries are on record and stay in force.',
      steps: ['Nothing needs to be done, unless it should have new entries: put it back, then run the same command.'],
    },
    PROTECTED_TOO_LATE: {
      title: 'IDs were sent before they were protected',
      exits: [],
      cause: 'An `--exclude` that was given later names IDs of which a DELETE may already have been done. It makes the exit code 1.',
      steps: ['Look at those with `earlierUnknown` in the report: `images-purge report ids.csv.checkpoint --outcome protected`'],
    },
    WEAKER_GUARDS: {
      title: 'This command allows more than the purge it replaces did',
      exits: [],
      cause: 'A guard has a milder value than the one on record.',
      steps: ['Check that you mean it.'],
    },
    SOURCE: {
      title: 'Something about a source is worth knowing',
      exits: [],
      cause: 'It is empty, its last line has no end, or a detail of its form was decided: the warning says which.',
      steps: ['Check that it was read as you meant it. To refuse an empty list: `--min-ids 1`'],
    },
    SUPERSEDED: {
      title: 'An unfinished purge was set aside with IDs that were not sent',
      exits: [],
      cause: '`--supersede` was given. The old pair was renamed, and can be resumed.',
      steps: ['The warning shows the command that goes on with it.'],
    },
    OLD_CHECKPOINT: {
      title: 'An older checkpoint was removed by --keep, or could not be',
      exits: [],
      cause:
        'So many finished or superseded pairs are kept beside the current one (30 unless given). Unsent IDs in what was removed ' +
        'are told.',
      steps: ['To keep more: `--keep N`'],
    },
    REPORT_PLACE: {
      title: 'The report is elsewhere than one would look for it, or a file was moved aside',
      exits: [],
      cause: 'The checkpoint was copied or renamed, or another file lay at the report’s place.',
      steps: ['The warning names both paths.'],
    },
    CHECKPOINT_FILE_SYSTEM: {
      title: 'The file system of the checkpoint may not keep its promises',
      exits: [],
      cause: 'It is FUSE, 9p, or a network file system that `--allow-network-checkpoint` allows: locks and fsync may do nothing.',
      steps: ['Put the checkpoint on a local disk or block volume: `--checkpoint FILE`'],
    },
    ACCOUNT_NOT_LOCKED: {
      title: 'Whether another run on this machine uses the same quota cannot be told',
      exits: [],
      cause: 'The lock in the temporary folder could not be made.',
      steps: ['Make the temporary folder writable, or make sure that no other purge of the account runs.'],
    },
    REFUSAL_UNCONFIRMED: {
      title: 'The API refused a request as the run was ending',
      exits: [],
      cause: 'After deletions a single refusal is confirmed before it is believed. The run ended for another reason before that.',
      steps: ['Go on as the ending says. If it lasts, the next run tells what is wrong.'],
    },
    END_NOT_RECORDED: {
      title: 'How the run ended could not be recorded',
      exits: [],
      cause:
        'The checkpoint could not be written at the very end. Outcomes that were committed are kept; `status` cannot tell why the ' +
        'run ended.',
      steps: ['Check the disk, then go on: `images-purge resume ids.csv.checkpoint`'],
    },
    METRICS_FILE: {
      title: 'The metrics file cannot be written',
      exits: [],
      cause:
        'The folder of `--metrics-file` is missing or closed to this user, or its disk is full. The run goes on; the file is tried ' +
        'again each 10 s, and what lies there is old.',
      steps: ['Create the folder, or let this user write to it. The file is written beside its place and renamed.'],
    },
  },
};
