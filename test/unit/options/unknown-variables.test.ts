import { describe, expect, test } from 'vitest';

import { envNameOf } from '../../../src/options/env.ts';
import { OPTIONS } from '../../../src/options/option-table.ts';
import { unknownEnvNames } from '../../../src/options/unknown-variables.ts';
import { refusal } from '../../support/cli/refusal.ts';

describe('variables that look like ours', () => {
  test('those of options, of later options, of --on-end and of other programs are known; empty is unset', () => {
    const known = Object.fromEntries(OPTIONS.map(({ name }) => [envNameOf(name), '1']));
    const others = {
      IMAGES_PURGE_SHARDS: '4',
      IMAGES_PURGE_FORBID_YES: '1',
      IMAGES_PURGE_NOTE: 'x',
      IMAGES_PURGE_EXIT_CODE: '0',
      IMAGES_PURGE_STATE: 'finished',
      IMAGES_PURGE_DRYRUN: '',
      IMAGES: '1',
      MY_IMAGES_PURGE_RATES: '1',
    };
    expect(unknownEnvNames({ ...known, ...others })).toEqual([]);
  });

  test('those that are like none are told', () => {
    expect(unknownEnvNames({ IMAGES_PURGE_FOLDER: '/opt', IMAGES_PURGE_EXCLUDE_FILES: 'a', IMAGES_PURGE_QUOTE: '"' })).toEqual([
      'IMAGES_PURGE_FOLDER',
      'IMAGES_PURGE_EXCLUDE_FILES',
    ]);
  });

  test.each([
    ['IMAGES_PURGE_DRYRUN', 'IMAGES_PURGE_DRY_RUN'],
    ['IMAGES_PURGE_EXCLUDES', 'IMAGES_PURGE_EXCLUDE'],
    ['IMAGES_PURGE_MAX_DELETE', 'IMAGES_PURGE_MAX_DELETES'],
    ['IMAGES_PURGE_CONCURENCY', 'IMAGES_PURGE_CONCURRENCY'],
    ['IMAGES_PURGE_EXLCUDE', 'IMAGES_PURGE_EXCLUDE'],
    ['IMAGE_PURGE_EXCLUDE', 'IMAGES_PURGE_EXCLUDE'],
    ['images_purge_dry_run', 'IMAGES_PURGE_DRY_RUN'],
    ['IMAGES_PURGE_FORBID_YESS', 'IMAGES_PURGE_FORBID_YES'],
  ])('%s is refused: %s was meant', (name, meant) => {
    expect(refusal(() => unknownEnvNames({ [name]: '1' }))).toMatchObject({
      exitCode: 2,
      code: 'VARIABLE_MISSPELT',
      message: expect.stringContaining(name) as string,
      nextSteps: [`If ${meant} is meant, rename ${name}; else unset it`],
    });
  });

  test('what Kubernetes sets for a Service is ignored', () => {
    const ofServices = {
      IMAGES_PURGE_SERVICE_HOST: '10.0.0.1',
      IMAGES_PURGE_SERVICE_PORT: '80',
      IMAGES_PURGE_SERVICE_PORT_HTTP: '80',
      IMAGES_PURGE_PORT: 'tcp://10.0.0.1:80',
      IMAGES_PURGE_PORT_80_TCP: 'tcp://10.0.0.1:80',
      IMAGES_PURGE_PORT_80_TCP_PROTO: 'tcp',
      IMAGES_PURGE_PORT_80_TCP_PORT: '80',
      IMAGES_PURGE_PORT_80_TCP_ADDR: '10.0.0.1',
      IMAGES_PURGE_WEB_SERVICE_HOST: '10.0.0.2',
      IMAGES_PURGE_WEB_PORT: 'tcp://10.0.0.2:80',
      IMAGES_PURGE_WEB_PORT_53_UDP: 'udp://10.0.0.2:53',
    };
    expect(unknownEnvNames(ofServices)).toEqual([]);
    expect(unknownEnvNames({ IMAGES_PURGE_WEB_PORT: '80' })).toEqual(['IMAGES_PURGE_WEB_PORT']);
  });
});
