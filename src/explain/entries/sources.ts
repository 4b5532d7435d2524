import { EXIT } from '../../domain/errors.ts';
import type { EntryGroup } from '../entry.ts';

export const SOURCE_ENTRIES: EntryGroup = {
  heading: 'The list of IDs',
  entries: {
    SOURCE_UNREADABLE: {
      title: 'A source cannot be read',
      exits: [EXIT.storage],
      cause: 'It does not exist, is a folder, or the user may not read it.',
      steps: ['Check the path and who may read it, then run the same command.'],
    },
    SOURCE_BROKEN: {
      title: 'The structure of a source is broken at a line, and what follows cannot be trusted',
      exits: [EXIT.storage],
      cause:
        'A quote is never closed, a line is no JSON, bytes are not UTF-8, packed data is cut short: behind such a place IDs may be ' +
        'glued together or cut. Nothing from that line on was read, and no more is deleted.',
      steps: [
        'Fix the line, or make the export again, and run the same command: what is done is not done again.',
        'Where quotes are part of the values, give `--quote none`.',
        'Text in another encoding is converted by `iconv`, as the error shows.',
      ],
    },
    SOURCE_CHANGED: {
      title: 'A source was changed while it was read',
      exits: [EXIT.storage],
      cause: 'Another program still writes it. A list that changes under the reader is neither the old one nor the new one.',
      steps: [
        'Wait until the program that writes it has ended, then run the same command. Write exports elsewhere and rename them when ' +
          'complete.',
      ],
    },
    SOURCE_NO_LIST: {
      title: 'A source is something else than a list of IDs',
      exits: [EXIT.usage],
      cause: 'A web page, a spreadsheet, a PDF, a drawn table, a program’s error text, … Its words would be taken for IDs.',
      steps: ['Make a list of it with the command that the error shows. docs/lists.md names all that is refused.'],
    },
    SOURCE_IS_CSV_REPORT: {
      title: 'A source is a report of images-purge in CSV',
      exits: [EXIT.usage],
      cause: 'Its cells may be spelled differently from the IDs, for spreadsheets, and it names protected IDs beside failed ones.',
      steps: ['Take the NDJSON report: `images-purge report ids.csv.checkpoint --format ndjson`'],
    },
    SOURCE_OTHER_COLUMN: {
      title: 'A further source has its IDs in another column',
      exits: [EXIT.storage],
      cause: '`--column N` is a position, and the header of this file names another column there.',
      steps: ['Name the column: `--column NAME`, or give this file in a command of its own.'],
    },
    SOURCE_NOT_READ: {
      title: 'What was accepted is carried out, but a source was never read to its end',
      exits: [EXIT.storage],
      cause: '`resume` works without the source. The rest of the list is not in the checkpoint.',
      steps: ['Give the source again, with the command that the error shows.'],
    },
    COLUMN_MISSING: {
      title: 'The column of the IDs is not there',
      exits: [EXIT.usage],
      cause: 'No column has the name or position that `--column` says, or the header holds none of the known names (`id`, `image_id`, …).',
      steps: [
        'Choose one of the columns that the error lists: `--column NAME`, or `--column 2`.',
        'Where the file has no header, give `--no-header` as well. Where one stands further down, `--skip-lines N`.',
      ],
    },
    COLUMN_AMBIGUOUS: {
      title: 'More than one column may hold the IDs',
      exits: [EXIT.usage],
      cause: 'Of two likely columns one would be deleted by guess.',
      steps: ['Say which one: `--column NAME`'],
    },
    HEADER_IN_DOUBT: {
      title: 'Whether the first row names the columns cannot be told',
      exits: [EXIT.usage],
      cause:
        'It holds a known name and looks like the rows below it: a header taken for a row is sent, a row taken for a header is ' +
        'left out.',
      steps: ['If it is the first row: `--no-header`', 'If it names the columns: `--column NAME`'],
    },
    HEADER_BELOW: {
      title: 'The names of the columns stand below other lines',
      exits: [EXIT.usage],
      cause: 'A title or a line of another program stands above the header.',
      steps: ['Pass over what stands above: `--skip-lines N`', 'If there are no names at all: `--no-header`, or `--format lines`'],
    },
    DELIMITER_AMBIGUOUS: {
      title: 'Two characters may part the columns',
      exits: [EXIT.usage],
      cause: 'Parted by either of them the file has a column of IDs.',
      steps: ['Say which: `--delimiter ";"`'],
    },
    STRICT: {
      title: 'The list holds rejected rows or suspicious values, and --strict allows none',
      exits: [EXIT.guard],
      cause:
        'Rows without a usable ID, or values that look as if they had been changed on their way: numbers as spreadsheets write ' +
        'them (`9.9E+15`), percent-encoded IDs, quotes at an end, invisible characters. docs/lists.md explains each kind.',
      steps: [
        'Look at the rejected rows in the report, and fix the export. Where a spreadsheet has changed the IDs, export them as text.',
        'If the values are IDs exactly as they stand: `--literal`',
      ],
    },
    EXCLUDE_UNREADABLE: {
      title: 'An exclude file cannot be used',
      exits: [EXIT.usage],
      cause: 'It is missing, broken, or its column is not clear. Nothing may be sent while it is not known what is protected.',
      steps: ['Fix it as the error says. Its column is named by `--exclude-column NAME`.'],
    },
    EXCLUDE_EMPTY: {
      title: 'An exclude file holds no ID',
      exits: [EXIT.usage],
      cause: 'Most often its export has failed. It would protect nothing.',
      steps: ['Check the file. If it may be empty, give `--allow-empty-exclude`.'],
    },
    EXCLUDE_BAD_ROW: {
      title: 'A row of an exclude file holds no usable ID',
      exits: [EXIT.usage],
      cause: 'An ID that is not understood would not be protected.',
      steps: ['Fix or remove the line that the error names.'],
    },
    EXCLUDE_IS_REPORT: {
      title: 'An exclude file is a report of images-purge',
      exits: [EXIT.usage],
      cause: 'It holds deleted IDs beside protected ones; which of them to protect cannot be told.',
      steps: ['Give a list of IDs.'],
    },
    EXCLUDE_IS_PROSE: {
      title: 'An exclude file is text, not a list',
      exits: [EXIT.usage],
      cause: 'Most of its rows read like sentences, so that none of them would protect an image.',
      steps: ['Give a list with one ID a line.'],
    },
    EXCLUDE_PATTERNS: {
      title: 'An exclude file holds too many rows with *, ? or [ ]',
      exits: [EXIT.usage],
      cause: 'Such rows are read as patterns, and each ID would be compared with all of them.',
      steps: ['If they are plain IDs: `--exclude-literal`. Else write fewer, wider patterns.'],
    },
  },
};
