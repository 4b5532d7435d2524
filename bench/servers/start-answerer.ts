import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { endWithBench } from '../clean-up.ts';
import { freePort, untilItAnswers } from './loopback.ts';
import { type Answerer, ENVELOPE } from './answerer.ts';
import { hasNginx, startNginx } from './nginx.ts';

/** nginx where it is installed, otherwise a bare node:http server. */
export async function startAnswerer(): Promise<Answerer> {
  return hasNginx() ? startNginx(plainConfiguration) : startNodeAnswerer();
}

async function startNodeAnswerer(): Promise<Answerer> {
  const port = await freePort();
  const server = endWithBench(
    spawn(process.execPath, [fileURLToPath(new URL('node-answerer.ts', import.meta.url)), String(port)], { stdio: 'inherit' }),
  );
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(url);
  return {
    name: 'node:http',
    url,
    async close() {
      server.kill();
      await new Promise((resolve) => server.once('exit', resolve));
    },
  };
}

function plainConfiguration(port: number): string {
  return `
    access_log off;
    server { listen 127.0.0.1:${port}; location / { default_type application/json; return 200 '${ENVELOPE}'; } }`;
}
