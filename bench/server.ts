import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Something that answers every request with success as fast as it can, in a process of its own. */
export interface Answerer {
  readonly name: string;
  readonly url: string;
  close(): Promise<void>;
}

export const ENVELOPE = '{"result":{},"success":true,"errors":[],"messages":[]}';
const START_TRIES_MAX = 100;

/** nginx where it is installed, otherwise a bare node:http server. */
export async function startAnswerer(): Promise<Answerer> {
  return hasNginx() ? startNginx((port) => plainConfiguration(port)) : startNodeAnswerer();
}

export function hasNginx(): boolean {
  return spawnSync('nginx', ['-v']).error === undefined;
}

/** Starts nginx with a configuration of its own in a folder of its own. */
export async function startNginx(configuration: (port: number, folder: string) => string): Promise<Answerer & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'images-purge-nginx-'));
  const port = await freePort();
  const configPath = join(folder, 'nginx.conf');
  writeFileSync(join(folder, 'answer.json'), ENVELOPE);
  writeFileSync(configPath, configuration(port, folder));
  const nginx = spawn('nginx', ['-p', folder, '-c', configPath, '-e', join(folder, 'error.log')], { stdio: 'inherit' });
  const url = `http://127.0.0.1:${port}`;
  await untilItAnswers(url);
  return {
    name: 'nginx',
    url,
    folder,
    async close() {
      nginx.kill('SIGQUIT');
      await new Promise((resolve) => nginx.once('exit', resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

async function startNodeAnswerer(): Promise<Answerer> {
  const port = await freePort();
  const server = spawn(process.execPath, [fileURLToPath(new URL('node-answerer.ts', import.meta.url)), String(port)], { stdio: 'inherit' });
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
    daemon off; worker_processes 1; pid nginx.pid;
    events { worker_connections 1024; }
    http {
      access_log off; keepalive_requests 100000000; keepalive_timeout 600s; large_client_header_buffers 4 32k;
      server { listen 127.0.0.1:${port}; location / { default_type application/json; return 200 '${ENVELOPE}'; } }
    }`;
}

async function untilItAnswers(url: string): Promise<void> {
  for (let tries = 0; tries < START_TRIES_MAX; tries++) {
    try {
      execFileSync(process.execPath, ['-e', `fetch(${JSON.stringify(url)}).then(() => process.exit(0), () => process.exit(1))`]);
      return;
    } catch {
      await sleep(50);
    }
  }
  throw new Error(`the answerer at ${url} did not start`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
