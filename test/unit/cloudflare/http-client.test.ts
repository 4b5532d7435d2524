import { createRequire } from 'node:module';

import { EnvHttpProxyAgent, Pool } from 'undici';
import { describe, expect, it } from 'vitest';

import { httpClient, loadHttpClient } from '../../../src/cloudflare/http-client.ts';

const load = createRequire(import.meta.url);

function loadWithout(code: string): NodeJS.Require {
  const found = (name: string): unknown => {
    if (name !== 'undici') throw Object.assign(new Error(`${name} is not found`), { code });
    return load(name) as unknown;
  };
  return found as NodeJS.Require;
}

describe('the HTTP client', () => {
  it('is undici’s own, from the files that are installed', () => {
    expect(httpClient).toEqual({ Pool, EnvHttpProxyAgent });
  });

  it.each(['MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'])('is the whole of it where the files are elsewhere (%s)', (code) => {
    const whole = loadHttpClient(loadWithout(code));
    expect([whole.Pool, whole.EnvHttpProxyAgent]).toEqual([Pool, EnvHttpProxyAgent]);
  });

  it('does not hide that a file cannot be read', () => {
    expect(() => loadHttpClient(loadWithout('EACCES'))).toThrow('is not found');
  });
});
