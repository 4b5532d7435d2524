/**
 * Answers DELETEs with success after some time, and a share of them with a 429, whatever the speed. Forked: it tells its port once it
 * listens, and its `NoisyRecord` when it is sent a message. Arguments: the share, the time in milliseconds.
 *
 * @module
 */
import { createServer } from 'node:http';

import { seededRandom } from '../../src/simulator/random.ts';
import { ENVELOPE } from './answerer.ts';

/** What happened there until now. */
export interface NoisyRecord {
  readonly deletedCount: number;
  readonly throttledCount: number;
  /** From the first DELETE to the last. */
  readonly spanMs: number;
  /** Of this, the time in which the client had been told to wait. */
  readonly toldWaitMs: number;
}

const RETRY_AFTER_SECONDS = 1;

const [share, latencyMs] = process.argv.slice(2).map(Number) as [number, number];
const random = seededRandom(1);
let deletedCount = 0;
let throttledCount = 0;
let toldWaitMs = 0;
let waitsUntilMs = 0;
let firstMs: number | undefined;
let lastMs = 0;

function throttle(nowMs: number): void {
  throttledCount++;
  const untilMs = nowMs + RETRY_AFTER_SECONDS * 1_000;
  toldWaitMs += untilMs - Math.max(waitsUntilMs, nowMs);
  waitsUntilMs = untilMs;
}

const server = createServer((request, response) => {
  request.resume();
  response.setHeader('content-type', 'application/json');
  if (request.method !== 'DELETE') return void response.end(ENVELOPE);
  setTimeout(() => {
    lastMs = performance.now();
    firstMs ??= lastMs;
    if (random() >= share) {
      deletedCount++;
      return void response.end(ENVELOPE);
    }
    throttle(lastMs);
    response.writeHead(429, { 'retry-after': String(RETRY_AFTER_SECONDS) });
    response.end('{"success":false,"errors":[{"code":971,"message":"Please wait"}]}');
  }, latencyMs);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send?.(address.port);
});
process.on('message', () => {
  const record: NoisyRecord = { deletedCount, throttledCount, spanMs: lastMs - (firstMs ?? lastMs), toldWaitMs };
  process.send?.(record);
});
