import { describe, expect, it } from 'vitest';

import type { ApiAnswer, Exchange } from '../../../src/cloudflare/types.ts';
import { readAnswer, readStatsAnswer, readTokenAnswer } from '../../../src/answer/answers.ts';
import { EDGE_ERRORS, EDGE_FORMS, edgeAnswer, type EdgeCode, type EdgeForm } from '../../../src/simulator/answers/edge-answers.ts';
import { createRedact } from '../../../src/text/redact.ts';
import * as fc from '../../support/fast-check.ts';
import { apiAnswer } from '../../support/answer/api-answer.ts';

function answer(httpStatus: number, body: string, more: Partial<ApiAnswer> = {}): ApiAnswer {
  return apiAnswer({ httpStatus, body, ...more });
}

function envelope(
  httpStatus: number,
  codes: readonly (number | string)[],
  more: { success?: boolean; messages?: readonly object[]; result?: unknown } = {},
): ApiAnswer {
  const errors = codes.map((code) => ({ code, message: `error ${code}` }));
  return answer(httpStatus, JSON.stringify({ result: null, success: false, errors, messages: [], ...more }));
}

const EDGE_CODES = Object.keys(EDGE_ERRORS) as EdgeCode[];
const THROTTLING: readonly EdgeCode[] = ['1015', '1200'];
const PASSING: readonly EdgeCode[] = ['1004', '1033', '1038', '1205'];
const REFUSING: readonly EdgeCode[] = ['1010', '1020'];

/** As the edge answers, with whatever status. */
function edge(httpStatus: number, code: EdgeCode, form: EdgeForm): ApiAnswer {
  return answer(httpStatus, edgeAnswer(code, { form }).body as string);
}

const problem = (httpStatus: number, fields: object): ApiAnswer =>
  answer(httpStatus, JSON.stringify({ cloudflare_error: true, ...fields }));

/** Every status that an answer may have, some of each kind. */
const STATUSES = [200, 204, 302, 400, 401, 403, 404, 407, 409, 418, 429, 500, 503, 520, 530];

const page = (httpStatus: number): ApiAnswer => answer(httpStatus, '<html><head><title>Hello</title></head></html>');
const read = (exchange: Exchange, lane: 'account' | 'batch' = 'account'): unknown => readAnswer(exchange, lane, 0).disposition;

const DELETED = { kind: 'done', outcome: 'deleted' };
const ABSENT = { kind: 'done', outcome: 'absent' };
const RETRY = { kind: 'retry' };
const FAILED = { kind: 'fail-item', streak: 'none' };

describe('throttling', () => {
  it.each([
    ['a bare 429', page(429), undefined],
    ['429 in the envelope', envelope(429, [971]), 971],
    ['code 971 under 200, even with success', envelope(200, [971], { success: true }), 971],
    ['code 971 under 403', envelope(403, [971]), 971],
    ['code 10429 under 503', envelope(503, [10429]), 10_429],
    ['code 971 as digits', envelope(400, ['971']), 971],
    ['code 971 beside another', envelope(400, [5400, 971]), 971],
    ['429 with a credential code that is not 10502', envelope(429, [10000]), 10_000],
  ])('%s pauses the lane and counts no attempt', (_, given, code) =>
    expect(read(given)).toEqual({ kind: 'throttled', retryAfterMs: undefined, httpStatus: given.httpStatus, code }),
  );

  it('429 with code 10502 is about credentials', () =>
    expect(read(envelope(429, [10502]))).toEqual({ kind: 'stop-run', reason: 'credentials', finalCode: 10502 }));
  it('Retry-After in seconds is in the answer', () =>
    expect(read({ ...page(429), retryAfter: '7' })).toMatchObject({ kind: 'throttled', retryAfterMs: 7_000 }));
  it('code 971 in messages means nothing', () =>
    expect(read(envelope(200, [], { success: true, messages: [{ code: 971 }] }))).toEqual(DELETED));
});

