import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createClient } from '../../src/cloudflare/client.ts';
import { type Certificate, makeCertificate } from '../support/servers/certificates.ts';
import { imageId } from '../support/ledger/checkpoint.ts';
import { TEST_ACCOUNT, TEST_TOKEN } from '../support/cli/cli.ts';
import { basicOf, withProxy } from '../support/servers/proxy.ts';
import { makeIds } from '../support/purge/purge.ts';
import { closed, type Deletion, listening, withSocketApi } from '../support/servers/socket-api.ts';
import { purgeByProcessAt, type SocketPurge } from '../support/purge/socket-purge.ts';

/** Enough of them that failures are taken for an outage, not for the IDs' own. */
const MANY = makeIds(40);
const BRIEFLY = ['--give-up-after', '2s', '--timeout', '1s'];
/** Time enough to meet the reason itself, and not a timeout, on a busy machine. */
const ONCE_TOLD = ['--give-up-after', '8s', '--timeout', '5s'];
const PROXY_USER = 'someone:sentinel-pr0xy-pa55word';

const succeed = ({ socket, done }: Deletion): void => void socket.write(done());

function expectGivenUp(purge: SocketPurge): void {
  expect(purge.result.exitCode).toBe(4);
  expect(purge.outcomes.size).toBe(0);
  expect(purge.pending).toBe(MANY.length);
  expect(purge.result.stderr).not.toContain('a defect in images-purge');
}

let folder = '';
let trusted: Certificate;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'images-purge-network-'));
  trusted = makeCertificate(folder, 'IP:127.0.0.1');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.concurrent('TLS', () => {
  it('with a certificate that is trusted works', () =>
    withSocketApi({ onDelete: succeed, tls: trusted }, async (api) => {
      const purge = await purgeByProcessAt(api.url, { ids: MANY, env: { NODE_EXTRA_CA_CERTS: trusted.certPath } });
      expect(purge.result.exitCode).toBe(0);
      expect(api.deleted).toEqual(new Set(MANY));
    }));

  it.each(['that nobody vouches for', 'of another name'])(
    'with a certificate %s: no request and no credential is ever sent, exit 4, nothing failed',
    async (kind) => {
      const isTrusted = kind === 'of another name';
      const certificate = isTrusted ? makeCertificate(folder, 'DNS:other.example') : trusted;
      const env: Record<string, string> = isTrusted ? { NODE_EXTRA_CA_CERTS: certificate.certPath } : {};
      await withSocketApi({ onDelete: succeed, tls: certificate }, async (api) => {
        const purge = await purgeByProcessAt(api.url, { ids: MANY, more: ONCE_TOLD, env });
        expectGivenUp(purge);
        expect(api.received()).toBe('');
        expect(purge.result.stderr).toMatch(/self-signed certificate|altnames/);
      });
    },
  );

  it('that is never finished runs into --timeout, and does not keep the process alive', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
    const port = await listening(server, '127.0.0.1');
    try {
      const purge = await purgeByProcessAt(`https://127.0.0.1:${port}/client/v4`, { ids: MANY, more: BRIEFLY });
      // That the process ended is the proof: undici would wait for five minutes, which is longer than a test may take.
      expectGivenUp(purge);
    } finally {
      await closed(server, sockets);
    }
  });
});

describe('a host', () => {
  it('that DNS does not know: exit 4 with the name and the reason, nothing failed', async () => {
    const purge = await purgeByProcessAt('https://api.images-purge.invalid/client/v4', { ids: MANY, more: ONCE_TOLD });
    expectGivenUp(purge);
    expect(purge.result.stderr).toMatch(/getaddrinfo E\w+ api\.images-purge\.invalid/);
  });

  it.each([
    ['refuses', '::1'],
    // A documentation prefix: nobody answers there, where it can be reached at all.
    ['swallows', '2001:db8::1'],
  ])('with an IPv6 address first, which %s: the IPv4 address is used', async (_, ipv6) => {
    const preload = join(folder, 'ipv6-first.mjs');
    writeFileSync(
      preload,
      `import dns from 'node:dns';
       const real = dns.lookup;
       const both = [{ address: process.env.IPV6, family: 6 }, { address: '127.0.0.1', family: 4 }];
       dns.lookup = (name, options, done) => (name === 'api.localhost' ? done(null, both) : real(name, options, done));`,
    );
    await withSocketApi({ onDelete: succeed }, async (api) => {
      const purge = await purgeByProcessAt(`http://api.localhost:${api.port}/client/v4`, {
        ids: MANY,
        env: { NODE_OPTIONS: `--import ${preload}`, IPV6: ipv6 },
      });
      expect(purge.result.exitCode).toBe(0);
      expect(api.deleted).toEqual(new Set(MANY));
    });
  });
});

