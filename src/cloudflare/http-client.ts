import { createRequire } from 'node:module';
import type * as Undici from 'undici';

const load = createRequire(import.meta.url);

/**
 * Connections without a proxy need one file of undici and what belongs to it. Its index loads fetch, WebSocket, caches and mocks too,
 * which is half of the CPU time (160 ms for 80) and of the memory (29 MB for 15) that undici takes at each start. A version that keeps
 * the file elsewhere is loaded whole.
 *
 * @param require - tests hand in their own
 */
export function loadPool(require: (name: string) => unknown = load): typeof Undici.Pool {
  try {
    return require('undici/lib/dispatcher/pool.js') as typeof Undici.Pool;
  } catch (error) {
    if (!isNotThere(error)) throw error;
    return (require('undici') as typeof Undici).Pool;
  }
}

/** Tunnels through a proxy are made by what the index adds to all its classes. */
export function loadProxyAgent(): typeof Undici.EnvHttpProxyAgent {
  return (load('undici') as typeof Undici).EnvHttpProxyAgent;
}

function isNotThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'].includes(String(error.code));
}