describe('throttling by the edge', () => {
  it.each(THROTTLING.flatMap((code) => EDGE_FORMS.map((form) => [code, form] as const)))(
    '%s as %s pauses the lane, whatever the status and the lane',
    (code, form) => {
      for (const status of STATUSES)
        for (const lane of ['account', 'batch'] as const)
          expect(read(edge(status, code, form), lane)).toMatchObject({ kind: 'throttled', httpStatus: status, code: Number(code) });
    },
  );

  it('waits as long as header or body say, whichever is longer', () => {
    expect(read(problem(429, { error_code: 1015, retry_after: 30 }))).toMatchObject({ retryAfterMs: 30_000 });
    expect(read(answer(429, '{"success":false,"errors":[{"code":971}],"retry_after":30}'))).toMatchObject({ retryAfterMs: 30_000 });
    expect(read(answer(503, '{"retry_after":30}'))).toEqual({ ...RETRY, retryAfterMs: 30_000 });
    expect(read({ ...problem(429, { error_code: 1015, retry_after: 30 }), retryAfter: '31, 3' })).toMatchObject({ retryAfterMs: 31_000 });
    expect(read({ ...edge(403, '1015', 'text'), retryAfter: '3' })).toMatchObject({ retryAfterMs: 3_000 });
    // Unlike a failure that is retried: what a quota asks for is obeyed, however long.
    expect(read(problem(503, { error_code: '1200', retry_after: 3_600 }))).toMatchObject({ kind: 'throttled', retryAfterMs: 3_600_000 });
  });

  it('is nothing that a message, a result or an error of the API speaks of', () => {
    const other = { messages: [{ code: 1015, message: 'error code: 1015' }], result: { error_code: 1015 } };
    expect(read(envelope(200, [], { success: true, ...other }))).toEqual(DELETED);
    expect(read(envelope(400, [1015], other))).toEqual(FAILED);
  });

  it.each([
    ['text around it', answer(400, 'The error code: 1015')],
    ['text behind it', answer(400, 'error code: 1015 and more')],
    ['another number', answer(400, 'error code: 10150')],
    ['a page that speaks of it', answer(400, '<html><title>Help</title><p>How to fix Cloudflare Error 1015: wait</p></html>')],
    ['a page with the number in an address', answer(400, '<html><a href="/error code: 1015">Error</a> 1015</html>')],
    ['JSON with the code elsewhere', answer(400, '{"problem":{"error_code":1015}}')],
    ['JSON with the code as a list', answer(400, '{"error_code":[1015]}')],
    ['a list of JSON', answer(400, '[{"error_code":1015}]')],
    ['half of it', answer(400, '{"error_code":1015,"cloudflare_err')],
  ])('is not %s', (_, given) => expect(read(given)).toEqual(FAILED));

  it('stands before what an envelope says in the same object: what was throttled is not believed', () => {
    const both = { success: true, errors: [], error_code: 1015 };
    expect(read(answer(200, JSON.stringify(both)))).toMatchObject({ kind: 'throttled', code: 1015 });
    expect(read(answer(404, JSON.stringify({ ...both, success: false, errors: [{ code: 5404 }] })))).toMatchObject({ kind: 'throttled' });
    expect(read(answer(429, JSON.stringify({ ...both, errors: [{ code: 10502 }] })))).toMatchObject({ kind: 'throttled' });
  });
});

