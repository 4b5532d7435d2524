import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { parseRetryAfterMs } from '../../../src/answer/retry-after.ts';
import { EDGE_FORMS } from '../../../src/simulator/answers/edge-answers.ts';
import { NO_FAULTS, type SimulatedFaults, type SimulatorOptions } from '../../../src/simulator/simulator-options.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.ts';

interface OpenApi {
  readonly paths: Record<string, Record<string, { responses: Record<string, { content: { 'application/json': { schema: object } } }> }>>;
  readonly components: object;
}

const API = parse(readFileSync(fileURLToPath(new URL('../../../fixtures/openapi-images.yaml', import.meta.url)), 'utf8')) as OpenApi;
const IMAGES = '/accounts/{account_id}/images';
const FAILURE = { $ref: '#/components/schemas/images_api-response-common-failure' };
const SINGLE = { $ref: '#/components/schemas/images_api-response-single' };
const AUTH = { authorization: 'Bearer simulated-token' };
/** What the fields of RFC 9457 and Cloudflare's own say of a 1015. */
const PROBLEM = {
  status: 429,
  error_code: 1015,
  error_name: 'rate_limited',
  cloudflare_error: true,
  retryable: true,
  retry_after: 30,
};
const IDS = ['a', 'b', 'shop/hero.jpg'];

async function withApi(options: Partial<SimulatorOptions>, work: (simulator: Simulator, root: string) => Promise<void>): Promise<void> {
  const simulator = await startSimulator({ images: { kind: 'list', ids: IDS }, ...options });
  try {
    await work(simulator, `${simulator.url}/accounts/${simulator.options.accountId}`);
  } finally {
    await simulator.close();
  }
}

/** Whether an answer is one that the API's description allows for the operation and status. */
function expectDescribed(path: string, method: string, status: number, body: unknown): void {
  const { responses } = API.paths[path]?.[method] ?? { responses: {} };
  // The description of a failure demands `success` to be true and false at once; its second half is the envelope meant.
  const schema = status >= 400 ? FAILURE : responses[String(status)]?.content['application/json'].schema;
  if (schema === undefined) throw new Error(`the description knows no ${method} ${path} ${status}`);
  expectEnvelope(schema, body);
}

function expectEnvelope(schema: object, body: unknown): void {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile({ ...schema, components: API.components });
  expect(validate(body) ? [] : validate.errors).toEqual([]);
}

