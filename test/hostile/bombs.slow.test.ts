import { createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { createGzip, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { createClient } from '../../src/cloudflare/client.ts';
import { openSource } from '../../src/read/open.ts';
import type { FormOptions } from '../../src/read/source.ts';
import { imageId } from '../support/ledger/checkpoint.ts';
import { TEST_ACCOUNT, TEST_TOKEN } from '../support/cli/cli.ts';
import { closed, listening } from '../support/servers/socket-api.ts';

const MIB = 1024 * 1024;
const FORM: FormOptions = {
  format: 'auto',
  column: undefined,
  noHeader: false,
  delimiter: undefined,
  quote: undefined,
  skipLines: 0,
  lastLine: 'by-source',
  literal: false,
  takesReports: true,
};
/** Node itself needs some for buffers that wait to be collected; a bomb that is kept needs hundreds. */
const GROWTH_BYTES_MAX = 128 * MIB;

interface Reading {
  readonly rowCount: number;
  readonly readBytes: number;
  readonly stoppedBy: string | undefined;
  readonly growthBytes: number;
}

/** Repeats a piece of text, as often as it takes to fill so many bytes. */
function* repeated(start: string, piece: string, bytesMax: number): Generator<Buffer> {
  if (start !== '') yield Buffer.from(start);
  const chunk = Buffer.from(piece.repeat(Math.ceil(65_536 / piece.length)));
  for (let bytes = 0; bytes < bytesMax; bytes += chunk.length) yield chunk;
}

async function read(stream: NodeJS.ReadableStream, counted: { bytes: number }, form: FormOptions = FORM): Promise<Reading> {
  const before = process.memoryUsage.rss();
  let [rowCount, peak] = [0, before];
  let stoppedBy: string | undefined;
  try {
    const source = await openSource({ kind: 'stdin', stream }, form, new AbortController().signal);
    try {
      for await (const { values, rejected } of source.batches()) {
        rowCount += values.length + rejected.length;
        peak = Math.max(peak, process.memoryUsage.rss());
      }
    } finally {
      await source.close();
    }
  } catch (error) {
    stoppedBy = error instanceof Error && 'code' in error ? `${String(error.code)}: ${error.message}` : String(error);
  }
  return { rowCount, readBytes: counted.bytes, stoppedBy, growthBytes: Math.max(peak, process.memoryUsage.rss()) - before };
}

/** How a source is fed, and how many of its bytes were taken. */
function source(chunks: Iterable<Buffer>, pack?: 'gzip' | 'zstd'): [stream: NodeJS.ReadableStream, counted: { bytes: number }] {
  const counted = { bytes: 0 };
  const stream = Readable.from(
    (function* () {
      for (const chunk of chunks) {
        counted.bytes += chunk.length;
        yield chunk;
      }
    })(),
  );
  return [pack === undefined ? stream : stream.pipe(pack === 'gzip' ? createGzip({ level: 1 }) : createZstdCompress()), counted];
}

describe('a source that does not end', () => {
  it.each([
    ['a line without end', 'a', 'abc'],
    ['a quoted field without end', 'id\n"', 'abc\n'],
    ['a row of fields without end', 'id', ',b'],
    ['a row of quoted fields without end', 'id\n', '"\n",'],
    ['a JSON object without end', '{"id":"', 'abc'],
    ['blank lines without end', '', '\n'],
    ['white space without end', '', ' '],
    ['blank rows without end before a column', '\n', ' \n'],
  ])('%s: is broken after about a megabyte, and not read on', async (_, start, piece) => {
    const { rowCount, readBytes, stoppedBy } = await read(...source(repeated(start, piece, 64 * MIB)));
    expect(stoppedBy).toMatch(/^SOURCE_BROKEN: -, line \d+: /);
    expect(readBytes).toBeLessThan(8 * MIB);
    expect(rowCount).toBeLessThanOrEqual(1);
  });

  it.each(['gzip', 'zstd'] as const)('packed with %s, with good rows, is read in flat memory', async (pack) => {
    const bytes = 192 * MIB;
    const { growthBytes, readBytes, rowCount, stoppedBy } = await read(...source(repeated('', `${'image'.repeat(200)}\n`, bytes), pack));
    expect(stoppedBy).toBeUndefined();
    expect(readBytes).toBeGreaterThan(bytes);
    expect(rowCount).toBeGreaterThan(190_000);
    expect(growthBytes).toBeLessThan(GROWTH_BYTES_MAX);
  });

  it('packed in a packed file is not unpacked twice: what is inside is no text', async () => {
    const inner = gzipSync(Buffer.alloc(MIB));
    const { stoppedBy, rowCount } = await read(Readable.from([gzipSync(inner)]), { bytes: 0 });
    expect(stoppedBy).toMatch(/^SOURCE_BROKEN: -, line 1: it is not valid UTF-8/);
    expect(rowCount).toBe(0);
  });
});

describe('packed members', () => {
  it.each([gzipSync, zstdCompressSync])('one after the other are all read', async (pack) => {
    const members = ['id\na\n', 'b\n', 'c\n'].map((text) => Buffer.from(pack(text)));
    for (const parts of [members, [Buffer.concat(members)]]) {
      const { rowCount, stoppedBy } = await read(Readable.from(parts), { bytes: 0 });
      expect([rowCount, stoppedBy]).toEqual([3, undefined]);
    }
  });

  it.each([
    ['garbage after the last', Buffer.from('image-b\n')],
    ['garbage after padding', Buffer.from('\0\0\0\0image-b\n')],
    ['a member after padding', Buffer.concat([Buffer.alloc(16), gzipSync('b\n')])],
    ['a member whose first byte is gone', gzipSync('b\n').subarray(1)],
  ])('%s: nothing of it is forgotten in silence', async (_, rest) => {
    for (const parts of [[Buffer.concat([gzipSync('id\na\n'), rest])], [gzipSync('id\na\n'), rest]]) {
      const { stoppedBy } = await read(Readable.from(parts), { bytes: 0 });
      expect(stoppedBy).toMatch(/^SOURCE_BROKEN: .*its gzip data is broken or cut short/);
    }
  });

  it('padding with zeros at the end is none', async () => {
    const { rowCount, stoppedBy } = await read(Readable.from([Buffer.concat([gzipSync('id\na\n'), Buffer.alloc(512)])]), { bytes: 0 });
    expect([rowCount, stoppedBy]).toEqual([1, undefined]);
  });
});

describe('an answer', () => {
  it('with 64 KiB of chunk extensions around each byte of its body is read in flat memory', async () => {
    const chunk = Buffer.from(`1;e=${'x'.repeat(65_536)}\r\n \r\n`);
    const chunkCount = 8_192;
    const pour = (socket: Socket): void => {
      let left = chunkCount;
      const more = (): void => {
        while (left > 0) {
          left--;
          if (!socket.write(chunk)) return void socket.once('drain', more);
        }
        socket.write('0\r\n\r\n');
      };
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      more();
    };
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined).once('data', () => pour(socket))));
    const port = await listening(server, '127.0.0.1');
    const client = createClient({
      accountId: TEST_ACCOUNT,
      baseUrl: `http://127.0.0.1:${port}`,
      credentials: { kind: 'token', token: TEST_TOKEN },
      connections: 1,
      requestTimeoutMs: 60_000,
      proxy: { httpProxy: undefined, httpsProxy: undefined, noProxy: undefined },
      userAgent: 'x',
    });
    const before = process.memoryUsage.rss();
    try {
      const exchange = await client.deleteImage(imageId('a'));
      const growthBytes = process.memoryUsage.rss() - before;
      expect(exchange).toMatchObject({ kind: 'answer', body: ' '.repeat(chunkCount) });
      expect(growthBytes).toBeLessThan(GROWTH_BYTES_MAX);
    } finally {
      await client.close();
      await closed(server, sockets);
    }
  });
});
