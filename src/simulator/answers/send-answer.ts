import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import type { FaultName } from '../faults.ts';
import type { SimulatedAnswer } from '../simulated-answers.ts';

const DRIP_BYTES = 16;
const DRIP_MS = 5;

/** Sends an answer, or as much of it as the fault lets through. */
export async function sendAnswer(
  socket: Socket,
  response: ServerResponse,
  { status, headers, body }: SimulatedAnswer,
  fault: FaultName | undefined,
): Promise<void> {
  switch (fault) {
    case 'resetBefore':
    case 'resetAfter':
      socket.resetAndDestroy();
      return;
    case 'lostAnswer':
      socket.destroy();
      return;
    case 'truncatedAnswer':
      response.writeHead(status, headers);
      response.write(body.slice(0, Math.floor(body.length / 2)), () => socket.destroy());
      return;
    case 'hang':
    case 'hangAfter':
      return;
    case 'slowDrip': {
      response.writeHead(status, headers);
      for (let start = 0; start < body.length; start += DRIP_BYTES) {
        response.write(body.slice(start, start + DRIP_BYTES));
        await sleep(DRIP_MS);
      }
      response.end();
      return;
    }
    case 'status500':
    case 'html502':
    case 'throttle429':
    case 'edgeError':
    case undefined:
      response.writeHead(status, headers).end(body);
  }
}
