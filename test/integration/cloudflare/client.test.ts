import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { describe, expect, it } from 'vitest';

import { type ClientOptions, createClient } from '../../../src/cloudflare/client.ts';
import type { CloudflareClient } from '../../../src/cloudflare/types.ts';
import { readAnswer } from '../../../src/answer/answers.ts';
import { imageId } from '../../support/ledger/checkpoint.ts';

const ACCOUNT = '0123456789abcdef0123456789abcdef';
const ENVELOPE = '{"result":{},"success":true,"errors":[],"messages":[]}';
const OK = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${ENVELOPE.length}\r\n\r\n${ENVELOPE}`;
const NO_PROXY = { httpProxy: undefined, httpsProxy: undefined, noProxy: undefined };

async function withServer(
  server: Server,
  options: Partial<ClientOptions>,
  work: (client: CloudflareClient, port: number) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const client = createClient({
    accountId: ACCOUNT,
    baseUrl: `http://127.0.0.1:${port}/client/v4`,
    credentials: { kind: 'token', token: 'secret-token' },
    connections: 4,
    requestTimeoutMs: 5_000,
    proxy: NO_PROXY,
    userAgent: 'images-purge/test',
    ...options,
  });
  try {
    await work(client, port);
  } finally {
    await client.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

const withHttp = (
  listener: RequestListener,
  options: Partial<ClientOptions>,
  work: (client: CloudflareClient, port: number) => Promise<void>,
): Promise<void> => withServer(createHttpServer({ maxHeaderSize: 64 * 1024 }, listener), options, work);

/** A server that answers each whole request with raw bytes, or does what `answer` does to the socket. */
function rawServer(answer: (socket: Socket, requestCount: number) => void): Server & { requestCount: () => number } {
  let count = 0;
  const server = createServer((socket) => {
    let seen = '';
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      for (let end = seen.indexOf('\r\n\r\n'); end !== -1; end = seen.indexOf('\r\n\r\n')) {
        seen = seen.slice(end + 4);
        count++;
        answer(socket, count);
      }
    });
  });
  return Object.assign(server, { requestCount: () => count });
}