describe('a 403 of the edge, on either lane', () => {
  const lanes = ['account', 'batch'] as const;
  const withForms = (codes: readonly EdgeCode[]): [EdgeCode, EdgeForm][] =>
    codes.flatMap((code) => EDGE_FORMS.map((form): [EdgeCode, EdgeForm] => [code, form]));

  it.each(withForms(PASSING))('%s as %s passes: it is retried as a 5xx, after what it says', (code, form) => {
    for (const lane of lanes)
      expect(read({ ...edge(403, code, form), retryAfter: '200' }, lane)).toEqual({ ...RETRY, retryAfterMs: 200_000 });
  });
  it.each(withForms(REFUSING))('%s as %s is a firewall’s opinion of one ID, and says nothing of the token', (code, form) => {
    for (const lane of lanes) expect(read(edge(403, code, form), lane)).toEqual({ kind: 'fail-item', streak: 'firewall' });
  });
  it.each([1000, 1005, 1006, 1009, 1012, 1106, 1999])('%i is one too', (code) => {
    for (const lane of lanes) expect(read(problem(403, { error_code: code }), lane)).toEqual({ kind: 'fail-item', streak: 'firewall' });
  });
  it('any that says it is retryable is retried', () => {
    for (const lane of lanes)
      expect(read(problem(403, { error_code: 1010, retryable: true, retry_after: 7 }), lane)).toEqual({ ...RETRY, retryAfterMs: 7_000 });
    expect(read(problem(403, { error_code: 1010, retryable: 'true' }))).toMatchObject({ kind: 'fail-item' });
  });
  it.each([
    ['without a code', problem(403, { retryable: true })],
    ['with a code that is none of the edge’s', problem(403, { error_code: 9999, retryable: true })],
    ['with a code that is none', problem(403, { error_code: 1020.5 })],
    ['a page without a code', page(403)],
  ])('%s it is a 403 page, and on a batch lane refuses the token', (_, given) => {
    expect(read(given)).toEqual({ kind: 'fail-item', streak: 'firewall' });
    expect(read(given, 'batch')).toEqual({ kind: 'refused', reason: 'permission' });
  });
  it('in the envelope it is the API’s, whatever stands beside it', () => {
    const both = answer(403, JSON.stringify({ success: false, errors: [{ code: 10000 }], error_code: 1020, retryable: true }));
    expect(read(both)).toEqual({ kind: 'stop-run', reason: 'credentials' });
    expect(read(both, 'batch')).toEqual({ kind: 'refused', reason: 'credentials' });
  });
  it('of another status says what the status says', () => {
    for (const code of EDGE_CODES.filter((one) => !THROTTLING.includes(one)))
      for (const form of EDGE_FORMS) {
        expect(read(edge(200, code, form))).toMatchObject(RETRY);
        expect(read(edge(400, code, form))).toEqual(FAILED);
        expect(read(edge(401, code, form))).toEqual({ kind: 'stop-run', reason: 'address' });
        expect(read(edge(401, code, form), 'batch')).toEqual({ kind: 'refused', reason: 'credentials' });
        expect(read(edge(404, code, form))).toEqual({ kind: 'stop-run', reason: 'address' });
        expect(read(edge(429, code, form))).toMatchObject({ kind: 'throttled' });
        expect(read(edge(503, code, form))).toMatchObject(RETRY);
      }
  });
  it('is told with its code, ray and words', () => {
    const { body } = edgeAnswer('1020', { form: 'json' });
    expect(readAnswer(answer(403, body as string), 'account', 0)).toMatchObject({
      code: 1020,
      message: 'Error 1020: Access denied: Access denied.',
      cfRay: '0000000000000000-SIM',
    });
    expect(readAnswer(problem(403, { error_code: 1020, error_name: 'access_denied' }), 'account', 0).message).toBe('access_denied');
    expect(readAnswer(edge(403, '1020', 'page'), 'account', 0)).toMatchObject({ code: 1020, message: 'Access denied | Cloudflare' });
    expect(readAnswer(edge(403, '1020', 'text'), 'account', 0)).toMatchObject({ code: 1020, message: 'error code: 1020' });
    expect(readAnswer({ ...edge(403, '1020', 'json'), cfRay: 'ray-1' }, 'account', 0).cfRay).toBe('ray-1');
  });
  it.each([
    ['as Cloudflare marks it', '<h1><span class="cf-error-type">Error</span> <span class="x cf-error-code y"> 1020 </span></h1>'],
    ['in the newer heading', '\ufeff<!DOCTYPE html>\n<h1 class="x">\n<span data-translate="error">Error</span>\n<span>1020</span>\n</h1>'],
    ['in the title', '<html><head><title>Error 1020 | x.example</title></head></html>'],
    ['in the title of a tunnel', '<html><TITLE>x.example | 1033: Argo Tunnel error</TITLE></html>'],
    ['by its name', '<html><center>Error code: 1020</center></html>'],
  ])('is found in a page %s', (_, html) => {
    expect(readAnswer(answer(403, html), 'batch', 0).code).toBe(html.includes('1033') ? 1033 : 1020);
  });
  it.each(['<', '<h1>', '<title>', '<h1 ', 'cf-error-code', 'cf-error-code>', '<h1>Error', ' ', 'error code: ', '\ufeff'])(
    'is sought in a page of 64 KiB of %j without taking long',
    (piece) => {
      const html = `<${piece.repeat(65_536 / piece.length)}`;
      const startedMs = performance.now();
      expect(readAnswer(answer(403, html), 'account', 0).code).toBeUndefined();
      // Far above what it takes on a busy machine, far below what a regular expression gone wild takes.
      expect(performance.now() - startedMs).toBeLessThan(5_000);
    },
  );
});

