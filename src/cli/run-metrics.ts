import { resolve } from 'node:path';

import type { Observer } from '../observe/events.ts';
import type { Metrics } from '../observe/metrics/open-metrics.ts';
import type { Invocation } from './invocation.ts';

/**
 * Opens what `--metrics-file` and `--metrics-listen` ask for; `undefined` where neither is given. Nothing of it is loaded then: it
 * would add to the time from start to first DELETE.
 *
 * @param observer - is told where metrics are served, and that a file cannot be written
 */
export async function openRunMetrics(
  { world, request }: Pick<Invocation, 'world' | 'request'>,
  isRehearsal: boolean,
  observer: Observer,
): Promise<Metrics | undefined> {
  const { metricsFile, metricsListen } = request.values;
  if (metricsFile === undefined && metricsListen === undefined) return undefined;
  const { openMetrics } = await import('../observe/metrics/open-metrics.ts');
  return openMetrics({
    file: metricsFile === undefined ? undefined : { path: world.realPath(resolve(world.cwd, metricsFile)), called: metricsFile },
    listen: metricsListen,
    wallMs: () => world.clock.wallMs(),
    isRehearsal,
    observer,
  });
}
