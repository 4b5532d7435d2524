import type { SimulatedAnswer } from '../simulated-answers.ts';

/** The forms in which Cloudflare's edge answers: flat JSON (RFC 9457), a page, and `error code: 1015` as plain text. */
export type EdgeForm = 'json' | 'page' | 'text';

/** How the header spells the wait: `5`, `5.25`, `5, 5`, two headers, a date beside the answer's `Date`, seconds since 1970. */
export type EdgeWait = 'seconds' | 'fraction' | 'list' | 'headers' | 'date' | 'epoch';

interface EdgeError {
  /** The HTTP status it usually comes with. */
  readonly status: number;
  readonly name: string;
  readonly title: string;
  /** `undefined`: trying again is of no use, says the edge. */
  readonly retryAfterSeconds: number | undefined;
}

export type EdgeCode =
  '1004' | '1010' | '1015' | '1020' | '1033' | '1038' | '1200' | '1205' | '500' | '502' | '504' | '520' | '522' | '525';

/** The edge's own errors: 1xxx it decides itself, 5xx tell of what is behind it. */
export const EDGE_ERRORS: Readonly<Record<EdgeCode, EdgeError>> = {
  '1004': { status: 403, name: 'dns_not_resolved', title: 'Host not configured to serve web traffic', retryAfterSeconds: 120 },
  '1010': { status: 403, name: 'browser_signature', title: 'The owner has banned your access', retryAfterSeconds: undefined },
  '1015': { status: 429, name: 'rate_limited', title: 'You are being rate limited', retryAfterSeconds: 30 },
  '1020': { status: 403, name: 'access_denied', title: 'Access denied', retryAfterSeconds: undefined },
  '1033': { status: 403, name: 'tunnel_error', title: 'Cloudflare Tunnel error', retryAfterSeconds: 120 },
  '1038': { status: 403, name: 'headers_limit', title: 'HTTP headers limit exceeded', retryAfterSeconds: 60 },
  '1200': { status: 429, name: 'cache_connection_limit', title: 'Too many requests for the cache', retryAfterSeconds: 60 },
  '1205': { status: 403, name: 'too_many_redirects', title: 'Too many redirects', retryAfterSeconds: 5 },
  '500': { status: 500, name: 'internal_error', title: 'Internal server error', retryAfterSeconds: 30 },
  '502': { status: 502, name: 'bad_gateway', title: 'Bad gateway', retryAfterSeconds: 60 },
  '504': { status: 504, name: 'gateway_timeout', title: 'Gateway time-out', retryAfterSeconds: 120 },
  '520': { status: 520, name: 'unknown_error', title: 'Web server is returning an unknown error', retryAfterSeconds: 60 },
  '522': { status: 522, name: 'connection_timed_out', title: 'Connection timed out', retryAfterSeconds: 120 },
  '525': { status: 525, name: 'ssl_handshake_failed', title: 'SSL handshake failed', retryAfterSeconds: undefined },
};

export const EDGE_CODES: readonly EdgeCode[] = Object.keys(EDGE_ERRORS) as EdgeCode[];
export const EDGE_FORMS: readonly EdgeForm[] = ['json', 'page', 'text'];
export const EDGE_WAITS: readonly EdgeWait[] = ['seconds', 'fraction', 'list', 'headers', 'date', 'epoch'];

export interface EdgeAnswerOptions {
  readonly form: EdgeForm;
  readonly status?: number;
  /** In place of what the edge usually says. */
  readonly retryAfterSeconds?: number;
  /** `seconds` where it is left out. */
  readonly wait?: EdgeWait;
}

/** What the edge answers, with `Retry-After` in the header, and in JSON in the body too. */
export function edgeAnswer(code: EdgeCode, given: EdgeAnswerOptions): SimulatedAnswer {
  const usual = EDGE_ERRORS[code];
  const error = { ...usual, status: given.status ?? usual.status, retryAfterSeconds: given.retryAfterSeconds ?? usual.retryAfterSeconds };
  const { retryAfterSeconds } = error;
  const wait = retryAfterSeconds === undefined ? {} : waitHeaders(given.wait ?? 'seconds', retryAfterSeconds);
  return {
    status: error.status,
    headers: { 'content-type': CONTENT_TYPES[given.form], ...wait },
    body: BODIES[given.form](code, error),
  };
}

/** None of them asks for less than so many seconds. */
function waitHeaders(wait: EdgeWait, seconds: number): Readonly<Record<string, string | string[]>> {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const gmt = (atSeconds: number): string => new Date(atSeconds * 1_000).toUTCString();
  const date = gmt(nowSeconds);
  switch (wait) {
    case 'seconds':
      return { 'retry-after': String(seconds) };
    case 'fraction':
      return { 'retry-after': `${seconds}.25` };
    case 'list':
      return { 'retry-after': `${seconds}, ${seconds}` };
    case 'headers':
      return { 'retry-after': ['0', String(seconds)] };
    case 'date':
      return { date, 'retry-after': gmt(nowSeconds + seconds) };
    case 'epoch':
      return { date, 'retry-after': String(nowSeconds + seconds) };
  }
}

/** Whether a client that sends this `Accept` is answered in JSON; the edge sends others a page. */
export function asksForJson(accept: string | undefined): boolean {
  return /\bapplication\/(problem\+)?json\b/.test(accept ?? '');
}

const CONTENT_TYPES: Readonly<Record<EdgeForm, string>> = {
  json: 'application/json; charset=utf-8',
  page: 'text/html; charset=UTF-8',
  text: 'text/plain; charset=UTF-8',
};

const BODIES: Readonly<Record<EdgeForm, (code: EdgeCode, error: EdgeError) => string>> = { json: problemOf, page: pageOf, text: textOf };

function problemOf(code: EdgeCode, { status, name, title, retryAfterSeconds }: EdgeError): string {
  return JSON.stringify({
    type: `https://developers.cloudflare.com/support/troubleshooting/http-status-codes/error-${code}/`,
    title: `Error ${code}: ${title}`,
    status,
    detail: `${title}.`,
    instance: RAY,
    error_code: Number(code),
    error_name: name,
    error_category: 'simulated',
    ray_id: RAY,
    timestamp: new Date().toISOString(),
    cloudflare_error: true,
    retryable: retryAfterSeconds !== undefined,
    ...(retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds }),
    owner_action_required: retryAfterSeconds === undefined,
  });
}

function pageOf(code: EdgeCode, { title }: EdgeError): string {
  return [
    `<!DOCTYPE html><html lang="en-US"><head><title>${title} | Cloudflare</title></head><body>`,
    '<div id="cf-error-details" class="cf-error-details-wrapper"><div class="cf-wrapper cf-header cf-error-overview">',
    `<h1><span class="cf-error-type" data-translate="error">Error</span> <span class="cf-error-code">${code}</span>`,
    `<small class="heading-ray-id">Ray ID: ${RAY}</small></h1><h2 class="cf-subheadline">${title}</h2></div></div></body></html>`,
  ].join('\n');
}

function textOf(code: EdgeCode): string {
  return `error code: ${code}`;
}

const RAY = '0000000000000000-SIM';