describe('what is to be waited', () => {
  const HOUR = '3600';
  it('is told by everything that is retried, five minutes at most', () => {
    for (const status of [200, 408, 409, 425, 500, 503, 599]) {
      expect(read({ ...page(status), retryAfter: '7' })).toEqual({ ...RETRY, retryAfterMs: 7_000 });
      expect(read({ ...page(status), retryAfter: HOUR })).toEqual({ ...RETRY, retryAfterMs: 300_000 });
    }
    expect(read(problem(502, { error_code: 502, retry_after: 60, retryable: true }))).toEqual({ ...RETRY, retryAfterMs: 60_000 });
    expect(read(problem(522, { error_code: 522, retry_after: '120.5' }))).toEqual({ ...RETRY, retryAfterMs: 120_500 });
    expect(read(problem(500, { retry_after: [30] }))).toEqual(RETRY);
  });
  it('is obeyed by what is throttled, however long', () =>
    expect(read({ ...page(429), retryAfter: HOUR })).toMatchObject({ retryAfterMs: 3_600_000 }));
  it('is told beside an answer that stops the run, and not beside a success', () => {
    expect(readAnswer({ ...envelope(429, [10502]), retryAfter: '90' }, 'account', 0)).toMatchObject({
      disposition: { kind: 'stop-run' },
      retryAfterMs: 90_000,
    });
    expect(readAnswer({ ...envelope(200, [], { success: true }), retryAfter: '90' }, 'account', 0).retryAfterMs).toBeUndefined();
  });
  it('is told to questions as well', () => {
    const later = { ...page(502), retryAfter: '60' };
    expect(readStatsAnswer(later, 0)).toMatchObject({ kind: 'retry', retryAfterMs: 60_000 });
    expect(readTokenAnswer(later, 0)).toMatchObject({ kind: 'retry', retryAfterMs: 60_000 });
    expect(readStatsAnswer(edge(403, '1205', 'text'), 0)).toMatchObject({ kind: 'retry' });
    expect(readStatsAnswer(edge(403, '1020', 'text'), 0)).toMatchObject({ kind: 'unreadable' });
  });
});

