import { describe, expect, test } from 'vitest';

import { TIMER_MS_MAX } from '../../../src/domain/clock.ts';
import { parseDuration } from '../../../src/options/parse/duration.ts';
import { durationText } from '../../../src/domain/spelling/duration-text.ts';
import { parseCountMax, parseInteger } from '../../../src/options/parse/number.ts';
import { parseRate } from '../../../src/options/parse/rate.ts';
import {
  parseAccountId,
  parseIdGlob,
  parseBoolean,
  parseChoices,
  parseDelimiter,
  parseFilePath,
  parseQuote,
  parseText,
} from '../../../src/options/parse/text.ts';
import { parseBaseUrl } from '../../../src/options/parse/url.ts';
import { refusal } from '../../support/cli/refusal.ts';

const parse = parseDuration(TIMER_MS_MAX);

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    [' 1s ', 1_000],
  ])('%j is %d ms', (text, ms) => {
    expect(parse(text, '--timeout')).toBe(ms);
  });

  test.each(['', '5', '5 m', '-5s', '1.5h', '5min', '0s', '0ms', '1e3s', 'forever', '٥s'])(
    '%j is refused with the flag and examples',
    (text) => {
      const error = refusal(() => parse(text, '--timeout'));
      expect(error.exitCode).toBe(2);
      expect(error.message).toContain('--timeout');
      expect(error.nextSteps.join()).toContain('30s');
    },
  );

  test('a duration longer than a timer can hold is refused, not fired at once', () => {
    expect(refusal(() => parse('25d', '--max-duration')).message).toContain('at most 24d');
  });

  test('a duration is written in its largest whole unit', () => {
    expect([500, 1_000, 90_000, 300_000, 7_200_000, 86_400_000].map(durationText)).toEqual(['500ms', '1s', '90s', '5m', '2h', '1d']);
  });
});

describe('rates', () => {
  test.each([
    ['1200/5m', { kind: 'limited', requests: 1_200, perMs: 300_000 }],
    ['200/s', { kind: 'limited', requests: 200, perMs: 1_000 }],
    ['1/500ms', { kind: 'limited', requests: 1, perMs: 500 }],
    ['10/ms', { kind: 'limited', requests: 10, perMs: 1 }],
    ['unlimited', { kind: 'unlimited' }],
  ] as const)('%j is understood', (text, rate) => {
    expect(parseRate(text, '--rate')).toEqual(rate);
  });

  test.each(['', '200', '/s', '0/s', '200/', '200/0s', '-1/s', '200 per s', '1.5/s', 'none', '200/s/s', '2000000/s', '1/30d'])(
    '%j is refused',
    (text) => {
      expect(refusal(() => parseRate(text, '--rate'))).toMatchObject({ exitCode: 2, message: expect.stringContaining('--rate') });
    },
  );
});

describe('numbers', () => {
  test('whole numbers within the bounds are taken, both bounds included', () => {
    const parseOne = parseInteger(1, 10);
    expect([parseOne('1', '--limit'), parseOne('10', '--limit'), parseOne(' 5 ', '--limit')]).toEqual([1, 10, 5]);
  });

  test.each(['', '0', '11', '-1', '1.0', '1e1', '0x5', '1_0', 'ten', '99999999999999999999'])(
    '%j is refused and the bounds are told',
    (text) => {
      expect(refusal(() => parseInteger(1, 10)(text, '--limit')).message).toContain('from 1 to 10');
    },
  );

  test.each([
    ['5000', { kind: 'count', count: 5_000 }],
    ['0', { kind: 'count', count: 0 }],
    ['25%', { kind: 'share', percent: 25 }],
    ['0.5 %', { kind: 'share', percent: 0.5 }],
    ['100%', { kind: 'share', percent: 100 }],
  ])('%j is how many deletions are allowed', (text, deletesMax) => {
    expect(parseCountMax('IDs')(text, '--max-deletes')).toEqual(deletesMax);
  });

  test.each(['', '%', '101%', '-1', '5.5', 'half', '1e3%'])('%j is no number of deletions', (text) => {
    expect(refusal(() => parseCountMax('IDs')(text, '--max-deletes')).exitCode).toBe(2);
  });
});