describe('a DELETE', () => {
  it.each(['a%2Fb', 'a/b', 'a b', 'what?', 'frag#', 'back\\slash', "'()*!~", '👩‍🚀', '../x', '👍'.repeat(1_024)])(
    'for %j arrives as one encoded segment',
    async (id) => {
      const requests: IncomingMessage[] = [];
      await withHttp(
        (request, response) => {
          requests.push(request);
          response.end(ENVELOPE);
        },
        {},
        async (client) => {
          expect(await client.deleteImage(imageId(id))).toMatchObject({ kind: 'answer', httpStatus: 200, body: ENVELOPE });
          const [, segment = ''] = requests[0]?.url?.split(`/client/v4/accounts/${ACCOUNT}/images/v1/`) ?? [];
          expect(segment).not.toMatch(/[/?#\\ ]/);
          expect(decodeURIComponent(segment)).toBe(id);
          expect(requests[0]?.method).toBe('DELETE');
        },
      );
    },
  );

  it('has an answer as it came, with what takes the credentials out of it, however JSON spells them', async () => {
    const key = 'key-"quoted"-4f1c';
    const answer = '{"success":false,"errors":[{"code":5400,"message":"OWNER\\u0040example.com key\\u002d\\"quoted\\"-4f1c s"}]}';
    await withHttp(
      (_, response) => void response.writeHead(400, { 'cf-ray': key, ratelimit: `"${key}";r=1` }).end(answer),
      { credentials: { kind: 'key', email: 'owner@example.com', key } },
      async (client) => {
        const exchange = await client.deleteImage(imageId('a'));
        expect(exchange).toMatchObject({ body: answer, ratelimit: '"[redacted]";r=1' });
        expect(readAnswer(exchange, 'account', 0)).toMatchObject({ code: 5400, message: '[redacted] [redacted] s', cfRay: '[redacted]' });
      },
    );
  });

  it.each([
    [{ kind: 'token', token: 'abc' } as const, { authorization: 'Bearer abc' }],
    [{ kind: 'key', email: 'a@b.c', key: 'k' } as const, { 'x-auth-email': 'a@b.c', 'x-auth-key': 'k' }],
  ])('carries %j', async (credentials, headers) => {
    let seen: unknown;
    await withHttp(
      (request, response) => {
        seen = request.headers;
        response.end(ENVELOPE);
      },
      { credentials },
      async (client) => void (await client.deleteImage(imageId('a'))),
    );
    expect(seen).toMatchObject({ ...headers, accept: 'application/json' });
  });

  it('yields status, body, Retry-After and cf-ray; redirects are not followed', async () => {
    let count = 0;
    await withHttp(
      (_, response) => {
        count++;
        response.writeHead(302, { location: '/client/v4/elsewhere', 'retry-after': '7', 'cf-ray': 'ray-1' }).end('moved');
      },
      {},
      async (client) => {
        expect(await client.deleteImage(imageId('a'))).toMatchObject({ httpStatus: 302, body: 'moved', retryAfter: '7', cfRay: 'ray-1' });
        expect(count).toBe(1);
      },
    );
  });

  it.each<[string, readonly string[], string]>([
    ['two headers', ['retry-after: 3', 'retry-after: 120'], '3, 120'],
    ['a list', ['retry-after: 3, 3'], '3, 3'],
    ['a date', ['Retry-After: Tue, 24 Nov 2026 02:00:30 GMT'], 'Tue, 24 Nov 2026 02:00:30 GMT'],
  ])('yields all that Retry-After says: %s', async (_, headers, retryAfter) => {
    const server = rawServer((socket) => void socket.write(['HTTP/1.1 503 x', 'content-length: 0', ...headers, '', ''].join('\r\n')));
    await withServer(server, {}, async (client) => expect(await client.deleteImage(imageId('a'))).toMatchObject({ retryAfter }));
  });
});

describe('without a whole answer', () => {
  it.each<[string, (socket: Socket) => void, string]>([
    ['a reset', (socket) => void socket.resetAndDestroy(), 'connection'],
    ['a closed connection', (socket) => void socket.destroy(), 'connection'],
    ['garbage', (socket) => void socket.write('this is not HTTP\r\n\r\n'), 'connection'],
    ['half a head', (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-le'), 'connection'],
    ['half a body', (socket) => void socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"succ`), 'broken-answer'],
  ])('%s ends as no-answer, and the DELETE is sent once', async (_, answer, reason) => {
    const server = rawServer(answer);
    await withServer(server, {}, async (client) => {
      expect(await client.deleteImage(imageId('a'))).toMatchObject({ kind: 'no-answer', reason });
      expect(server.requestCount()).toBe(1);
    });
  });

  it('a refused connection tells its cause', async () => {
    const client = createClient({
      accountId: ACCOUNT,
      baseUrl: 'http://127.0.0.1:1/v4',
      credentials: { kind: 'token', token: 't' },
      connections: 1,
      requestTimeoutMs: 1_000,
      proxy: NO_PROXY,
      userAgent: 'x',
    });
    expect(await client.deleteImage(imageId('a'))).toMatchObject({
      kind: 'no-answer',
      reason: 'connection',
      code: 'ECONNREFUSED',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    await client.close();
  });

  it.each<[string, (socket: Socket) => void]>([
    ['nothing', () => undefined],
    ['a head only', (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n')],
    ['1xx answers only', (socket) => void socket.write('HTTP/1.1 102 Processing\r\n\r\n')],
  ])('a server that sends %s runs into the timeout, never early', async (_, answer) => {
    await withServer(rawServer(answer), { requestTimeoutMs: 300 }, async (client) => {
      const startedMs = performance.now();
      expect(await client.deleteImage(imageId('a'))).toMatchObject({ kind: 'no-answer', reason: 'timeout', code: 'timeout' });
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(300);
    });
  });

  it('a request given up while it waited for a connection is never sent', async () => {
    const server = rawServer((socket, count) => {
      if (count > 1) socket.write(OK);
    });
    await withServer(server, { connections: 1, requestTimeoutMs: 300 }, async (client) => {
      const [first, second] = await Promise.all([client.deleteImage(imageId('a')), client.deleteImage(imageId('b'))]);
      expect([first, second]).toMatchObject([{ reason: 'timeout' }, { reason: 'timeout' }]);
      expect(await client.deleteImage(imageId('c'))).toMatchObject({ kind: 'answer' });
      expect(server.requestCount()).toBe(2);
    });
  });

  it('a body over 1 MiB is not read on, and its status is the answer', async () => {
    await withHttp(
      (_, response) => void response.end(Buffer.alloc(8 * 1024 * 1024, 0x20)),
      {},
      async (client) => {
        expect(await client.deleteImage(imageId('a'))).toMatchObject({ kind: 'answer', httpStatus: 200, body: undefined });
      },
    );
  });

  it('a body of 64 KiB is kept whole, in however many pieces it comes, and of a longer one nothing', async () => {
    const body = `{"pad":"${'é'.repeat(32_763)}"}`;
    expect(Buffer.byteLength(body)).toBe(65_536);
    const pieces = [body.slice(0, 1), body.slice(1, 9), body.slice(9, 10), body.slice(10)];
    const answers: readonly (readonly string[])[] = [[body], pieces, [...pieces, ' '], [`${body} `]];
    let count = 0;
    const server = rawServer((socket) => {
      const chunks = (answers[count++] ?? []).map(
        (piece) => `${Buffer.byteLength(piece).toString(16)};ext=${'x'.repeat(5_000)}\r\n${piece}\r\n`,
      );
      socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`);
    });
    await withServer(server, { connections: 1 }, async (client) => {
      for (const kept of [body, body, undefined, undefined])
        expect(await client.deleteImage(imageId('a'))).toMatchObject({ kind: 'answer', httpStatus: 200, body: kept });
    });
  });

  it('abortAll gives up what is in flight', async () => {
    const server = rawServer(() => undefined);
    await withServer(server, {}, async (client) => {
      const pending = [client.deleteImage(imageId('a')), client.deleteImage(imageId('b'))];
      client.abortAll();
      expect(await Promise.all(pending)).toMatchObject([{ reason: 'aborted' }, { reason: 'aborted' }]);
    });
  });
});

describe('connections', () => {
  it('closed by the server after each answer never make a DELETE be sent twice', async () => {
    const server = rawServer((socket) => void socket.end(OK));
    await withServer(server, { connections: 2 }, async (client) => {
      let answered = 0;
      for (let index = 0; index < 50; index++) if ((await client.deleteImage(imageId(`image-${index}`))).kind === 'answer') answered++;
      expect(server.requestCount()).toBeLessThanOrEqual(50);
      expect(answered).toBeGreaterThan(0);
    });
  });

  it('closed by the server on a kept connection, with the request written, leave it unanswered and unsent again', async () => {
    const server = rawServer((socket, count) => void (count === 2 ? socket.resetAndDestroy() : socket.write(OK)));
    await withServer(server, { connections: 1 }, async (client) => {
      expect(await client.deleteImage(imageId('a'))).toMatchObject({ kind: 'answer' });
      expect(await client.deleteImage(imageId('b'))).toMatchObject({ kind: 'no-answer', reason: 'connection' });
      expect(await client.deleteImage(imageId('c'))).toMatchObject({ kind: 'answer' });
      expect(server.requestCount()).toBe(3);
    });
  });

  it('a kept connection takes the next request after a chunked and after an empty body', async () => {
    const answers = [
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{"a\r\n3\r\n":1\r\n1\r\n}\r\n0\r\n\r\n',
      'HTTP/1.1 204 No Content\r\n\r\n',
      OK,
    ];
    const sockets = new Set<Socket>();
    const server = rawServer((socket, count) => {
      sockets.add(socket);
      socket.write(answers[count - 1] ?? '');
    });
    await withServer(server, { connections: 1 }, async (client) => {
      expect(await client.deleteImage(imageId('a'))).toMatchObject({ httpStatus: 200, body: '{"a":1}' });
      expect(await client.deleteImage(imageId('b'))).toMatchObject({ httpStatus: 204, body: '' });
      expect(await client.deleteImage(imageId('c'))).toMatchObject({ httpStatus: 200, body: ENVELOPE });
      expect(sockets.size).toBe(1);
    });
  });

  it('interim answers are passed over', async () => {
    const server = rawServer((socket) => void socket.write(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}`));
    await withServer(server, {}, async (client) =>
      expect(await client.deleteImage(imageId('a'))).toMatchObject({ kind: 'answer', httpStatus: 200 }),
    );
  });
});

describe('a proxy', () => {
  it('that is not there is named without its password', async () => {
    const client = createClient({
      accountId: ACCOUNT,
      baseUrl: 'https://127.0.0.1:1/v4',
      credentials: { kind: 'token', token: 't' },
      connections: 1,
      requestTimeoutMs: 1_000,
      proxy: { ...NO_PROXY, httpProxy: 'http://user:pa55word@127.0.0.1:1' },
      userAgent: 'x',
    });
    const exchange = await client.deleteImage(imageId('a'));
    expect(exchange.kind).toBe('no-answer');
    expect(JSON.stringify(exchange)).not.toContain('pa55word');
    await client.close();
  });

  it('is never used for an API on plain http: it would read the credentials and could answer in its place', async () => {
    let requestCount = 0;
    const proxy = createHttpServer((_, response) => {
      requestCount++;
      response.end(ENVELOPE);
    });
    proxy.on('connect', (_, socket: Socket) => {
      requestCount++;
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await withServer(proxy, {}, async (_, port) => {
      const url = `http://127.0.0.1:${port}`;
      await withHttp(
        (_request, response) => void response.writeHead(400).end('the API'),
        { proxy: { ...NO_PROXY, httpProxy: url, httpsProxy: url } },
        async (client) => {
          expect(await client.deleteImage(imageId('a'))).toMatchObject({ kind: 'answer', httpStatus: 400, body: 'the API' });
          expect(requestCount).toBe(0);
        },
      );
    });
  });

  it('that asks for credentials answers 407, once, and is no lost connection', async () => {
    let requestCount = 0;
    const proxy = createHttpServer();
    proxy.on('connect', (_, socket: Socket) => {
      requestCount++;
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n');
    });
    await withServer(proxy, {}, async (_, port) => {
      const client = createClient({
        accountId: ACCOUNT,
        baseUrl: 'https://127.0.0.1:1/v4',
        credentials: { kind: 'token', token: 't' },
        connections: 2,
        requestTimeoutMs: 5_000,
        proxy: { ...NO_PROXY, httpProxy: `http://user:pa55word@127.0.0.1:${port}` },
        userAgent: 'x',
      });
      expect(await client.deleteImage(imageId('a'))).toMatchObject({ kind: 'answer', httpStatus: 407 });
      expect(requestCount).toBe(1);
      await client.close();
    });
  });
});
