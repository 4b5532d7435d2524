/**
 * Hands out batch tokens, answers every DELETE with success and notes when it came. Forked: it tells its port once it
 * listens, and all `Arrival`s when it is sent a message.
 *
 * @module
 */
import { createServer } from 'node:http';

import type { Arrival } from './windows.ts';
import { ENVELOPE } from './server.ts';

const LOOK_EVERY_MS = 1;
const HOUR_MS = 3_600_000;

const arrivals: Arrival[] = [];
let tokenCount = 0;
let lastLookMs = performance.now();
/** What had come in by then was answered before the last look. */
let lookBeforeMs = lastLookMs;
// A request is noted late where this process was kept from running; these looks say how late at most.
setInterval(() => {
  lookBeforeMs = lastLookMs;
  lastLookMs = performance.now();
}, LOOK_EVERY_MS);

const server = createServer((request, response) => {
  request.resume();
  response.setHeader('content-type', 'application/json');
  if (request.method === 'DELETE') {
    arrivals.push({ lane: request.headers.authorization ?? '', notBeforeMs: lookBeforeMs, atMs: performance.now() });
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