describe('the order of rows', () => {
  it.each<[string, ApiAnswer, 'account' | 'batch', object]>([
    ['throttling before the edge’s 403', edge(403, '1015', 'page'), 'account', { kind: 'throttled' }],
    ['throttling before credentials', envelope(401, [10000, 971]), 'account', { kind: 'throttled' }],
    ['throttling before 10502, where 971 stands beside it', envelope(429, [10502, 971]), 'account', { kind: 'throttled' }],
    ['10502 before its 429', envelope(429, [10502]), 'batch', { kind: 'refused' }],
    ['the edge’s 403 before a refused token', edge(403, '1020', 'text'), 'batch', { kind: 'fail-item', streak: 'firewall' }],
    ['credentials before an absence', envelope(404, [10000, 5404]), 'account', { kind: 'stop-run', reason: 'credentials' }],
    ['credentials before a retried status', envelope(409, [10000]), 'account', { kind: 'stop-run', reason: 'credentials' }],
    ['a refused token before a 401 page', page(401), 'batch', { kind: 'refused' }],
    ['an absence before a missing route', envelope(404, [7003, 5404]), 'account', ABSENT],
    ['a missing route before other codes', envelope(404, [1234, 7000]), 'account', { kind: 'stop-run', reason: 'account' }],
    ['404 pages before retries', edge(404, '1205', 'json'), 'account', { kind: 'stop-run', reason: 'address' }],
  ])('%s', (_, given, lane, disposition) => expect(read(given, lane)).toMatchObject(disposition));
});

describe('refused credentials', () => {
  it.each([1000, 5403, 6003, 6103, 6111, 9106, 9109, 10000, 10502])('code %i under any 4xx stops the run', (code) => {
    for (const status of [400, 401, 403, 404, 409, 422]) expect(read(envelope(status, [code]))).toMatchObject({ kind: 'stop-run' });
  });
  it.each([5403, 9109, 10502])('code %i is believed at once, wherever it stands, and says how long to wait', (finalCode) => {
    const answer = { ...envelope(403, [10000, finalCode]), retryAfter: '600' };
    expect(read(answer)).toMatchObject({ kind: 'stop-run', finalCode, retryAfterMs: 600_000 });
    expect(read(answer, 'batch')).toMatchObject({ kind: 'refused', finalCode });
  });
  it.each([1000, 6003, 6103, 6111, 9106, 10000])('code %i may be a mistake', (code) =>
    expect(read(envelope(403, [code]))).toEqual({ kind: 'stop-run', reason: 'credentials' }),
  );
  it.each([401, 403])('%i in the envelope stops the run, whatever its code', (status) => {
    expect(read(envelope(status, []))).toMatchObject({ kind: 'stop-run' });
    expect(read(envelope(status, [1234]))).toMatchObject({ kind: 'stop-run' });
    expect(read(envelope(status, [5404]))).toMatchObject({ kind: 'stop-run' });
  });
  it.each([401, 403])('%i in any form is a matter of that lane alone on a batch lane', (status) => {
    expect(read(page(status), 'batch')).toMatchObject({ kind: 'refused' });
    expect(read(envelope(status, [10000]), 'batch')).toMatchObject({ kind: 'refused' });
  });
  it('the same codes under 5xx or 2xx are none of it', () => {
    expect(read(envelope(500, [10000]))).toEqual(RETRY);
    expect(read(envelope(200, [10000], { success: true }))).toEqual(DELETED);
  });
  it('code 10000 in the messages of a success is praise', () =>
    expect(read(envelope(200, [], { success: true, messages: [{ code: 10000 }] }))).toEqual(DELETED));
});

describe('deleted', () => {
  it.each([200, 201, 204, 299])('%i with success: true', (status) =>
    expect(read(envelope(status, [], { success: true }))).toEqual(DELETED),
  );
  it('300 with success: true is an answer from elsewhere', () =>
    expect(read(envelope(300, [], { success: true }))).toEqual({ kind: 'stop-run', reason: 'address' }));
  it.each([
    ['200 with success: false', envelope(200, [])],
    ['200 with success as text', answer(200, '{"success":"true","errors":[]}')],
    ['200 with no body', answer(200, '')],
    ['200 with half a body', answer(200, '{"result":{},"success":true,"err')],
    ['200 with a page', page(200)],
    ['200 with a list around it', answer(200, '[{"success":true}]')],
    ['success under a status that is no answer yet', envelope(199, [], { success: true })],
  ])('%s is retried, never believed', (_, given) => expect(read(given)).toEqual(RETRY));
});

