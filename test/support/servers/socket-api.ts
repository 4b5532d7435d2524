import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

export const ENVELOPE = '{"result":{},"success":true,"errors":[],"messages":[]}';
const NO_SUCH_IMAGE = '{"result":null,"success":false,"errors":[{"code":5404,"message":"Image not found"}],"messages":[]}';
const STATS = '{"result":{"count":{"current":1000,"allowed":100000}},"success":true,"errors":[],"messages":[]}';

/** One whole HTTP answer as it goes over the wire. */
export function wire(status: string, body: string, headers: readonly string[] = []): string {
  return [`HTTP/1.1 ${status}`, 'content-type: application/json', `content-length: ${Buffer.byteLength(body)}`, ...headers, '', body].join(
    '\r\n',
  );
}

/** A DELETE that has come in. `done()` deletes the image and yields the API's own answer. */
export interface Deletion {
  readonly socket: Socket;
  readonly id: string;
  /** How often this ID has been asked for, this time included. */
  readonly nth: number;
  readonly done: () => string;
}

/** An API over a bare socket: it holds every image, answers stats, and does to a DELETE whatever a test wants. */
export interface SocketApi {
  readonly url: string;
  readonly port: number;
  /** What is really gone. */
  readonly deleted: ReadonlySet<string>;
  /** DELETEs by ID, as they arrived. */
  readonly deleteRequests: ReadonlyMap<string, number>;
  readonly connectionCount: () => number;
  /** Everything clients have written, request heads and all. */
  readonly received: () => string;
}

export interface SocketApiOptions {
  readonly onDelete: (deletion: Deletion) => void;
  readonly onConnection?: (socket: Socket) => void;
  readonly tls?: TlsOptions;
  readonly host?: string;
}

/** Runs `work` beside such an API; every socket is gone afterwards. */
export async function withSocketApi<T>(options: SocketApiOptions, work: (api: SocketApi) => Promise<T>): Promise<T> {
  const deleted = new Set<string>();
  const deleteRequests = new Map<string, number>();
  const sockets = new Set<Socket>();
  let received = '';

  function answer(socket: Socket, head: string): void {
    const [, method, path = ''] = /^([A-Z]+) (\S+) HTTP/.exec(head) ?? [];
    if (method !== 'DELETE')
      return void socket.write(
        path.endsWith('/stats') ? wire('200 OK', STATS) : wire('404 Not Found', '{"success":false,"errors":[{"code":7003}]}'),
      );
    const id = decodeURIComponent(path.split('/').at(-1) ?? '');
    const nth = (deleteRequests.get(id) ?? 0) + 1;
    deleteRequests.set(id, nth);
    const done = (): string => {
      if (deleted.has(id)) return wire('404 Not Found', NO_SUCH_IMAGE);
      deleted.add(id);
      return wire('200 OK', ENVELOPE);
    };
    options.onDelete({ socket, id, nth, done });
  }

  function serve(socket: Socket): void {
    let seen = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
      seen += chunk.toString('latin1');
      for (let end = seen.indexOf('\r\n\r\n'); end !== -1; end = seen.indexOf('\r\n\r\n')) {
        const head = seen.slice(0, end);
        seen = seen.slice(end + 4);
        answer(socket, head);
      }
    });
  }

  const server: Server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve);
  let connectionCount = 0;
  server.on('connection', (socket: Socket) => {
    connectionCount++;
    // A client that goes away in the middle is part of the test.
    sockets.add(socket.on('error', () => undefined));
    options.onConnection?.(socket);
  });
  server.on('tlsClientError', () => undefined);
  const port = await listening(server, options.host ?? '127.0.0.1');
  try {
    const scheme = options.tls === undefined ? 'http' : 'https';
    return await work({
      url: `${scheme}://127.0.0.1:${port}/client/v4`,
      port,
      deleted,
      deleteRequests,
      connectionCount: () => connectionCount,
      received: () => received,
    });
  } finally {
    await closed(server, sockets);
  }
}

export async function listening(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, () => resolve()));
  return (server.address() as AddressInfo).port;
}

export async function closed(server: Server, sockets: Iterable<Socket>): Promise<void> {
  const ended = new Promise((resolve) => server.close(resolve));
  for (const socket of sockets) socket.destroy();
  await ended;
}
