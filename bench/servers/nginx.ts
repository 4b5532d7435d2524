import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { endWithBench, temporaryFolder } from '../clean-up.ts';
import { freePort, untilItAnswers } from './loopback.ts';
import type { Answerer } from './answerer.ts';

/** Debian puts nginx where only root looks. */
const ENV = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` };
export const NGINX_MISSING = 'skipped: nginx is not installed (Debian: `apt-get install nginx`, macOS: `brew install nginx`)';

export function hasNginx(): boolean {
  return spawnSync('nginx', ['-v'], { env: ENV }).error === undefined;
}

/**
 * Starts nginx on a free port, with everything it writes in a folder of its own.
 *
 * @param http - what stands in the `http` block
 */
export async function startNginx(http: (port: number) => string): Promise<Answerer> {
  const folder = temporaryFolder('nginx');
  const port = await freePort();
  const configPath = join(folder, 'nginx.conf');
  writeFileSync(configPath, configuration(http(port)));
  const nginx = endWithBench(
    spawn('nginx', ['-p', folder, '-c', configPath, '-e', join(folder, 'error.log')], { env: ENV, stdio: 'inherit' }),
  );
  const exited = once(nginx, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    nginx.kill('SIGQUIT'); // Gracefully: what it has buffered of its access log is written.
    await exited;
  };
  try {
    await untilItAnswers(url);
  } catch (error) {
    await close();
    throw error;
  }
  return { name: 'nginx', url, close };
}

function configuration(http: string): string {
  // The folders are named because those compiled in belong to root.
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`).join(' ');
  return `
    daemon off; worker_processes 1; pid nginx.pid;
    events { worker_connections 1024; }
    http {
      ${folders}
      keepalive_requests 100000000; keepalive_timeout 600s; large_client_header_buffers 4 32k;
      ${http}
    }`;
}
