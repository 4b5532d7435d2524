import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { endWithBench } from '../clean-up.ts';
import type { Arrival } from '../windows.ts';

const ARRIVALS_ANSWERER = fileURLToPath(new URL('arrivals-answerer.ts', import.meta.url));

/** When each DELETE came to a server that answers all of them, while `work` purged there. */
export async function arrivalsOf(work: (url: string) => Promise<void>): Promise<Arrival[]> {
  const answerer = endWithBench(fork(ARRIVALS_ANSWERER));
  try {
    const [port] = (await once(answerer, 'message')) as [number];
    await work(`http://127.0.0.1:${port}`);
    const told = once(answerer, 'message');
    answerer.send('tell');
    const [arrivals] = (await told) as [Arrival[]];
    return arrivals;
  } finally {
    answerer.kill();
  }
}
