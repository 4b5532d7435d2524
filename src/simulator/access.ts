import type { IncomingHttpHeaders } from 'node:http';

import { failure, malformedHeader, notAuthenticated, type SimulatedAnswer } from './simulated-answers.ts';
import type { SimulatorOptions } from './simulator-options.ts';

/** What keys and tokens consist of. */
const SPELLING = /^[\w-]+$/;

/** Checks the account's credentials; `undefined` where they are good. */
export function refuseAccess(
  headers: IncomingHttpHeaders,
  options: SimulatorOptions,
  isTokenRevoked: boolean,
): SimulatedAnswer | undefined {
  const { authorization } = headers;
  const email = headers['x-auth-email'];
  const key = headers['x-auth-key'];
  if (authorization !== undefined) {
    if (!authorization.startsWith('Bearer ')) return malformedHeader('Authorization');
    const token = authorization.slice('Bearer '.length);
    if (token === options.apiToken) return isTokenRevoked ? notAuthenticated() : undefined;
    return SPELLING.test(token) ? notAuthenticated() : malformedHeader('Authorization');
  }
  if (email === undefined && key === undefined) return failure(400, 9106, 'Missing X-Auth-Key, X-Auth-Email or Authorization headers');
  if (email === options.apiEmail && key === options.apiKey && !isTokenRevoked) return undefined;
  return SPELLING.test(String(key ?? '')) ? failure(403, 9103, 'Unknown X-Auth-Key or X-Auth-Email') : malformedHeader('X-Auth-Key');
}
