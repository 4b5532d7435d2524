/**
 * Answers DELETEs of `soak-0000000` and so on as fast as it can, every fiftieth badly, in a process of its own; keeps in a
 * byte for each ID what the simulator keeps in a record. Tells its parent how far it is, and at the end writes the bytes.
 * Arguments: number of IDs, seed.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { seededRandom } from '../../src/simulator/random.ts';

export type ToParent =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'progress'; readonly deleted: number }
  | { readonly kind: 'written'; readonly requests: number; readonly faults: number; readonly strays: number };
export interface ToAnswerer {
  readonly writeTo: string;
}

const PROGRESS_EVERY_MS = 50;
const FAULT_SHARE = 0.02;
const ENVELOPE = '{"result":{},"success":true,"errors":[],"messages":[]}';
const GONE = '{"result":null,"success":false,"errors":[{"code":5404,"message":"Image not found"}],"messages":[]}';
const STATS = '{"result":{"count":{"current":5000000,"allowed":5000000}},"success":true,"errors":[],"messages":[]}';

const isDeleted = new Uint8Array(Number(process.argv[2]));
const random = seededRandom(Number(process.argv[3]));
const told = (message: ToParent): void => void process.send?.(message);
const count = { deleted: 0, requests: 0, faults: 0, strays: 0 };

const server = createServer((request, response) => {
  request.resume();
  if (request.method === 'GET') return answer(response, 200, STATS);
  const index = Number(/\/images\/v1\/soak-(\d{7})$/.exec(request.url ?? '')?.[1] ?? Number.NaN);
  if (request.method !== 'DELETE' || !(index < isDeleted.length)) {
    count.strays++;
    return answer(response, 404, GONE);
  }
  count.requests++;
  const drawn = random() / FAULT_SHARE;
  if (drawn < 1) return fault(drawn, index, request, response);
  return work(index) ? answer(response, 200, ENVELOPE) : answer(response, 404, GONE);
});

function work(index: number): boolean {
  if (isDeleted[index] === 1) return false;
  isDeleted[index] = 1;
  count.deleted++;
  return true;
}

function fault(drawn: number, index: number, request: IncomingMessage, response: ServerResponse): void {
  count.faults++;
  if (drawn < 0.4) return answer(response, 500, '{"success":false,"errors":[{"code":5500,"message":"Internal server error"}]}');
  if (drawn < 0.6) return answer(response, 502, '<html>Bad gateway</html>');
  if (drawn < 0.8) return void request.socket.resetAndDestroy();
  work(index);
  request.socket.destroy();
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) told({ kind: 'listening', port: address.port });
});
const progress = setInterval(() => told({ kind: 'progress', deleted: count.deleted }), PROGRESS_EVERY_MS);
process.on('message', ({ writeTo }: ToAnswerer) => {
  clearInterval(progress);
  writeFileSync(writeTo, isDeleted);
  told({ kind: 'written', requests: count.requests, faults: count.faults, strays: count.strays });
  server.close();
  server.closeAllConnections();
  process.disconnect();
});
