import type { IncomingHttpHeaders } from 'node:http';

import { failure, type SimulatedAnswer } from './simulated-answers.ts';
import type { SimulatorOptions } from './simulator-options.ts';

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
    if (!authorization.startsWith('Bearer ')) return failure(400, 6003, 'Invalid request headers');
    const isGood = authorization.slice('Bearer '.length) === options.apiToken && !isTokenRevoked;
    return isGood ? undefined : failure(403, 10000, 'Authentication error');
  }
  if (email === undefined && key === undefined) return failure(400, 9106, 'Missing X-Auth-Key, X-Auth-Email or Authorization headers');
  return email === options.apiEmail && key === options.apiKey && !isTokenRevoked
    ? undefined
    : failure(403, 9103, 'Unknown X-Auth-Key or X-Auth-Email');
}
