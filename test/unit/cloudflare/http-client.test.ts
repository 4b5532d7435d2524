import { createRequire } from 'node:module';

import { EnvHttpProxyAgent, Pool } from 'undici';
import { describe, expect, it } from 'vitest';

import { loadPool, loadProxyAgent } from '../../../src/cloudflare/http-client.ts';

const load = createRequire(import.meta.url);

function without(code: string): (name: string) => unknown {
  return (name) => {
    if (name !== 'undici') throw Object.assign(new Error(`${name} is not found`), { code });
    return load(name) as unknown;
  };
}

describe('the HTTP client', () => {
  it('is undici’s own, from the file that is installed', () => {
    const names: string[] = [];
    const found = loadPool((name) => (names.push(name), load(name) as unknown));
    expect(found).toBe(Pool);
    expect(names).toEqual(['undici/lib/dispatcher/pool.js']);
    expect(loadProxyAgent()).toBe(EnvHttpProxyAgent);
  });

  it.each(['MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'])('is the whole of it where the file is elsewhere (%s)', (code) => {
    expect(loadPool(without(code))).toBe(Pool);
  });

  it('does not hide that a file cannot be read', () => {
    expect(() => loadPool(without('EACCES'))).toThrow('is not found');
  });
});