describe('404', () => {
  it.each([
    ['code 5404 in the envelope', envelope(404, [5404])],
    ['code 5404 as digits', envelope(404, ['5404'])],
    ['code 5404 as plain text', answer(404, 'ERROR 5404: Image not found')],
    ['code 5404 as plain text after a blank line', answer(404, '\r\n  ERROR 5404: Image not found')],
    ['code 5404 beside 7003', envelope(404, [7003, 5404])],
  ])('%s: absent', (_, given) => expect(read(given)).toEqual(ABSENT));
  it('5404 under another status is no absence', () => expect(read(envelope(400, [5404]))).toEqual(FAILED));
  it.each([7000, 7003])('code %i stops the run: the account is wrong', (code) =>
    expect(read(envelope(404, [code]))).toEqual({ kind: 'stop-run', reason: 'account' }),
  );
  it('a page that is not the API’s stops the run: the address is wrong', () => {
    expect(read(page(404))).toEqual({ kind: 'stop-run', reason: 'address' });
    expect(read(answer(404, ''))).toEqual({ kind: 'stop-run', reason: 'address' });
    expect(read(answer(404, 'Not 5404'))).toEqual({ kind: 'stop-run', reason: 'address' });
    expect(read(answer(404, 'No ERROR 5404'))).toEqual({ kind: 'stop-run', reason: 'address' });
    expect(read(answer(404, 'MY-ERROR 5404'))).toEqual({ kind: 'stop-run', reason: 'address' });
  });
  it('in the envelope with another code or none is a failure that may be a streak', () => {
    expect(read(envelope(404, [1234]))).toEqual({ kind: 'fail-item', streak: 'not-found' });
    expect(read(envelope(404, []))).toEqual({ kind: 'fail-item', streak: 'not-found' });
  });
});

describe('pages and redirects', () => {
  it('a 401 page stops the run', () => expect(read(page(401))).toEqual({ kind: 'stop-run', reason: 'address' }));
  it.each([300, 301, 302, 304, 307, 308])('%i stops the run and is never followed', (status) =>
    expect(read(page(status))).toEqual({ kind: 'stop-run', reason: 'address' }),
  );
  it('407 is the proxy’s', () => expect(read(page(407))).toEqual({ kind: 'stop-run', reason: 'proxy' }));
  it('a 403 page is a firewall’s opinion of one ID, unless there are many', () =>
    expect(read(page(403))).toEqual({ kind: 'fail-item', streak: 'firewall' }));
});

