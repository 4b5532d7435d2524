import { EXIT } from '../../domain/errors.ts';
import type { EntryGroup } from '../entry.ts';

export const COMMAND_LINE_ENTRIES: EntryGroup = {
  heading: 'Command line and environment',
  entries: {
    COMMAND_LINE: {
      title: 'The command line cannot be understood',
      exits: [EXIT.usage],
      cause:
        'A command or an option is not known, or there are more words than the command takes. The error names it, and what is ' +
        'nearly like it.',
      steps: ['See what there is: `images-purge --help`, and `images-purge delete --help` for one command.'],
    },
    NO_COMMAND: {
      title: 'No command is given',
      exits: [EXIT.usage],
      cause: 'The first word says what to do: `delete`, `plan`, `resume`, `status`, …',
      steps: ['See what there is: `images-purge --help`'],
    },
    NO_SOURCE: {
      title: 'No source is given',
      exits: [EXIT.usage],
      cause: '`delete` and `plan` need files of IDs, or `-` for standard input. A variable in the command may be unset.',
      steps: ['Name the file: `images-purge delete ids.csv --dry-run`'],
    },
    STDIN_TWICE: {
      title: 'Standard input is named twice',
      exits: [EXIT.usage],
      cause: 'It can be read only once.',
      steps: ['Name `-` once, or write one of the two to a file.'],
    },
    CHECKPOINT_COUNT: {
      title: 'No checkpoint is named, or more than one',
      exits: [EXIT.usage],
      cause: '`resume` goes on with exactly one purge; `status` and `report` need at least one.',
      steps: ['Name it: `images-purge resume ids.csv.checkpoint`'],
    },
    OPTION_VALUE: {
      title: 'The value of an option or variable is not one that it takes',
      exits: [EXIT.usage],
      cause:
        'The error says what it must be, and shows what was given unless that may be a secret. Nothing is guessed: a typing error ' +
        'could delete.',
      steps: [
        'See the bounds of each option: `images-purge delete --help`',
        'A value that is empty is most often a variable that is not set.',
      ],
    },
    OPTION_VALUE_MISSING: {
      title: 'An option has no value, and the next option follows',
      exits: [EXIT.usage],
      cause: '`--exclude --yes` would name a file `--yes`, and leave the option out.',
      steps: ['Give the value. A file that is called like an option is given as `./--yes`.'],
    },
    OPTION_TWICE: {
      title: 'An option or variable is given twice, and only one value can count',
      exits: [EXIT.usage],
      cause: 'One of the two would be ignored in silence. Two variables that mean the same and differ are the same mistake.',
      steps: ['Leave one of them out.'],
    },
    OPTION_CONFLICT: {
      title: 'Two options contradict each other',
      exits: [EXIT.usage],
      cause: '`--quote` and `--delimiter` must be different characters.',
      steps: ['Give each its own.'],
    },
    OPTION_NOT_OFFERED: {
      title: 'A variable asks for protection that this command or version cannot give',
      exits: [EXIT.usage],
      cause: 'To ignore it would delete more, or with less care, than was asked for.',
      steps: ['Unset the variable to go on without, or use a version that has the option.'],
    },
    VARIABLE_MISSPELT: {
      title: 'A variable is nearly one of images-purge, and is none',
      exits: [EXIT.usage],
      cause: 'A run that ignored `IMAGES_PURGE_DRYRUN=1` would delete. Two letters more, fewer or other ones count as a slip.',
      steps: ['Rename it as the error says, or unset it.'],
    },
    GLOB_SPREAD: {
      title: 'The shell may have made several files of a pattern behind an option that protects',
      exits: [EXIT.usage],
      cause:
        '`--exclude keep*.txt` reaches a program as `--exclude keep-a.txt keep-b.txt`: the second file would be a source, and its ' +
        'images deleted.',
      steps: [
        'Give the option for each file, and put patterns of IDs into quotes.',
        'If the second file is a source, join the option and its file: `--exclude=keep-a.txt`',
      ],
    },
    PATH_TWICE: {
      title: 'A file that would be written is used for something else, too',
      exits: [EXIT.usage],
      cause: 'A report over its own source, or a log over the checkpoint, would destroy it. Links are followed.',
      steps: ['Give the option that the error names another path.'],
    },
    STDOUT_TWICE: {
      title: 'Two things would be written to stdout',
      exits: [EXIT.usage],
      cause: '`--report -` and `--json` both write there, and a reader could not tell them apart.',
      steps: ['Give the report a file: `--report report.ndjson`'],
    },
    SHARD_INDEX_MISSING: {
      title: 'IMAGES_PURGE_SHARDS is set, but nothing says which shard this is',
      exits: [EXIT.usage],
      cause: 'A Kubernetes Indexed Job sets `JOB_COMPLETION_INDEX`; other jobs do not.',
      steps: ['Run it as an Indexed Job, or give `--shard 0/4`.'],
    },
    SHARD_RATE: {
      title: 'The rate cannot be divided among so many shards',
      exits: [EXIT.usage],
      cause: 'Each shard would get less than one request in the given time.',
      steps: ['Give the same rate for a longer time, as the error shows.'],
    },
    FOLDER_GONE: {
      title: 'The current folder is gone',
      exits: [EXIT.storage],
      cause: 'It was removed or renamed while the shell stood in it, so that no relative path has a meaning.',
      steps: ['Change to a folder that is there, then run the same command.'],
    },
    CODE_UNKNOWN: {
      title: 'There is no such code to explain',
      exits: [EXIT.usage],
      cause:
        'Codes stand at the end of an error, behind “More:”, and as `error.code` in what `--json` prints. Those of the API (5404, ' +
        '10000) are others.',
      steps: ['See all of them: `images-purge explain`'],
    },
    STDOUT_UNWRITABLE: {
      title: 'stdout cannot be written',
      exits: [EXIT.storage],
      cause: 'The disk behind `> file` is full, or what stdout leads to has failed. Outcomes are committed all the same.',
      steps: ['Make room where it leads to, or let it lead elsewhere, then go on with the same command.'],
    },
    TEMPORARY_FOLDER: {
      title: 'No folder for the dry run can be made',
      exits: [EXIT.storage],
      cause: 'A dry run writes a checkpoint of its own into the temporary folder, which is full, missing or read-only.',
      steps: ['Make room there, or name another folder in `TMPDIR`.'],
    },
    SIMULATOR_START: {
      title: 'The simulated API could not be started',
      exits: [EXIT.storage],
      cause: 'Most often another program uses the port.',
      steps: ['Give another `--port`, or none for any free one: `images-purge simulate`'],
    },
    METRICS_LISTEN: {
      title: 'The address of --metrics-listen cannot be listened on',
      exits: [EXIT.usage],
      cause:
        'Another program, perhaps another run, listens on the port; the host is no address of this machine; or the port is below 1024 ' +
        'and this user may not use it. Nothing was sent.',
      steps: [
        'Give each run a port of its own, such as `--metrics-listen 127.0.0.1:9465`; port 0 takes any that is free, and the log tells it.',
      ],
    },
    METRICS_FILE_TAKEN: {
      title: 'What lies at --metrics-file is something else than metrics of images-purge',
      exits: [EXIT.usage],
      cause:
        'The file is replaced by each run, and a file that was named by mistake would be lost. Nothing was sent, and it was not touched.',
      steps: ['Give `--metrics-file` a path where nothing lies, or remove the file if nobody needs it.'],
    },
    IMAGES_UNREADABLE: {
      title: 'The file of --images of the simulated API cannot be read',
      exits: [EXIT.storage],
      cause: '`--images` takes `any`, `none`, or a file with one ID a line.',
      steps: ['Check the path and who may read it.'],
    },
    OPTION_UNKNOWN: {
      title: 'A program gave purge() an option that it does not know',
      exits: [EXIT.usage],
      cause: 'A misspelt guard would be lost.',
      steps: ['Take one of those that the error lists.'],
    },
    OPTION_MISSING: {
      title: 'A program left out an option that purge() needs',
      exits: [EXIT.usage],
      cause: 'Account and checkpoint have no default in a program.',
      steps: ['Give `accountId` and `checkpoint`.'],
    },
    REPORT_STDOUT: {
      title: 'A program asked purge() to write the report to stdout',
      exits: [EXIT.usage],
      cause: 'stdout belongs to the program.',
      steps: ['Give `report` a path, and read the file.'],
    },
    STOPPED_EARLY: {
      title: 'purge() was stopped before there was a purge to go on with',
      exits: [EXIT.storage, EXIT.sighup, EXIT.sigint, EXIT.sigterm],
      cause: 'Its signal was aborted before the checkpoint was made. Nothing was sent.',
      steps: ['Give the same IDs again.'],
    },
    DEFECT: {
      title: 'A defect in images-purge, not in what you did',
      exits: [EXIT.defect],
      cause: 'Something happened that should not be possible; the stack is on stderr. What was committed to the checkpoint is kept.',
      steps: ['Report it with the stack.', 'Go on with the purge: `images-purge resume ids.csv.checkpoint`'],
    },
  },
};
