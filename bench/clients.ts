/**
 * The clients that images-purge is compared with, each a whole process: `node bench/clients.ts NAME URL IDS_FILE
 * CONNECTIONS`. Each deletes every ID of the file once and records nothing.
 *
 * @module
 */
import { readFileSync } from 'node:fs';

import Cloudflare from 'cloudflare';
import { Pool } from 'undici';

const ACCOUNT = '0123456789abcdef0123456789abcdef';
const [, , name = '', url = '', idsPath = '', connections = '50'] = process.argv;
const ids = readFileSync(idsPath, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && line !== 'id');
const concurrency = Number(connections);
let next = 0;

/** Runs `send` for every ID, so many at a time. */
async function forEachId(send: (id: string) => Promise<unknown>): Promise<void> {
  const worker = async (): Promise<void> => {
    for (let id = ids[next++]; id !== undefined; id = ids[next++]) await send(id);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

function dispatchLoop(): Promise<void> {
  const pool = new Pool(url, { connections: concurrency, pipelining: 1 });
  const headers = { authorization: 'Bearer bench' };
  const send = (id: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      let body = '';
      pool.dispatch(
        { method: 'DELETE', path: `/accounts/${ACCOUNT}/images/v1/${encodeURIComponent(id)}`, headers },
        {
          onRequestStart: () => undefined,
          onResponseStart: () => undefined,
          onResponseData: (_controller, chunk) => void (body += chunk.toString()),
          onResponseEnd: () => resolve(JSON.parse(body)),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  return forEachId(send).then(() => pool.close());
}

async function globalFetch(): Promise<void> {
  await forEachId(async (id) => {
    const response = await fetch(`${url}/accounts/${ACCOUNT}/images/v1/${encodeURIComponent(id)}`, {
      method: 'DELETE',
      headers: { authorization: 'Bearer bench' },
    });
    await response.json();
  });
}

async function officialSdk(): Promise<void> {
  const client = new Cloudflare({ apiToken: 'bench', baseURL: url });
  await forEachId((id) => client.images.v1.delete(id, { account_id: ACCOUNT }));
}

const CLIENTS: Record<string, () => Promise<void>> = { dispatch: dispatchLoop, fetch: globalFetch, sdk: officialSdk };
const run = CLIENTS[name];
if (run === undefined) throw new Error(`unknown client ${name}`);
await run();