describe('uploads and originals', () => {
  async function upload(root: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    body.set('file', new File(['picture'], 'p.png', { type: 'image/png' }));
    return fetch(`${root}/images/v1`, { method: 'POST', headers: AUTH, body });
  }

  it('an image is taken with its fields, and its bytes are given back; an ID that is taken or looks like a UUID is refused', () =>
    withApi({}, async (_, root) => {
      const taken = await upload(root, { id: 'new/one', metadata: '{"a":1}', creator: 'me', requireSignedURLs: 'true' });
      expect(taken.status).toBe(200);
      const body = await taken.json();
      expectDescribed(`${IMAGES}/v1`, 'post', 200, body);
      expect(body).toMatchObject({ result: { id: 'new/one', filename: 'p.png', meta: { a: 1 }, creator: 'me', requireSignedURLs: true } });
      const blob = await fetch(`${root}/images/v1/new%2Fone/blob`, { headers: AUTH });
      expect(API.paths[`${IMAGES}/v1/{image_id}/blob`]?.['get']?.responses['200']?.content).toHaveProperty('image/*');
      expect(blob.headers.get('content-type')).toMatch(/^image\//);
      expect(await blob.text()).toBe('picture');
      for (const [id, status] of [
        ['new/one', 409],
        ['a', 409],
        ['0c9d7a3e-0000-4000-8000-000000000000', 400],
      ] as const) {
        const refused = await upload(root, { id });
        expect(refused.status).toBe(status);
        expectDescribed(`${IMAGES}/v1`, 'post', status, await refused.json());
      }
      const given = (await (await upload(root, {})).json()) as { result: { id: string } };
      expect(given.result.id).toMatch(/^[0-9a-f-]{36}$/);
    }));
});

describe('the simulated API answers as the API is described', () => {
  it.each([
    ['delete', `${IMAGES}/v1/{image_id}`, 'images/v1/a', 200],
    ['delete', `${IMAGES}/v1/{image_id}`, 'images/v1/missing', 404],
    ['delete', `${IMAGES}/v1/{image_id}`, 'images/v1/shop%2Fhero.jpg', 200],
    ['get', `${IMAGES}/v1/{image_id}`, 'images/v1/b', 200],
    ['get', `${IMAGES}/v1/stats`, 'images/v1/stats', 200],
    ['get', `${IMAGES}/v2`, 'images/v2?per_page=10&sort_order=asc', 200],
    ['get', `${IMAGES}/v2`, 'images/v2?per_page=10&creator=x&meta.a%5Beq%5D=b', 200],
    ['get', `${IMAGES}/v2`, 'images/v2?per_page=1', 400],
    ['get', `${IMAGES}/v2`, 'images/v2?sort_order=up', 400],
    ['get', `${IMAGES}/v2`, 'images/v2?continuation_token=none', 400],
    ['get', `${IMAGES}/v1/{image_id}/blob`, 'images/v1/missing/blob', 404],
    ['post', `${IMAGES}/v1`, 'images/v1', 400],
    ['get', `${IMAGES}/v1/variants`, 'images/v1/variants', 200],
    ['get', `${IMAGES}/v1/keys`, 'images/v1/keys', 200],
  ])('%s %s for %s: %i', (method, path, url, status) =>
    withApi({}, async (_, root) => {
      const response = await fetch(`${root}/${url}`, { method: method.toUpperCase(), headers: AUTH });
      expect(response.status).toBe(status);
      expectDescribed(path, method, status, await response.json());
    }),
  );

  it('lists page by page until there is no continuation token', () =>
    withApi(
      { images: { kind: 'list', ids: Array.from({ length: 25 }, (_, index) => `image-${String(index).padStart(2, '0')}`) } },
      async (_, root) => {
        const seen: string[] = [];
        let token: string | null = '';
        while (token !== null) {
          const query: string = token === '' ? '' : `&continuation_token=${encodeURIComponent(token)}`;
          const response = await fetch(`${root}/images/v2?per_page=10${query}`, { headers: AUTH });
          const { result } = (await response.json()) as { result: { images: { id: string }[]; continuation_token: string | null } };
          seen.push(...result.images.map(({ id }) => id));
          token = result.continuation_token;
        }
        expect(seen).toHaveLength(25);
        expect(new Set(seen).size).toBe(25);
      },
    ));

  it.each([
    ['no credentials', {}, 400, { code: 9106 }],
    [
      'a wrong token',
      { authorization: 'Bearer wrong' },
      403,
      { code: 10000, documentation_url: expect.stringMatching(/^https:/) as string },
    ],
    ['a malformed header', { authorization: 'Basic x' }, 400, { code: 6003, error_chain: [{ code: 6111 }] }],
    ['a malformed token', { authorization: 'Bearer wr.ong' }, 400, { code: 6003, error_chain: [{ code: 6111 }] }],
    ['a wrong key', { 'x-auth-email': 'owner@example.com', 'x-auth-key': 'wrong' }, 403, { code: 9103 }],
    ['a malformed key', { 'x-auth-email': 'owner@example.com', 'x-auth-key': '' }, 400, { code: 6003, error_chain: [{ code: 6103 }] }],
  ])('refuses %s', (_, headers, status, error) =>
    withApi({}, async (__, root) => {
      const response = await fetch(`${root}/images/v1/a`, { method: 'DELETE', headers: headers as Record<string, string> });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ success: false, errors: [error] });
    }),
  );

  it('knows the key scheme, other accounts and unknown routes', () =>
    withApi({}, async (simulator, root) => {
      const key = { 'x-auth-email': 'owner@example.com', 'x-auth-key': 'simulated-key' };
      expect((await fetch(`${root}/images/v1/a`, { method: 'DELETE', headers: key })).status).toBe(200);
      const other = await fetch(`${simulator.url}/accounts/${'f'.repeat(32)}/images/v1/a`, { method: 'DELETE', headers: AUTH });
      expect(await other.json()).toMatchObject({ errors: [{ code: 7003 }] });
      expect(await (await fetch(`${root}/other`, { headers: AUTH })).json()).toMatchObject({ errors: [{ code: 7000 }] });
    }));

  it('lends batch tokens that work on the batch host alone', () =>
    withApi({}, async (simulator, root) => {
      const { result } = (await (await fetch(`${root}/images/v1/batch_token`, { headers: AUTH })).json()) as {
        result: { token: string; expiresAt: string };
      };
      expect(result.expiresAt).toMatch(/\.\d{9}Z$/);
      const batch = { authorization: `Bearer ${result.token}` };
      expect((await fetch(`${simulator.batchUrl}/images/v1/a`, { method: 'DELETE', headers: batch })).status).toBe(200);
      expect(await (await fetch(`${simulator.batchUrl}/images/v1/keys/x`, { method: 'POST', headers: batch })).json()).toMatchObject({
        success: false,
      });
      expect((await fetch(`${root}/images/v1/b`, { method: 'DELETE', headers: batch })).status).toBe(403);
    }));

  it.each([
    ['user', 'user/tokens/verify', 200],
    ['user', 'accounts/ACCOUNT/tokens/verify', 401],
    ['account', 'accounts/ACCOUNT/tokens/verify', 200],
    ['account', 'user/tokens/verify', 401],
  ] as const)('verifies the token of a %s at %s: %i', (tokenOwner, path, status) =>
    withApi({ tokenOwner, verifiedToken: { status: 'active', expires_on: '2027-01-01T00:00:00Z' } }, async (simulator) => {
      const url = `${simulator.url}/${path.replace('ACCOUNT', simulator.options.accountId)}`;
      const response = await fetch(url, { headers: AUTH });
      expect(response.status).toBe(status);
      const body: unknown = await response.json();
      // The description of Images does not hold these paths. Their envelope is the same.
      expectEnvelope(status >= 400 ? FAILURE : SINGLE, body);
      if (status === 200) expect(body).toMatchObject({ result: { status: 'active', expires_on: '2027-01-01T00:00:00Z' } });
      else expect(body).toMatchObject({ errors: [{ code: 1000 }] });
    }),
  );

  it('an account without Images: 5403 on stats, 5404 on DELETE', () =>
    withApi({ isImagesEnabled: false }, async (_, root) => {
      expect(await (await fetch(`${root}/images/v1/stats`, { headers: AUTH })).json()).toMatchObject({ errors: [{ code: 5403 }] });
      expect(await (await fetch(`${root}/images/v1/a`, { method: 'DELETE', headers: AUTH })).json()).toMatchObject({
        errors: [{ code: 5404 }],
      });
    }));

  it.each(['fixed', 'sliding', 'bucket'] as const)('counts a %s quota, says when to come back, and blocks who goes over it', (kind) =>
    withApi(
      { images: { kind: 'any' }, quota: { kind, requests: 5, windowMs: 60_000, blockMs: 300_000, burst: 5 }, sendsRatelimitHeaders: true },
      async (simulator, root) => {
        const statuses: number[] = [];
        let last: Response | undefined;
        for (let index = 0; index < 7; index++) {
          last = await fetch(`${root}/images/v1/${index}`, { method: 'DELETE', headers: AUTH });
          statuses.push(last.status);
        }
        expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
        expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(200);
        expect(last?.headers.get('ratelimit-policy')).toBe('"default";q=5;w=60');
        expect(simulator.record.throttledCount).toBe(2);
        expect(simulator.record.deleted.size).toBe(5);
      },
    ),
  );

  const isDone: Record<keyof SimulatedFaults, boolean> = {
    status500: false,
    html502: false,
    throttle429: false,
    resetBefore: false,
    resetAfter: true,
    lostAnswer: true,
    truncatedAnswer: true,
    hang: false,
    hangAfter: true,
    slowDrip: true,
    edgeError: false,
  };
  it.each(Object.entries(isDone))('the fault %s: work done: %s, and the record knows', (fault, done) =>
    withApi({ faults: { ...NO_FAULTS, [fault]: 1 } }, async (simulator, root) => {
      const controller = new AbortController();
      const answered = fetch(`${root}/images/v1/a`, { method: 'DELETE', headers: AUTH, signal: controller.signal }).then((response) =>
        response.text(),
      );
      if (fault.startsWith('hang')) {
        await simulator.whenRequests(1);
        controller.abort();
      }
      const isAnswered = await answered.then(
        () => true,
        () => false,
      );
      expect(isAnswered).toBe(['status500', 'html502', 'throttle429', 'slowDrip', 'edgeError'].includes(fault));
      expect(simulator.record.deleted.has('a')).toBe(done);
      expect(simulator.record.deleteRequests.get('a')).toBe(1);
    }),
  );

  it.each(EDGE_FORMS)('lets the edge answer as %s, with its wait in header and body; who does not ask for JSON gets a page', (form) =>
    withApi(
      { faults: { ...NO_FAULTS, edgeError: 1 }, edge: { codes: ['1015'], forms: [form], waits: ['seconds'] } },
      async (simulator, root) => {
        const ask = async (accept: string): Promise<{ type: string | null; body: string }> => {
          const response = await fetch(`${root}/images/v1/a`, { method: 'DELETE', headers: { ...AUTH, accept } });
          expect([response.status, response.headers.get('retry-after')]).toEqual([429, '30']);
          return { type: response.headers.get('content-type'), body: await response.text() };
        };
        const { type, body } = await ask('application/json');
        expect(type).toContain({ json: 'application/json', page: 'text/html', text: 'text/plain' }[form]);
        if (form === 'json') expect(JSON.parse(body)).toMatchObject(PROBLEM);
        if (form === 'text') expect(body).toBe('error code: 1015');
        if (form === 'page') expect(body).toContain('<span class="cf-error-code">1015</span>');
        const plain = await ask('*/*');
        expect(plain.body.startsWith('<!DOCTYPE html>')).toBe(form !== 'text');
        // A DELETE alone meets faults, and the edge does no work.
        expect((await fetch(`${root}/images/v1/stats`, { headers: AUTH })).status).toBe(200);
        expect(simulator.record.deleted.size).toBe(0);
      },
    ),
  );

  it('spells the wait of the edge in each way, none of them shorter than the wait', () =>
    withApi({ images: { kind: 'any' }, faults: { ...NO_FAULTS, edgeError: 1 }, seed: 2 }, async (_, root) => {
      const spelled = new Set<string>();
      for (let index = 0; index < 60; index++) {
        const { headers } = await fetch(`${root}/images/v1/${index}`, { method: 'DELETE', headers: AUTH });
        const retryAfter = headers.get('retry-after');
        if (retryAfter === null) continue;
        expect(parseRetryAfterMs(retryAfter, Date.parse(headers.get('date') ?? ''))).toBeGreaterThanOrEqual(5_000);
        spelled.add(
          retryAfter
            .replaceAll(/[A-Za-z]+/g, 'A')
            .replaceAll(/\d{6,}/g, 'epoch')
            .replaceAll(/\d+/g, '1'),
        );
      }
      expect(spelled).toEqual(new Set(['1', '1.1', '1, 1', 'A, 1 A 1 1:1:1 A', 'epoch']));
    }));

  it('the same seed gives the same faults', async () => {
    const statusesOf = async (seed: number): Promise<(number | undefined)[]> => {
      let statuses: (number | undefined)[] = [];
      await withApi({ images: { kind: 'any' }, seed, faults: { ...NO_FAULTS, status500: 0.5 } }, async (simulator, root) => {
        for (let index = 0; index < 30; index++) await fetch(`${root}/images/v1/${index}`, { method: 'DELETE', headers: AUTH });
        statuses = simulator.record.requests.map(({ status }) => status);
      });
      return statuses;
    };
    const first = await statusesOf(3);
    expect(await statusesOf(3)).toEqual(first);
    expect(await statusesOf(4)).not.toEqual(first);
  });

  it('records a DELETE that would have hit a variant', () =>
    withApi({}, async (simulator, root) => {
      await fetch(`${root}/images/v1/variants/hero`, { method: 'DELETE', headers: AUTH });
      expect(simulator.record.siblingHits).toHaveLength(1);
    }));
});

describe('refusals by mistake', () => {
  it('meet each so many DELETEs, in four forms in turn, delete nothing, and are gone when asked again', () =>
    withApi({ images: { kind: 'any' }, strayRefusalEach: 2 }, async (simulator, root) => {
      const statuses: number[] = [];
      for (const id of ['a', 'b', 'b', 'c', 'c', 'd', 'd', 'e', 'e']) {
        const answer = await fetch(`${root}/images/v1/${id}`, { method: 'DELETE', headers: AUTH, redirect: 'manual' });
        await answer.arrayBuffer();
        statuses.push(answer.status);
      }
      expect(statuses).toEqual([200, 403, 200, 401, 200, 404, 200, 302, 200]);
      expect([...simulator.record.deleted]).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect((await fetch(`${root}/images/v1/stats`, { headers: AUTH })).status).toBe(200);
    }));
});
