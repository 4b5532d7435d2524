import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it } from 'vitest';

import { createBatchHost } from '../../../src/cloudflare/batch-host.ts';
import { type BatchHost, BatchToken } from '../../../src/cloudflare/types.ts';
import type { ImageId } from '../../../src/domain/image-id.ts';
import { imageId } from '../../support/ledger/checkpoint.ts';

const ENVELOPE = '{"result":{},"success":true,"errors":[],"messages":[]}';

/** Runs `work` against a batch host that notes what it is asked. */
async function withBatchHost(
  root: string,
  answer: (response: ServerResponse) => void,
  work: (host: BatchHost, requests: readonly IncomingMessage[]) => Promise<void>,
): Promise<void> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const host = createBatchHost({
    batchBaseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${root}`,
    userAgent: 'images-purge/test',
    connections: 4,
    requestTimeoutMs: 5_000,
    proxy: { httpProxy: undefined, httpsProxy: undefined, noProxy: undefined },
  });
  try {
    await work(host, requests);
  } finally {
    await host.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const succeed = (response: ServerResponse): void => void response.end(ENVELOPE);

describe('the batch host', () => {
  it.each([
    ['', '/images/v1/shop%2Fhero.jpg'],
    ['/batch/v2', '/batch/v2/images/v1/shop%2Fhero.jpg'],
  ])('with the root %j is asked for one image, with no account in the path', async (root, path) => {
    await withBatchHost(root, succeed, async (host, requests) => {
      const exchange = await host.withToken(new BatchToken('token-1', undefined)).deleteImage(imageId('shop/hero.jpg'));
      expect(exchange).toMatchObject({ kind: 'answer', httpStatus: 200, body: ENVELOPE });
      expect(requests.map(({ method, url }) => [method, url])).toEqual([['DELETE', path]]);
    });
  });

  it('gets each lane’s own token and nobody else’s', async () => {
    await withBatchHost('', succeed, async (host, requests) => {
      const lanes = ['token-1', 'token-2'].map((text) => host.withToken(new BatchToken(text, 5)));
      for (const id of ['a', 'b']) for (const lane of lanes) await lane.deleteImage(imageId(id));
      expect(requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
        ['/images/v1/a', 'Bearer token-1'],
        ['/images/v1/a', 'Bearer token-2'],
        ['/images/v1/b', 'Bearer token-1'],
        ['/images/v1/b', 'Bearer token-2'],
      ]);
      for (const { headers } of requests)
        expect(Object.keys(headers).toSorted()).toEqual(['accept', 'authorization', 'connection', 'host', 'user-agent']);
    });
  });

  it('is not asked anything where an ID is no segment', async () => {
    await withBatchHost('', succeed, async (host, requests) => {
      const lane = host.withToken(new BatchToken('token-1', 5));
      for (const id of ['', '.', '..']) await expect((async () => lane.deleteImage(id as ImageId))()).rejects.toThrow('one path segment');
      expect(requests).toEqual([]);
    });
  });

  it('is followed nowhere', async () => {
    const redirect = (response: ServerResponse): void => void response.writeHead(302, { location: '/images/v1/other' }).end();
    await withBatchHost('', redirect, async (host, requests) => {
      expect(await host.withToken(new BatchToken('token-1', 5)).deleteImage(imageId('a'))).toMatchObject({ httpStatus: 302 });
      expect(requests).toHaveLength(1);
    });
  });

  it('that does not answer is given up when the run ends', async () => {
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    await withBatchHost(
      '',
      () => asked(),
      async (host) => {
        const exchange = host.withToken(new BatchToken('token-1', 5)).deleteImage(imageId('a'));
        await isAsked;
        host.abortAll();
        expect(await exchange).toMatchObject({ kind: 'no-answer', reason: 'aborted' });
      },
    );
  });
});
