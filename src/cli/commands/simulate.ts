import { storageError } from '../../domain/errors.ts';
import type { SimulatedEdge, SimulatedImage, SimulatedImages, SimulatorOptions } from '../../simulator/simulator-options.ts';
import type { Invocation } from '../invocation.ts';
import { errnoText } from '../texts/error-text.ts';
import { SIMULATED_API_OPTIONS } from '../../options/definitions/simulated-api.ts';
import { keysOf, type OptionValues } from '../../options/option-table.ts';
import { refuseIfThere } from '../../report/output-file.ts';
import { listenForSignals } from '../signals.ts';
import type { Env } from '../../options/env.ts';
import type { Command } from './command.ts';

export const simulateCommand: Command = {
  name: 'simulate',
  summary: 'run a local server that answers like the API, for rehearsals',
  description: 'Runs a local server that answers like the Cloudflare Images API, for rehearsals, demos and tests, until it is stopped.',
  argument: undefined,
  options: ['accountId', ...keysOf(SIMULATED_API_OPTIONS), 'force'],
  examples: ['images-purge simulate --port 8787', 'images-purge simulate --quota 1200/5m --block 5m --faults 2% --latency 40ms'],
  needsCredentials: false,
  run: simulate,
};

/** Runs the simulated API until a signal stops it. */
async function simulate({ request, world, stdout, say }: Invocation): Promise<number> {
  const { startSimulator } = await import('../../simulator/simulator.ts');
  const { SIMULATOR_DEFAULTS } = await import('../../simulator/simulator-options.ts');
  const { mixedFaults } = await import('../../simulator/faults.ts');
  const { values } = request;
  const options: SimulatorOptions = {
    ...SIMULATOR_DEFAULTS,
    port: values.port,
    accountId: values.accountId ?? SIMULATOR_DEFAULTS.accountId,
    images: imagesOf(values, request.readTextFile),
    quota:
      values.quota.kind === 'unlimited'
        ? undefined
        : { kind: 'fixed', requests: values.quota.requests, windowMs: values.quota.perMs, blockMs: values.block, burst: 0 },
    sendsRatelimitHeaders: true,
    latencyMs: values.latency,
    faults: { ...mixedFaults(values.faults / 100), edgeError: values.edgeFaults / 100 },
    edge: edgeOf(values, SIMULATOR_DEFAULTS.edge),
    strayRefusalEach: values.strayRefusals,
    seed: values.seed,
    recordPath: values.record,
  };
  if (values.record !== undefined) await refuseIfThere(values.record, values.force ? 'overwrite' : { option: '--record' });
  const stop = listenForSignals(world, undefined);
  const simulator = await startSimulator(options).catch((error: unknown) => {
    throw storageError(
      'SIMULATOR_START',
      `the simulated API could not be started (${errnoText(error)}).`,
      ['Give another --port, or none for any free one.'],
      error,
    );
  });
  try {
    const { url, batchUrl } = simulator;
    await stdout.write(`${JSON.stringify({ url, batchUrl, account: options.accountId, token: options.apiToken })}\n`);
    // Not by `say`: where the environment holds the simulator's token too, that would redact it. Nothing here is secret or from outside.
    world.stderr.write(hint(url, options, world.env));
    await untilAborted(stop);
    const { requestCount, throttledCount, deleted } = simulator.record;
    say(`${requestCount} requests, ${deleted.size} images deleted, ${throttledCount} requests throttled\n`);
  } finally {
    await simulator.close();
  }
  return 0;
}

function edgeOf({ edgeCodes, edgeForms, edgeWaits }: OptionValues, every: SimulatedEdge): SimulatedEdge {
  return { codes: edgeCodes ?? every.codes, forms: edgeForms ?? every.forms, waits: edgeWaits ?? every.waits };
}

/** To be pasted into a shell whose environment may be like this one's. */
function hint(url: string, { accountId, apiToken }: SimulatorOptions, env: Env): string {
  const inTheWay = ['CLOUDFLARE_API_TOKEN_FILE', 'IMAGES_PURGE_BASE_URL'].filter((name) => (env[name] ?? '') !== '');
  return [
    `The simulated API answers at ${url} until you press Ctrl-C. In another terminal:`,
    ...(inTheWay.length === 0 ? [] : [`  unset ${inTheWay.join(' ')}`]),
    `  export CLOUDFLARE_BASE_URL=${url} CLOUDFLARE_ACCOUNT_ID=${accountId} CLOUDFLARE_API_TOKEN=${apiToken}`,
    '  images-purge delete ids.csv',
    '',
  ].join('\n');
}

function imagesOf({ images }: OptionValues, readTextFile: (path: string) => string): SimulatedImages {
  if (images === 'any' || images === 'none') return { kind: images };
  try {
    const lines = readTextFile(images)
      .split(/\r?\n/)
      .filter((line) => line !== '' && line !== 'id');
    return { kind: 'detailed', images: lines.map((line) => (line.startsWith('{') ? (JSON.parse(line) as SimulatedImage) : { id: line })) };
  } catch (error) {
    throw storageError(
      'IMAGES_UNREADABLE',
      `--images ${images} cannot be read (${errnoText(error)}).`,
      ['Give any, none, or a file with one ID, or one image as JSON, in each line.'],
      error,
    );
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
