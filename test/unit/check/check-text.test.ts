import { expect, it } from 'vitest';

import type { Findings } from '../../../src/check/findings.ts';
import { checkJson, checkText } from '../../../src/cli/texts/check-text.ts';
import { credentialFacts } from '../../../src/cli/secrets/credential-facts.ts';

const NOW_MS = Date.UTC(2026, 10, 24, 2);
const NO_PROXY = { httpProxy: undefined, httpsProxy: undefined, noProxy: undefined };

const FINDINGS: Findings = {
  accountId: '0123456789abcdef0123456789abcdef',
  baseUrl: 'https://api.cloudflare.com/client/v4',
  credentials: { kind: 'token', owner: 'user', prefix: 'cfut_', from: 'CLOUDFLARE_API_TOKEN' },
  token: { kind: 'verified', owner: 'user', status: 'active', expiresOn: undefined, notBefore: undefined },
  images: { kind: 'count', current: 1_204_551, allowed: undefined },
  batchToken: { kind: 'token', lifetimeMs: undefined },
  observed: { durationsMs: [40], clockSkewMs: 0, policies: [] },
  requestCount: 3,
};

/** One row of the table. */
function row(label: string, findings: Partial<Findings>, proxy = NO_PROXY as Parameters<typeof checkText>[1]): string | undefined {
  const line = checkText({ ...FINDINGS, ...findings }, proxy, NOW_MS)
    .split('\n')
    .find((text) => text.startsWith(label));
  return line?.slice(14);
}

it.each([
  [0, 'agrees with the API’s'],
  [1_999, 'agrees with the API’s'],
  [-1_999, 'agrees with the API’s'],
  [200_000, '3 min 20 s ahead of the API’s: --max-age and the times in reports go by this machine’s'],
  [-200_000, '3 min 20 s behind the API’s: --max-age and the times in reports go by this machine’s'],
  [undefined, 'unknown: no answer had a date'],
])('a clock %j ms off: %s', (clockSkewMs, text) => {
  expect(row('Clock', { observed: { ...FINDINGS.observed, clockSkewMs } })).toBe(text);
});

it.each([
  [NO_PROXY, 'none'],
  [{ ...NO_PROXY, httpsProxy: 'http://user:secret-word@proxy.example:3128/' }, 'http://proxy.example:3128'],
  [{ ...NO_PROXY, httpProxy: 'http://proxy.example:3128/' }, 'http://proxy.example:3128'],
  [
    { ...NO_PROXY, httpsProxy: 'http://proxy.example:3128/', noProxy: '.internal' },
    'http://proxy.example:3128, unless NO_PROXY names the host: .internal',
  ],
])('a proxy is named without its password (%#)', (proxy, text) => {
  expect(row('Proxy', {}, proxy)).toBe(text);
  expect(row('Proxy', { baseUrl: 'http://127.0.0.1:8787/client/v4' }, proxy)).toBe('none');
});

it.each([
  ['2026-11-24T05:00:00Z', undefined, /^active, a user’s, expires in 3 h, /],
  ['2027-11-24T05:00:00Z', undefined, /^active, a user’s, expires Wed 24 Nov 2027 /],
  ['2026-11-24T01:00:00Z', undefined, /^active, a user’s, expired /],
  [undefined, '2026-12-24T05:00:00Z', /^active, a user’s, not before Thu 24 Dec .*, no expiry told$/],
  [undefined, '2020-12-24T05:00:00Z', /^active, a user’s, no expiry told$/],
])('a token that expires %j and begins %j', (expiresOn, notBefore, text) => {
  expect(row('Token', { token: { kind: 'verified', owner: 'user', status: 'active', expiresOn, notBefore } })).toMatch(text);
});

it('what the API writes cannot move the cursor', () => {
  expect(row('Token', { token: { kind: 'not-told', why: '401 "\u001B[2J"' } })).toBe(String.raw`not told: 401 "\u{1b}[2J"`);
});

it('as JSON, each kind has the same fields at all times, with null for what is not known', () => {
  const told = checkJson({ exitCode: 0, endedBecause: 'finished', error: undefined, findings: FINDINGS }, NO_PROXY, (text) => text);
  expect(told).toEqual({
    account: FINDINGS.accountId,
    baseUrl: FINDINGS.baseUrl,
    credentials: FINDINGS.credentials,
    token: { kind: 'verified', owner: 'user', status: 'active', expiresOn: null, notBefore: null },
    images: { kind: 'count', current: 1_204_551, allowed: null },
    mayRead: true,
    mayDelete: null,
    quota: [],
    batchToken: { kind: 'token', lifetimeMs: null },
    latencyMs: 40,
    clockSkewMs: 0,
    proxy: null,
    requests: 3,
    exitCode: 0,
    endedBecause: 'finished',
    error: null,
  });
});

it.each([
  ['cfut_abc', {}, { kind: 'token', owner: 'user', prefix: 'cfut_', from: 'CLOUDFLARE_API_TOKEN' }],
  ['cfat_abc', {}, { kind: 'token', owner: 'account', prefix: 'cfat_', from: 'CLOUDFLARE_API_TOKEN' }],
  ['v1.0-abc', {}, { kind: 'token', owner: undefined, prefix: undefined, from: 'CLOUDFLARE_API_TOKEN' }],
  ['abc', { CLOUDFLARE_API_TOKEN_FILE: '/run/t' }, { kind: 'token', from: '/run/t (CLOUDFLARE_API_TOKEN_FILE)' }],
] as const)('the token %s is told by prefix and place', (token, env, facts) => {
  expect(credentialFacts({ kind: 'token', token }, env)).toMatchObject(facts);
});

it('a key is told by its prefix, and has no owner to verify it with', () => {
  expect(credentialFacts({ kind: 'key', email: 'a@b.c', key: 'cfk_abc' }, {})).toEqual({
    kind: 'key',
    owner: undefined,
    prefix: 'cfk_',
    from: 'CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY',
  });
});