describe('retried and failed', () => {
  it.each([408, 409, 425, 500, 502, 503, 520, 526, 599])('%i is retried', (status) => {
    expect(read(page(status))).toEqual(RETRY);
    expect(read(envelope(status, [5500]))).toEqual(RETRY);
  });
  it.each(['timeout', 'connection', 'broken-answer'] as const)(
    'no answer (%s) is retried, and without a connection nobody was reached',
    (reason) => {
      const retry = reason === 'connection' ? { ...RETRY, isUnreached: true } : RETRY;
      expect(read({ kind: 'no-answer', reason, code: 'ECONNRESET', message: 'ECONNRESET', durationMs: 3 })).toEqual(retry);
    },
  );
  it('no answer because a proxy refuses to let it through stops the run', () =>
    expect(
      read({ kind: 'no-answer', reason: 'proxy-refused', code: 'proxy-refused', message: 'Proxy response (403)', durationMs: 3 }),
    ).toEqual({
      kind: 'stop-run',
      reason: 'proxy',
    }));
  it.each([400, 402, 405, 410, 413, 422, 451])('%i fails, with code and message', (status) => {
    expect(read(envelope(status, [5400]))).toEqual(FAILED);
    expect(readAnswer(envelope(status, [5400]), 'account', 0)).toMatchObject({ httpStatus: status, code: 5400, message: 'error 5400' });
  });
  it('several errors: the first gives code and message, any of them decides', () => {
    expect(readAnswer(envelope(400, [5400, 9109]), 'account', 0)).toMatchObject({
      disposition: { kind: 'stop-run' },
      code: 5400,
      message: 'error 5400',
    });
  });
  it('a message tells what the chain of errors adds and where it is documented, on one line', () => {
    const said = {
      code: 6003,
      message: 'Invalid\n request  headers',
      documentation_url: 'https://d.example/6003',
      error_chain: [{ code: 6111, message: 'Invalid\tformat\r\nfor Authorization header' }],
    };
    const told = (error: object, redact?: ApiAnswer['redact']): string =>
      readAnswer(answer(400, JSON.stringify({ success: false, errors: [error] }), redact === undefined ? {} : { redact }), 'account', 0)
        .message;
    expect(told(said)).toBe('Invalid request headers; 6111 Invalid format for Authorization header; see https://d.example/6003');
    expect(told({ documentation_url: 'https://d.example' })).toBe('HTTP 400 without an error message; see https://d.example');
    const secret = createRedact(new Set(['t0ken-1234']));
    expect(
      told({ message: 'm', documentation_url: 'https://d.example/t0ken-1234', error_chain: [{ message: 't0ken-1234' }] }, secret),
    ).toBe('m; [redacted]; see https://d.example/[redacted]');
    expect(told({ message: 'm', documentation_url: `https://${'x'.repeat(2_000)}` })).toHaveLength(500);
  });
  it.each([1e18, 1.5, 'x', '1e3'])('the code %j is none, for it could not be read out of a checkpoint again', (code) => {
    expect(readAnswer(envelope(400, [code]), 'account', 0)).toMatchObject({ disposition: FAILED, code: undefined });
  });
  it.each<[string, Exchange]>([
    ['a body', answer(400, 'x'.repeat(2_000))],
    ['an error', answer(400, JSON.stringify({ success: false, errors: [{ code: 5400, message: 'x'.repeat(2_000) }] }))],
    ['a lost connection', { kind: 'no-answer', reason: 'connection', code: 'ECONNRESET', message: 'x'.repeat(2_000), durationMs: 3 }],
  ])('a message is cut to 500 characters: of %s', (_, given) => expect(readAnswer(given, 'account', 0).message).toBe('x'.repeat(500)));
  it('a message is not cut in the middle of a character', () =>
    expect(readAnswer(answer(400, `${'x'.repeat(499)}😀`), 'account', 0).message).toBe(`${'x'.repeat(499)}\ufffd`));
  it.each<[string, ApiAnswer]>([
    ['a body', answer(400, `${'x'.repeat(495)} t0ken-1234`)],
    ['an error', answer(400, JSON.stringify({ success: false, errors: [{ message: `${'x'.repeat(495)} t0ken-1234` }] }))],
  ])('a secret is taken out before a message is cut, so that no half of it is left: of %s', (_, given) => {
    expect(readAnswer({ ...given, redact: createRedact(new Set(['t0ken-1234'])) }, 'account', 0).message).toBe(`${'x'.repeat(495)} [red`);
  });
  it('of cf-ray a hundred characters are kept, without secrets', () => {
    const given = answer(400, '', { cfRay: `t0ken-1234${'r'.repeat(1_000)}`, redact: createRedact(new Set(['t0ken-1234'])) });
    expect(readAnswer(given, 'account', 0).cfRay).toBe(`[redacted]${'r'.repeat(90)}`);
  });
  it.each([
    ['a page’s title', page(400), 'Hello'],
    ['a title over several lines, as one', answer(400, '<TITLE>\n  Bad\r\n\t gateway \n</TITLE>'), 'Bad gateway'],
    ['a plain body, as one line', answer(400, ' not  so\nfast '), 'not so fast'],
    ['that there is no message', envelope(400, []), 'HTTP 400 without an error message'],
    ['that there is no body', answer(400, ' \n'), 'HTTP 400 without a body'],
    ['that there was more of a body than is read', { ...page(400), body: undefined }, 'HTTP 400 with a body over 65536 bytes'],
  ])('a message is %s', (_, given, message) => expect(readAnswer(given, 'account', 0).message).toBe(message));
});