describe('API roots', () => {
  test.each([
    ['https://api.cloudflare.com/client/v4', 'https://api.cloudflare.com/client/v4'],
    ['https://API.cloudflare.com/client/v4///', 'https://api.cloudflare.com/client/v4'],
    ['http://127.0.0.1:8080/client/v4', 'http://127.0.0.1:8080/client/v4'],
    ['http://localhost:1/', 'http://localhost:1'],
    ['http://[::1]:8080/x', 'http://[::1]:8080/x'],
    ['http://127.9.9.9', 'http://127.9.9.9'],
  ])('%j is taken as %j', (text, url) => {
    expect(parseBaseUrl(text, '--base-url')).toBe(url);
  });

  test.each([
    'http://api.cloudflare.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://128.0.0.1',
    'http://0.0.0.0',
    'http://[::2]',
    'ftp://127.0.0.1',
    'api.cloudflare.com',
    '',
    'https://x.example/v4?a=b',
    'https://x.example/v4#a',
  ])('%j is refused', (text) => {
    expect(refusal(() => parseBaseUrl(text, '--base-url')).exitCode).toBe(2);
  });

  test.each([
    'https://user:hunter2@x.example',
    'http://hunter2@x.example',
    'https://:hunter2@x.example',
    'https://user:hunter2@',
    'nonsense://u:hunter2@x',
  ])('a password in %j is refused and not repeated', (text) => {
    const error = refusal(() => parseBaseUrl(text, '--base-url'));
    expect(error.exitCode).toBe(2);
    expect(JSON.stringify([error.message, error.nextSteps])).not.toContain('hunter2');
  });
});

describe('texts', () => {
  test('an account ID of 32 hexadecimal digits is kept as it is given', () => {
    expect(parseAccountId('0123456789ABCDEF0123456789abcdef', '--account-id')).toBe('0123456789ABCDEF0123456789abcdef');
  });

  test.each(['', '0123', '0123456789abcdef0123456789abcdeg', '0123456789abcdef0123456789abcdef0', '../../user/0123456789abcdef01234567'])(
    '%j is no account ID',
    (text) => {
      expect(refusal(() => parseAccountId(text, '--account-id')).exitCode).toBe(2);
    },
  );

  test('the account hash of delivery URLs is named as what it is, also in a variable', () => {
    for (const hash of ['Vi7wi5KSItxGFsWRG2Us6Q', 'ab-_cdefghijklmnopqrst'])
      expect(refusal(() => parseAccountId(hash, 'CLOUDFLARE_ACCOUNT_ID'))).toMatchObject({ exitCode: 2, code: 'ACCOUNT_HASH' });
    expect(refusal(() => parseAccountId('Vi7wi5KSItxGFsWRG2Us6Q0', '--account-id'))).toMatchObject({ code: 'OPTION_VALUE' });
  });

  test('a pattern of IDs is trimmed as IDs are, and one that can fit none is refused', () => {
    expect(parseIdGlob(' brand/** ', '--exclude-id')).toBe('brand/**');
    for (const text of ['', '  ', '/brand/*', 'brand/', 'https://imagedelivery.net/x/brand/*', 'a\0b', 'brand/*\ntmp-*', 'a\tb'])
      expect(refusal(() => parseIdGlob(text, '--exclude-id')).exitCode).toBe(2);
    expect(refusal(() => parseIdGlob('/brand/', '--exclude-id')).nextSteps).toEqual(["Everything in a folder: 'brand/**'"]);
    expect(refusal(() => parseIdGlob('//', '--exclude-id')).nextSteps).toEqual(["Every ID: '**'"]);
  });

  test('booleans of the environment are 1, true, yes and 0, false, no, and nothing else', () => {
    expect(['1', 'true', 'yes', '0', 'false', 'no'].map((text) => parseBoolean(text, 'X'))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(refusal(() => parseBoolean('on', 'IMAGES_PURGE_YES')).message).toContain('IMAGES_PURGE_YES');
  });

  test('a tab may be typed, spelt or escaped as a delimiter; quotes and two characters are refused', () => {
    expect(['\t', 'tab', String.raw`\t`, ';', '¦'].map((text) => parseDelimiter(text, '--delimiter'))).toEqual([
      '\t',
      '\t',
      '\t',
      ';',
      '¦',
    ]);
    for (const text of ['', '"', ',,', '\n', '\r']) expect(refusal(() => parseDelimiter(text, '--delimiter')).exitCode).toBe(2);
  });

  test('a quote is one character that parts nothing, or none', () => {
    expect(['"', "'", 'none', '`'].map((text) => parseQuote(text, '--quote'))).toEqual(['"', "'", 'none', '`']);
    for (const text of ['', '""', 'a', ',', ' ', 'off']) expect(refusal(() => parseQuote(text, '--quote')).exitCode).toBe(2);
  });

  test('outcomes are a list without repeats; an unknown one is refused and the known are told', () => {
    const parseOutcomes = parseChoices(['failed', 'absent']);
    expect(parseOutcomes('failed, absent,failed', '--outcome')).toEqual(['failed', 'absent']);
    expect(refusal(() => parseOutcomes('failed,lost', '--outcome')).message).toContain('failed, absent');
  });

  test('an empty text or one with NUL is no path, and "-" is none where no stream is meant', () => {
    expect(refusal(() => parseText('', '--report')).exitCode).toBe(2);
    expect(refusal(() => parseText('a\0b', '--report')).exitCode).toBe(2);
    expect(refusal(() => parseFilePath('-', '--checkpoint')).exitCode).toBe(2);
  });
});
