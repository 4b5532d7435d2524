import { describe, expect, it } from 'vitest';

import { urlSecrets } from '../../../src/text/url-secrets.ts';

describe('the secrets of a URL', () => {
  it.each([undefined, '', 'no URL', 'http://proxy:3128', 'redis://host/0'])('%s holds none', (text) =>
    expect(urlSecrets(text)).toEqual([]),
  );

  it('are user and password, both, and what a header makes of them', () =>
    expect(urlSecrets('http://sentinel-user:sentinel-password@proxy')).toEqual([
      'sentinel-user',
      'sentinel-password',
      'sentinel-user:sentinel-password',
      Buffer.from('sentinel-user:sentinel-password').toString('base64'),
    ]));

  it('are known with and without their escapes', () =>
    expect(urlSecrets('http://:sentinel%20password@proxy')).toEqual(
      expect.arrayContaining(['sentinel%20password', 'sentinel password', ':sentinel password']),
    ));

  it('are what stands there where an escape is none', () =>
    expect(urlSecrets('redis://sentinel-user:sentinel-100%@host')).toContain('sentinel-100%'));
});
