import { EXIT } from '../../domain/errors.ts';
import type { EntryGroup } from '../entry.ts';

export const REPORT_ENTRIES: EntryGroup = {
  heading: 'Reports and other output',
  entries: {
    REPORT_EXISTS: {
      title: 'A file lies at the report’s path, and is not this purge’s',
      exits: [EXIT.usage],
      cause: 'It may be the only record of another purge. It was not touched.',
      steps: ['Move it away, or give another path: `--report FILE`'],
    },
    REPORT_CLAIMED: {
      title: 'Another run is writing this report',
      exits: [EXIT.usage],
      cause: 'Two purges were given one path for their reports.',
      steps: ['Give another path with `--report FILE`, or wait until that run has ended.'],
    },
    REPORT_UNWRITABLE: {
      title: 'The report cannot be written',
      exits: [EXIT.storage],
      cause: 'The disk is full, or the folder or file is read-only. Every answer so far is in the checkpoint.',
      steps: ['Fix this, then run the same command: the report catches up. Or give another path: `--report FILE`'],
    },
    OUTPUT_EXISTS: {
      title: 'The output file exists already and is not empty',
      exits: [EXIT.usage],
      cause: 'No command writes over a file that is not its own.',
      steps: ['Give another file, or write over this one with `--force`.'],
    },
    OUTPUT_IS_CHECKPOINT: {
      title: 'The output file is the checkpoint that the report is made from',
      exits: [EXIT.usage],
      cause: 'A mistyped path must not destroy the only record of what was deleted.',
      steps: ['Give another file: `images-purge report ids.csv.checkpoint -o report.ndjson`'],
    },
    PAGE_TO_TERMINAL: {
      title: 'A report as a page was asked for on a terminal',
      exits: [EXIT.usage],
      cause: '`--format html` makes a page for a browser, which a terminal cannot show.',
      steps: ['Give it a file: `images-purge report ids.csv.checkpoint --format html -o report.html`'],
    },
    OUTPUT_UNWRITABLE: {
      title: 'The output file cannot be written',
      exits: [EXIT.storage],
      cause: 'The folder does not exist, is full or is read-only.',
      steps: ['Check the folder, its space and that you may write there, then run the same command.'],
    },
  },
};