describe('stats', () => {
  const count = envelope(200, [], { success: true, result: { count: { current: 12, allowed: 100 } } });
  it('tell how many images there are', () => expect(readStatsAnswer(count, 0)).toEqual({ kind: 'count', current: 12 }));
  it.each([401, 403])('%i with any code but 5403 only means that they cannot be read', (status) => {
    expect(readStatsAnswer(envelope(status, [10000]), 0)).toMatchObject({ kind: 'unreadable' });
    expect(readStatsAnswer(envelope(status, []), 0)).toMatchObject({ kind: 'unreadable' });
    expect(readStatsAnswer(envelope(status, [5403]), 0)).toMatchObject({ kind: 'stop-run' });
  });
  it.each([
    ['a 404 with 7003', envelope(404, [7003])],
    ['a page', page(404)],
    ['a 401 page', page(401)],
    ['a redirect', page(302)],
    ['a malformed header', envelope(400, [6003])],
  ])('the other stop rows hold: %s', (_, given) => expect(readStatsAnswer(given, 0)).toMatchObject({ kind: 'stop-run' }));
  it('are asked again after 5xx and no answer, and wait after 429', () => {
    expect(readStatsAnswer(page(502), 0)).toMatchObject({ kind: 'retry' });
    expect(readStatsAnswer(page(429), 0)).toMatchObject({ kind: 'throttled' });
  });
  it('say why they cannot be read, or must be asked again', () => {
    expect(readStatsAnswer(envelope(403, [10000]), 0)).toEqual({ kind: 'unreadable', why: 'error 10000' });
    expect(readStatsAnswer(page(502), 0)).toMatchObject({ kind: 'retry', answer: { message: 'Hello' } });
  });
  it('that come with a refusal are none', () =>
    expect(readStatsAnswer({ ...count, httpStatus: 400 }, 0)).toMatchObject({ kind: 'unreadable' }));
  it('without a count cannot be read', () =>
    expect(readStatsAnswer(envelope(200, [], { success: true, result: {} }), 0)).toMatchObject({ kind: 'unreadable' }));
});

describe('any answer', () => {
  const bodies = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({ success: fc.anything(), errors: fc.anything(), messages: fc.anything(), result: fc.anything() })
      .map((value) => JSON.stringify(value)),
  );
  it('is read without throwing, and is "deleted" only for 2xx with success === true', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 599 }),
        bodies,
        fc.constantFrom('account' as const, 'batch' as const),
        (status, body, lane) => {
          const { disposition, code, message } = readAnswer(answer(status, body), lane, 0);
          readStatsAnswer(answer(status, body), 0);
          expect(code === undefined || Number.isSafeInteger(code)).toBe(true);
          expect(message?.length ?? 0).toBeLessThanOrEqual(500);
          if (disposition.kind !== 'done' || disposition.outcome !== 'deleted') return;
          expect(status).toBeLessThan(300);
          expect((JSON.parse(body) as { success: unknown }).success).toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

describe('stats', () => {
  it('are not read out of a 404, whatever count it holds', () => {
    expect(readStatsAnswer(envelope(404, [5404], { result: { count: { current: 0 } } }), 0)).toMatchObject({ kind: 'unreadable' });
    expect(readStatsAnswer(envelope(200, [], { success: true, result: { count: { current: 0 } } }), 0)).toEqual({
      kind: 'count',
      current: 0,
    });
  });
});
