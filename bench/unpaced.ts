import { Pool } from 'undici';

import { ACCOUNT } from './purge.ts';

export const UNPACED_USER_AGENT = 'bench-unpaced';
const CONNECTIONS = 50;

/** Deletes as fast as it is answered, whatever the answer: shows that a limiter limits. */
export async function sendUnpaced(url: string, durationMs: number): Promise<void> {
  const pool = new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
  const untilMs = performance.now() + durationMs;
  const worker = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      const { body } = await pool.request({
        method: 'DELETE',
        path: `/accounts/${ACCOUNT}/images/v1/unpaced`,
        headers: { 'user-agent': UNPACED_USER_AGENT },
      });
      await body.dump();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  await pool.close();
}
