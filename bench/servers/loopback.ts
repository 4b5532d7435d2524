import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const START_TRIES_MAX = 100;
const TRY_AGAIN_MS = 50;

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

export async function untilItAnswers(url: string): Promise<void> {
  for (let tries = 0; tries < START_TRIES_MAX; tries++) {
    try {
      execFileSync(process.execPath, ['-e', `fetch(${JSON.stringify(url)}).then(() => process.exit(0), () => process.exit(1))`]);
      return;
    } catch {
      await sleep(TRY_AGAIN_MS);
    }
  }
  throw new Error(`the answerer at ${url} did not start`);
}
