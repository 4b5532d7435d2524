import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';

import { closed, listening } from './socket-api.ts';

export interface Proxy {
  /** With user and password in it. */
  readonly url: string;
  readonly connects: () => number;
  readonly authorizations: readonly (string | undefined)[];
}

/** `user:password` as `Proxy-Authorization` spells it. */
export function basicOf(userAndPassword: string): string {
  return Buffer.from(userAndPassword).toString('base64');
}

/** A proxy whose answer to the n-th CONNECT a test decides; `undefined` opens the tunnel, `'swallow'` leaves it unanswered. */
export async function withProxy(
  userAndPassword: string,
  answer: (nth: number) => string | undefined,
  work: (proxy: Proxy) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  const authorizations: (string | undefined)[] = [];
  let count = 0;
  const server = createServer();
  server.on('connection', (socket: Socket) => void sockets.add(socket.on('error', () => undefined)));
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    authorizations.push(request.headers['proxy-authorization']);
    const said = answer(++count);
    if (said === 'swallow') return;
    if (said !== undefined) return void socket.end(said);
    const upstream = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    sockets.add(upstream.on('error', () => socket.destroy()));
  });
  const port = await listening(server, '127.0.0.1');
  try {
    await work({ url: `http://${userAndPassword}@127.0.0.1:${port}`, connects: () => count, authorizations });
  } finally {
    await closed(server, sockets);
  }
}
