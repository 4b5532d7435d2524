import { describe, expect, it } from 'vitest';

import type { ReadAnswer } from '../../../src/answer/answers.ts';
import { type StopContext, stopError } from '../../../src/answer/stop-texts.ts';
import { BASE_URL_DEFAULT } from '../../../src/domain/base-url.ts';
import type { StopReason } from '../../../src/domain/disposition.ts';

const REFUSED: ReadAnswer = {
  disposition: { kind: 'stop-run', reason: 'credentials' },
  httpStatus: 403,
  code: 10000,
  message: 'Authentication error',
  cfRay: undefined,
};
const CONTEXT: StopContext = {
  baseUrl: BASE_URL_DEFAULT,
  nextCommand: 'images-purge resume old.csv.checkpoint',
  deletedCount: 12_004,
  statsAnswered: false,
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
        'Create a token with Account → Images → Edit and set CLOUDFLARE_API_TOKEN.',
      ],
    ],
    [
      'permission',
      'the API refused the credentials',
      [
        'They may be wrong, expired or revoked, or made for another account.',
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
