import { EXIT } from '../../domain/errors.ts';
import { escapeInJson } from '../../text/escape.ts';
import type { Invocation } from '../invocation.ts';
import { someCheckpoints } from '../input/resume-options.ts';
import { statusJson, statusText } from '../texts/status-text.ts';

/** `images-purge status`: looks at checkpoints, whoever works on them. */
export async function statusCommand({ context, world, engines, stdout }: Invocation): Promise<number> {
  const status = await engines.readStatus(someCheckpoints(context.operands));
  await stdout.write(
    context.values.json ? escapeInJson(`${JSON.stringify(statusJson(status))}\n`) : statusText(status, world.clock.wallMs()),
  );
  return EXIT.done;
}
