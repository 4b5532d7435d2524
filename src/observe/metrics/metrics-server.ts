import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { usageError } from '../../domain/errors.ts';

/** Prometheus needs one. More are refused, so that nobody can take the run's memory. */
const CONNECTIONS_MAX = 16;
const REQUEST_BYTES_MAX = 8 * 1024;
const REQUEST_MS_MAX = 5_000;

export interface MetricsServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly text: () => Promise<string>;
  readonly contentType: string;
}

export interface MetricsServer {
  /** `127.0.0.1:9464` */
  readonly address: string;
  close(): void;
}

/**
 * Answers `/metrics` and `/healthz` while a run works. It keeps no process alive. Throws where it cannot listen.
 * What goes wrong with an answer costs who asked, not the run.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, port } = options;
  const server = createServer({ maxHeaderSize: REQUEST_BYTES_MAX, requestTimeout: REQUEST_MS_MAX }, (request, response) => {
    answer(request, response, options).catch(() => response.destroy());
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.on('connection', (socket) => void socket.unref());
  await listen(server, host, port);
  server.unref();
  return {
    address: addressOf(server),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        usageError(
          'METRICS_LISTEN',
          `--metrics-listen cannot listen on ${hostText(host)}:${port} (${error.message})`,
          'Give it an address of this machine and a port that is free',
        ),
      );
    });
    server.listen({ host, port }, () => {
      // A connection that cannot be taken later, for want of file descriptors, is the scraper's loss alone.
      server.removeAllListeners('error').on('error', () => undefined);
      resolve();
    });
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, { text, contentType }: MetricsServerOptions): Promise<void> {
  const path = request.url?.split('?', 1)[0];
  const send = (status: number, type: string, body: string): void => {
    const headers = { 'Content-Type': type, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
    response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
  };
  // What a request has as its body is of no interest.
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(405, 'text/plain', 'only GET\n');
  if (path === '/healthz') return send(200, 'text/plain', 'ok\n');
  if (path === '/metrics') return send(200, contentType, await text());
  return send(404, 'text/plain', 'there are /metrics and /healthz\n');
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `${hostText(address)}:${port}`;
}

function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
