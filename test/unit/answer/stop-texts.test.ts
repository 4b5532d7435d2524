import { describe, expect, it } from 'vitest';

import type { ReadAnswer } from '../../../src/answer/answers.ts';
import { type StopContext, stopError } from '../../../src/answer/stop-texts.ts';
import { BASE_URL_DEFAULT } from '../../../src/domain/base-url.ts';
import type { StopReason } from '../../../src/domain/disposition.ts';
import { formatLocalTime } from '../../../src/text/format.ts';
import { REFUSED } from '../../support/answer/api-answer.ts';

const CONTEXT: StopContext = {
  baseUrl: BASE_URL_DEFAULT,
  nextCommand: 'images-purge resume old.csv.checkpoint',
  deletedCount: 12_004,
  deletedInRun: 0,
  lastDeletedAtMs: undefined,
  statsAnswered: false,
  confirmation: 'none',
};

describe('a refused run', () => {
  it.each<StopReason>(['credentials', 'permission', 'account', 'address', 'proxy'])(
    '%s: exit 3, with a code of its own, what to do and how to go on',
    (reason) => {
      const error = stopError(reason, REFUSED, CONTEXT);
      expect(error).toMatchObject({ exitCode: 3, code: `REFUSED_${reason.toUpperCase()}` });
      expect(error.message).toContain('(403, code 10000 "Authentication error")');
      expect(error.nextSteps.length).toBeGreaterThan(2);
      expect(error.nextSteps.slice(-2)).toEqual([
        'Then go on with:  images-purge resume old.csv.checkpoint',
        '12,004 IDs were deleted before; nothing was marked failed by this stop.',
      ]);
    },
  );

  it('says that a permission is missing only where the credentials could read', () => {
    expect(stopError('permission', REFUSED, { ...CONTEXT, statsAnswered: true }).nextSteps.join('\n')).toContain('lack "Images Write"');
    expect(stopError('permission', REFUSED, CONTEXT).nextSteps.join('\n')).not.toContain('Images Write');
  });

  it.each<[StopReason, string, string[]]>([
    [
      'credentials',
      'the API refused the credentials',
      [
        'They may be wrong, expired or revoked, or made for another account.',
        'Earlier runs of this purge deleted IDs: use the credentials that they had, if those are still valid.',
        'Create a token with Account → Images → Edit and set CLOUDFLARE_API_TOKEN.',
      ],
    ],
    [
      'permission',
      'the API refused the credentials',
      [
        'They may be wrong, expired or revoked, or made for another account.',
        'Earlier runs of this purge deleted IDs: use the credentials that they had, if those are still valid.',
        'Create a token with Account → Images → Edit and set CLOUDFLARE_API_TOKEN.',
      ],
    ],
    [
      'account',
      'the API does not know this account, or Images is not enabled for it',
      ['Check --account-id: it is in the dashboard’s address and under Images → Overview. A zone ID looks the same, and is another.'],
    ],
    [
      'address',
      'what answered is not the Images API, or not at this address',
      ['Check --base-url and --account-id, and whether a proxy or firewall answers in between.'],
    ],
    ['proxy', 'the proxy asks for credentials', ['Put them into HTTPS_PROXY as http://user:password@host:port.']],
  ])('%s: says what refused and what to fix', (reason, what, steps) => {
    const error = stopError(reason, REFUSED, CONTEXT);
    expect(error.message).toBe(`${what} (403, code 10000 "Authentication error").`);
    expect(error.nextSteps.slice(0, -2)).toEqual(steps);
  });

  it.each<[StopReason, string, RegExp]>([
    ['credentials', 'the API refused the credentials', /^Since then the token was revoked, rolled or has expired, .*IP filter/],
    ['permission', 'the API refused the credentials', /^Since then the token was revoked/],
    ['account', 'the API does not know this account any more', /^Since then the account, /],
    ['address', 'what answers now is not the Images API', /^Since then a proxy, a firewall or a sign-in page has come in between/],
    ['proxy', 'the proxy asks for credentials', /^It let requests through before/],
  ])('%s, where this run has deleted: says that they worked until then, and what may have changed', (reason, what, change) => {
    const lastDeletedAtMs = Date.UTC(2026, 10, 24, 2, 13);
    const error = stopError(reason, REFUSED, { ...CONTEXT, deletedInRun: 59, lastDeletedAtMs, statsAnswered: true });
    expect(error.message).toContain(what);
    expect(error.nextSteps[0]).toBe(
      `59 IDs were deleted with these credentials in this run, the last on ${formatLocalTime(lastDeletedAtMs, lastDeletedAtMs)}.`,
    );
    expect(error.nextSteps[1]).toMatch(change);
    expect(error.nextSteps.join('\n')).not.toMatch(/lack "Images Write"|Check --account-id|Check --base-url/);
  });

  it.each([
    ['refused-again', /^Asked again after some seconds, it refused again/],
    ['too-many', /^It was the fifth refusal within an hour/],
  ] as const)('tells how it is known (%s)', (confirmation, how) => {
    expect(stopError('credentials', REFUSED, { ...CONTEXT, confirmation }).nextSteps[0]).toMatch(how);
  });

  it.each([
    [undefined, 'Wait 10 min at least (the API did not say how long), and do not try in a loop'],
    [1_800_000, 'Wait 30 min, as the API asks, and do not try in a loop'],
  ])('for too many authentication failures says how long to wait (told: %s), whatever was deleted before', (retryAfterMs, wait) => {
    const answer: ReadAnswer = { ...REFUSED, disposition: { kind: 'stop-run', reason: 'credentials', finalCode: 10502, retryAfterMs } };
    const error = stopError('credentials', answer, { ...CONTEXT, deletedInRun: 59 });
    expect(error.message).toContain('after too many authentication failures');
    expect(error.nextSteps[1]).toContain(wait);
    expect(error.nextSteps.join('\n')).not.toContain('Create a token');
  });

  it('for an invalid access token says not to try again with it, and what repeats come to', () => {
    const answer: ReadAnswer = { ...REFUSED, disposition: { kind: 'stop-run', reason: 'credentials', finalCode: 9109 } };
    const [first, second] = stopError('credentials', answer, CONTEXT).nextSteps;
    expect(first).toMatch(/^Do not try again with it: .*"Max auth failures reached".* wait 10 min\.$/);
    expect(second).toMatch(/^Check --account-id/);
  });

  it('tells a proxy that lets nothing through from one that asks who it is', () => {
    const error = stopError('proxy', { ...REFUSED, httpStatus: undefined, code: undefined, message: 'Proxy response (403)' }, CONTEXT);
    expect(error.message).toContain('the proxy refuses to let anything through to the API');
    expect(error.nextSteps[0]).toBe('Have the host of --base-url allowed there, or name it in NO_PROXY to go past the proxy.');
  });

  it('at another root than Cloudflare’s says so before it blames account or credentials', () => {
    const error = stopError('account', REFUSED, { ...CONTEXT, baseUrl: 'http://127.0.0.1:8787/client/v4' });
    expect(error.message).toMatch(
      /^at http:\/\/127\.0\.0\.1:8787\/client\/v4, which is not Cloudflare's \(--base-url, CLOUDFLARE_BASE_URL\): the API/,
    );
    expect(error.nextSteps[0]).toMatch(/^If Cloudflare is meant: unset CLOUDFLARE_BASE_URL/);
  });

  it('names no code where there was none', () => {
    expect(stopError('proxy', { ...REFUSED, httpStatus: 407, code: undefined, message: 'HTTP 407 without a body' }, CONTEXT).message).toBe(
      'the proxy asks for credentials (407 "HTTP 407 without a body").',
    );
  });

  it('shows what the API says with control characters escaped', () => {
    const error = stopError('address', { ...REFUSED, message: 'evil\u001B[2Jtext\n' }, CONTEXT);
    const shown = [error.message, ...error.nextSteps].join('');
    expect(shown).toContain('evil\\u{1b}[2Jtext\\u{a}');
    expect(shown).not.toMatch(/\p{Cc}/u);
  });
});
