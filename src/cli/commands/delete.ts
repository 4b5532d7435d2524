import type { Command } from './command.ts';
import { LIST_OPTIONS, runListPurge, SOURCES_ARGUMENT } from './shared/list-purge.ts';

export const deleteCommand: Command = {
  name: 'delete',
  summary: 'delete the images whose IDs the sources hold',
  description:
    'Deletes the images whose IDs the sources hold, and keeps every result in a checkpoint. ' +
    'Where an unfinished purge of the same sources exists, it goes on.',
  argument: SOURCES_ARGUMENT,
  options: [...LIST_OPTIONS, 'dryRun', 'checkExists'],
  examples: [
    'images-purge delete ids.csv --dry-run',
    'images-purge delete ids.csv --exclude keep.csv --limit 10',
    'images-purge delete ids.csv --yes --max-deletes 25%',
  ],
  needsCredentials: true,
  run: (invocation) => runListPurge('delete', invocation),
};
