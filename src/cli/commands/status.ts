import { EXIT } from '../../domain/errors.ts';
import { escapeInJson } from '../../text/escape.ts';
import { someCheckpoints } from '../input/resume-options.ts';
import type { Invocation } from '../invocation.ts';
import { statusJson, statusText } from '../texts/status-text.ts';
import { CHECKPOINTS } from '../../options/taken.ts';
import type { Command } from './command.ts';

export const statusCommand: Command = {
  name: 'status',
  summary: 'show how far a purge is; works while it runs',
  description: 'Shows counts, rate, time left and the last errors of a purge. Works while the purge runs and changes nothing.',
  argument: { name: '<checkpoint...>', help: 'checkpoint files; several (the shards of a list) are added up', takes: CHECKPOINTS },
  options: ['json'],
  examples: ['images-purge status ids.csv.checkpoint', 'images-purge status ids.csv.checkpoint --json'],
  needsCredentials: false,
  run: showStatus,
};

async function showStatus({ request, world, engines, stdout }: Invocation): Promise<number> {
  const status = await engines.readStatus(someCheckpoints(request.operands));
  await stdout.write(
    request.values.json ? escapeInJson(`${JSON.stringify(statusJson(status))}\n`) : statusText(status, world.clock.wallMs()),
  );
  return EXIT.done;
}