function expectNoSecret({ result, lines }: SocketPurge): void {
  for (const secret of [PROXY_USER, basicOf(PROXY_USER), TEST_TOKEN])
    expect(result.stdout + result.stderr + JSON.stringify(lines)).not.toContain(secret);
}

describe('a proxy', () => {
  it('that tunnels is given its own credentials and not the account’s', () =>
    withSocketApi({ onDelete: succeed, tls: trusted }, (api) =>
      withProxy(
        PROXY_USER,
        () => undefined,
        async (proxy) => {
          const purge = await purgeByProcessAt(api.url, {
            ids: MANY,
            env: { NODE_EXTRA_CA_CERTS: trusted.certPath, https_proxy: proxy.url },
          });
          expect(purge.result.exitCode).toBe(0);
          expect(api.deleted).toEqual(new Set(MANY));
          expect(new Set(proxy.authorizations)).toEqual(new Set([`Basic ${basicOf(PROXY_USER)}`]));
          expect(api.received().toLowerCase()).not.toContain('proxy-authorization');
          expectNoSecret(purge);
        },
      ),
    ));

  it('is passed by where NO_PROXY says so', () =>
    withSocketApi({ onDelete: succeed, tls: trusted }, (api) =>
      withProxy(
        PROXY_USER,
        () => 'swallow',
        async (proxy) => {
          const purge = await purgeByProcessAt(api.url, {
            ids: MANY,
            env: { NODE_EXTRA_CA_CERTS: trusted.certPath, https_proxy: proxy.url, no_proxy: '127.0.0.1' },
          });
          expect(purge.result.exitCode).toBe(0);
          expect(proxy.connects()).toBe(0);
        },
      ),
    ));

  it.each([
    ['403 Forbidden', 'refuses'],
    ['407 Proxy Authentication Required', 'asks for credentials'],
  ])('that answers CONNECT with %s stops the run at once: exit 3, nothing sent, nothing failed', (status, says) =>
    withSocketApi({ onDelete: succeed, tls: trusted }, (api) =>
      withProxy(
        PROXY_USER,
        () => `HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`,
        async (proxy) => {
          const purge = await purgeByProcessAt(api.url, {
            ids: MANY,
            env: { NODE_EXTRA_CA_CERTS: trusted.certPath, https_proxy: proxy.url },
          });
          expect(purge.result.exitCode).toBe(3);
          expect(purge.result.stderr).toContain(`the proxy ${says}`);
          expect(purge.pending).toBe(MANY.length);
          expect(api.connectionCount()).toBe(0);
          expectNoSecret(purge);
        },
      ),
    ),
  );

  it.each(['502 Bad Gateway', '429 Too Many Requests'])('that answers CONNECT with %s is an outage: exit 4, nothing failed', (status) =>
    withSocketApi({ onDelete: succeed, tls: trusted }, (api) =>
      withProxy(
        PROXY_USER,
        () => `HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`,
        async (proxy) => {
          const purge = await purgeByProcessAt(api.url, {
            ids: MANY,
            more: BRIEFLY,
            env: { NODE_EXTRA_CA_CERTS: trusted.certPath, https_proxy: proxy.url },
          });
          expectGivenUp(purge);
          expectNoSecret(purge);
        },
      ),
    ),
  );

  it('that never answers CONNECT is an outage, and does not keep the process alive', () =>
    withSocketApi({ onDelete: succeed, tls: trusted }, (api) =>
      withProxy(
        PROXY_USER,
        () => 'swallow',
        async (proxy) => {
          const purge = await purgeByProcessAt(api.url, {
            ids: MANY,
            more: BRIEFLY,
            env: { NODE_EXTRA_CA_CERTS: trusted.certPath, https_proxy: proxy.url },
          });
          // That the process ended is the proof, as above.
          expectGivenUp(purge);
        },
      ),
    ));

  it('that leaves as many CONNECTs unanswered as there are connections is used again once it answers', () =>
    withProxy(
      PROXY_USER,
      (nth) => (nth <= 2 ? 'swallow' : 'HTTP/1.1 502 Bad Gateway\r\n\r\n'),
      async (proxy) => {
        const client = createClient({
          accountId: TEST_ACCOUNT,
          baseUrl: 'https://127.0.0.1:1/v4',
          credentials: { kind: 'token', token: TEST_TOKEN },
          connections: 2,
          requestTimeoutMs: 300,
          proxy: { httpProxy: undefined, httpsProxy: proxy.url, noProxy: undefined },
          userAgent: 'x',
        });
        // Far fewer tries than would fit into the five minutes that undici waits for a CONNECT by itself.
        for (let tries = 0; proxy.connects() <= 2 && tries < 20; tries++)
          await Promise.all([client.deleteImage(imageId('a')), client.deleteImage(imageId('b'))]);
        expect(proxy.connects()).toBeGreaterThan(2);
        await client.close();
      },
    ));
});
