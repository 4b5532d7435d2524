import { type ApiAnswer, BatchToken } from './types.ts';

/** Characters and length that an HTTP header can carry. */
const HEADER_SAFE = /^[\x21-\x7E]{1,8192}$/;

/**
 * Takes the token out of an answer of `GET images/v1/batch_token`; `undefined` where it holds none.
 *
 * Its lifetime is measured on the server's clock (`Date`), so that a wrong local clock does not matter.
 */
export function parseBatchToken({ body, date }: ApiAnswer, nowWallMs: number): BatchToken | undefined {
  const result = resultOf(body);
  const { token, expiresAt } = result ?? {};
  if (typeof token !== 'string' || !HEADER_SAFE.test(token)) return undefined;
  const expiresAtMs = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
  const serverNowMs = Date.parse(date ?? '');
  const lifetimeMs = expiresAtMs - (Number.isNaN(serverNowMs) ? nowWallMs : serverNowMs);
  return new BatchToken(token, Number.isNaN(lifetimeMs) || lifetimeMs <= 0 ? undefined : lifetimeMs);
}

function resultOf(body = ''): { token?: unknown; expiresAt?: unknown } | undefined {
  try {
    const parsed = JSON.parse(body) as { result?: unknown } | null;
    return typeof parsed?.result === 'object' && parsed.result !== null ? parsed.result : undefined;
  } catch {
    return undefined; // A body that is not JSON holds no token; the status says the rest.
  }
}
