/** What the simulator answers. */
export interface SimulatedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Uint8Array;
}

/** Cloudflare's envelope around a result. */
export function success(
  result: unknown,
  headers: Readonly<Record<string, string>> = {},
  messages: readonly object[] = [],
): SimulatedAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ result, success: true, errors: [], messages }),
  };
}

export function failure(status: number, code: number, message: string, headers: Readonly<Record<string, string>> = {}): SimulatedAnswer {
  return failed(status, { code, message }, headers);
}

function failed(status: number, error: object, headers: Readonly<Record<string, string>> = {}): SimulatedAnswer {
  const body = JSON.stringify({ result: null, success: false, errors: [error], messages: [] });
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

/** Beside each refusal stands where it is documented. */
const AUTHENTICATION_URL = 'https://developers.cloudflare.com/fundamentals/api/troubleshooting/';

/** The API's own refusal of credentials. */
export function notAuthenticated(): SimulatedAnswer {
  return failed(403, { code: 10000, message: 'Authentication error', documentation_url: AUTHENTICATION_URL });
}

/** A key or a token that is none by its spelling; what is wrong stands in the chain. */
export function malformedHeader(header: 'Authorization' | 'X-Auth-Key'): SimulatedAnswer {
  const reason = { code: header === 'Authorization' ? 6111 : 6103, message: `Invalid format for ${header} header` };
  return failed(400, { code: 6003, message: 'Invalid request headers', error_chain: [reason] });
}

/** A page of the edge or of a firewall, not of the API. */
export function htmlPage(status: number, title: string): SimulatedAnswer {
  return {
    status,
    headers: { 'content-type': 'text/html' },
    body: `<!DOCTYPE html><html><head><title>${title}</title></head><body>${title}</body></html>`,
  };
}

export const noSuchImage = (): SimulatedAnswer => failure(404, 5404, 'Image not found');
export const noSuchRoute = (): SimulatedAnswer => failure(404, 7000, 'No route for that URI');
export const throttled = (retryAfterSeconds: number): SimulatedAnswer =>
  failure(429, 971, 'Please wait and consider throttling your request speed', { 'retry-after': String(retryAfterSeconds) });
