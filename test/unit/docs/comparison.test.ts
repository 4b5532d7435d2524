import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import type { AddressInfo } from 'node:net';

import Cloudflare from 'cloudflare';
import { afterAll, beforeEach, expect, it } from 'vitest';

// What docs/comparison.md says of other programs.
const seen: string[] = [];
const server = createServer(({ method, url }, response) => {
  seen.push(`${method} ${url}`);
  response.setHeader('content-type', 'application/json');
  response.end('{"success":true,"result":{},"errors":[],"messages":[]}');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeEach(() => void seen.splice(0));
afterAll(() => server.close());

it('the official SDK refuses `..`, encodes an ID, and sends an empty one to the address of all images', async () => {
  const client = new Cloudflare({ apiToken: 'token', baseURL: root });
  const send = async (id: string): Promise<unknown> => client.images.v1.delete(id, { account_id: 'account' });
  await expect(send('..')).rejects.toThrow('invalid segments');
  await send('shop/hero.jpg');
  await send('');
  expect(seen).toEqual(['DELETE /accounts/account/images/v1/shop%2Fhero.jpg', 'DELETE /accounts/account/images/v1/']);
});

it.skipIf(spawnSync('curl', ['--rate', '1/h', '--version']).status !== 0)(
  'curl goes to another address for an ID with `..`, and passes --rate over with --parallel',
  async () => {
    const curl = (...args: string[]): Promise<unknown> => promisify(execFile)('curl', ['-s', '-X', 'DELETE', ...args]);
    await curl(`${root}/images/v1/shop/../x`);
    expect(seen).toEqual(['DELETE /images/v1/x']);
    seen.splice(0);
    // At one request an hour, the second would not come before this test ends.
    await curl('--parallel', '--rate', '1/h', `${root}/[1-3]`);
    expect(seen).toHaveLength(3);
  },
);
