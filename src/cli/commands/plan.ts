import type { Command } from './command.ts';
import { LIST_OPTIONS, runListPurge, SOURCES_ARGUMENT } from './shared/list-purge.ts';

export const planCommand: Command = {
  name: 'plan',
  summary: 'read and check the sources, show what a purge would delete',
  description: 'Reads the sources into a checkpoint and shows the plan for review. Sends nothing. `images-purge resume` carries it out.',
  argument: SOURCES_ARGUMENT,
  options: LIST_OPTIONS,
  examples: ['images-purge plan ids.csv --exclude keep.csv', 'images-purge resume ids.csv.checkpoint'],
  needsCredentials: false,
  run: (invocation) => runListPurge('plan', invocation),
};
