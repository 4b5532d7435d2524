import { TIMER_MS_MAX } from '../../domain/clock.ts';

/** How the simulated API behaves. */
export const SIMULATED_API_OPTIONS = {
  port: {
    name: 'port',
    argument: 'N',
    value: { type: 'integer', min: 0, max: 65_535 },
    help: 'port on 127.0.0.1; 0 is any free one',
    default: '0',
    inLibrary: false,
  },
  images: {
    name: 'images',
    argument: 'WHICH',
    value: { type: 'text' },
    help: 'the images there are: any (every ID exists until it is deleted), none, or a file with one ID, or one image as JSON, a line',
    default: 'any',
    inLibrary: false,
  },
  quota: {
    name: 'quota',
    argument: 'N/DURATION',
    value: { type: 'rate' },
    help: 'requests allowed in a window, e.g. 1200/5m',
    default: 'unlimited',
    inLibrary: false,
  },
  block: {
    name: 'block',
    argument: 'DURATION',
    value: { type: 'duration', maxMs: TIMER_MS_MAX as number },
    help: 'after going over the quota, refuse everything for so long (the real API: 5m)',
    without: 0,
    inLibrary: false,
  },
  faults: {
    name: 'faults',
    argument: 'P%',
    value: { type: 'percent', max: 100 },
    help: 'share of the DELETEs that meet a fault: 500, HTML pages, resets, lost and truncated answers',
    default: '0%',
    inLibrary: false,
  },
  latency: {
    name: 'latency',
    argument: 'DURATION',
    value: { type: 'duration', maxMs: TIMER_MS_MAX as number },
    help: 'time each answer takes',
    without: 0,
    inLibrary: false,
  },
  seed: {
    name: 'seed',
    argument: 'N',
    value: { type: 'integer', min: 0, max: 4_294_967_295 },
    help: 'decides which requests meet a fault',
    default: '1',
    inLibrary: false,
  },
  record: {
    name: 'record',
    argument: 'FILE',
    value: { type: 'file' },
    help: 'write what was asked and done there, one NDJSON line a request',
    inLibrary: false,
  },
} as const;
