import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import { type Clock, TIMER_MS_MAX } from '../domain/clock.ts';

/** Monotonic and wall time, and sleep that an abort ends early. */
export function realClock(): Clock {
  return {
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
    boot,
    async sleep(ms, signal) {
      // A longer timer would fire at once, so long sleeps are taken in parts.
      for (let leftMs = ms; leftMs > 0; leftMs -= TIMER_MS_MAX) {
        await sleepOnce(Math.min(leftMs, TIMER_MS_MAX), signal);
        if (signal?.aborted === true) return;
      }
    },
  };
}

/** Linux names each boot; elsewhere only the wall clock tells one run's times to the next. */
function boot(): ReturnType<Clock['boot']> {
  try {
    return { id: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), uptimeMs: Math.round(uptime() * 1000) };
  } catch (error) {
    if (error instanceof Error && 'errno' in error) return undefined;
    throw error;
  }
}

async function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    // The only way a delay fails is by its signal, and that is a way of ending, not an error.
    if (signal?.aborted !== true) throw error;
  }
}
