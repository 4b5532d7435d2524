/**
 * Hands out batch tokens, answers every DELETE with success and notes when it came. Forked: it tells its port once it
 * listens, and all `Arrival`s when it is sent a message.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';

import { ENVELOPE } from './answerer.ts';
import type { Arrival } from '../windows.ts';

const LOOK_EVERY_MS = 1;
const HOUR_MS = 3_600_000;
const KEEP_ALIVE_MS = 60_000;

const arrivals: Arrival[] = [];
const known = new WeakSet<Socket>();
let tokenCount = 0;
let lastLookMs = performance.now();
let lookBeforeMs = lastLookMs;

/**
 * A request is noted late where this process was kept from running. An immediate comes right after sockets were asked, so
 * what is handled after a look had not come in by the look before it.
 */
function look(): void {
  lookBeforeMs = lastLookMs;
  lastLookMs = performance.now();
  setTimeout(() => setImmediate(look), LOOK_EVERY_MS);
}

const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
  const atMs = performance.now();
  const isFirst = !known.has(request.socket);
  known.add(request.socket);
  request.resume();
  response.setHeader('content-type', 'application/json');
  if (request.method === 'DELETE') {
    // The first of a connection may have waited until the connection was accepted; how long is unknown.
    arrivals.push({ lane: request.headers.authorization ?? '', notBeforeMs: isFirst ? undefined : lookBeforeMs, atMs });
    response.end(ENVELOPE);
  } else if (request.url?.endsWith('/batch_token') === true) {
    const result = { token: `batch-${++tokenCount}`, expiresAt: new Date(Date.now() + HOUR_MS).toISOString() };
    response.end(JSON.stringify({ result, success: true, errors: [], messages: [] }));
  } else response.end(ENVELOPE);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send?.(address.port);
});
process.on('message', () => process.send?.(arrivals));
look();
