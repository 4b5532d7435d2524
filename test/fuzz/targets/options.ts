import assert from 'node:assert/strict';

import * as fc from '../../support/fast-check.ts';

import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { readCredentials, secretsOf } from '../../../src/cli/secrets/credentials.ts';
import { environmentSecrets } from '../../../src/cli/secrets/known-secrets.ts';
import { errorText } from '../../../src/cli/texts/error-text.ts';
import { PLAIN } from '../../../src/cli/texts/style.ts';
import { TIMER_MS_MAX } from '../../../src/domain/clock.ts';
import { type Env, envNameOf } from '../../../src/options/env.ts';
import { refuseUnkeptPromises } from '../../../src/options/environment-checks.ts';
import { OPTIONS } from '../../../src/options/option-table.ts';
import { optionValues } from '../../../src/options/option-values.ts';
import { parseRedisUrl } from '../../../src/options/parse/redis-url.ts';
import { durationText } from '../../../src/domain/spelling/duration-text.ts';
import { AGE_MS_MAX, durationMs, parseDuration } from '../../../src/options/parse/duration.ts';
import { parseCountMax, parseInteger, parsePercentUpTo } from '../../../src/options/parse/number.ts';
import { parseRate, RATE_REQUESTS_MAX } from '../../../src/options/parse/rate.ts';
import { parseShard, shardFromJob } from '../../../src/options/parse/shard.ts';
import { parseAccountId, parseBoolean, parseChoices, parseDelimiter, parseFilePath } from '../../../src/options/parse/text.ts';
import { unknownEnvNames } from '../../../src/options/unknown-variables.ts';
import { isLoopback, parseBaseUrl } from '../../../src/options/parse/url.ts';
import { readProxy } from '../../../src/cli/secrets/proxy.ts';
import { proxySecrets } from '../../../src/cloudflare/sender.ts';
import { createRedact } from '../../../src/text/redact.ts';
import { checkRefusal, resultOrRefused } from '../expect-user-error.ts';
import type { FuzzTarget } from '../target.ts';
import { OBEYED_BY_TERMINALS, texts } from '../texts.ts';

const USAGE = [2];
const HELP = { widthColumns: 100, heading: (text: string): string => text };
const SECRET = 'sentinel-7f3a9c51';

const numbers = fc.oneof(texts, fc.integer().map(String), fc.double().map(String), fc.bigInt().map(String));
const spans = fc
  .tuple(numbers, fc.constantFrom('ms', 's', 'm', 'h', 'd', '', ' ', '%', '/s', '/5m', '/0s', '/99999999d', '/1ms'))
  .map((parts) => parts.join(''));
const urls = fc.oneof(
  texts,
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc
    .tuple(
      fc.constantFrom('http://', 'https://', 'HTTP://', 'redis://', 'rediss://', 'ftp://', 'http:', '//'),
      fc.constantFrom('', `user:${SECRET}@`, `${SECRET}@`, `:${SECRET}@`, '@'),
      fc.constantFrom(
        'localhost',
        '127.0.0.1',
        '127.1',
        '0x7f.1',
        '[::1]',
        '[::ffff:127.0.0.1]',
        'localhost.',
        'localhost.evil.example',
        '127.0.0.1.evil.example',
        'api.example',
        '0',
      ),
      fc.oneof(texts, fc.constant('/client/v4')),
    )
    .map((parts) => parts.join('')),
);

const words = fc.oneof(
  fc.constantFrom(
    'delete',
    'plan',
    'resume',
    'status',
    'report',
    'simulate',
    'help',
    '--help',
    '-h',
    '--version',
    '-V',
    '--',
    '-',
    '-n',
    '-y',
    '-ny',
    '-yn',
    '--yes=1',
    'ids.csv',
    `--token=${SECRET}`,
    SECRET,
  ),
  fc.constantFrom(...OPTIONS.map(({ name }) => `--${name}`)),
  fc.tuple(fc.constantFrom(...OPTIONS.map(({ name }) => `--${name}=`)), fc.oneof(spans, texts)).map((parts) => parts.join('')),
  texts,
  spans,
);
const envs: fc.Arbitrary<Env> = fc.dictionary(
  fc.oneof(
    fc.constantFrom(
      ...OPTIONS.map(({ name }) => envNameOf(name)),
      'CLOUDFLARE_API_TOKEN',
      'CLOUDFLARE_API_TOKEN_FILE',
      'CLOUDFLARE_EMAIL',
      'CLOUDFLARE_API_KEY',
      'HTTPS_PROXY',
      'http_proxy',
      'NO_PROXY',
      'IMAGES_PURGE_SHARDS',
      'JOB_COMPLETION_INDEX',
      'IMAGES_PURGE_METRICS_FILE',
    ),
    texts,
  ),
  fc.oneof(spans, texts, urls, fc.constantFrom('1', 'true', '0', SECRET)),
  { maxKeys: 6 },
);

export const optionTargets: readonly FuzzTarget[] = [
  {
    name: 'durations-and-rates',
    share: 1,
    property: fc.property(spans, fc.constantFrom(TIMER_MS_MAX, AGE_MS_MAX), (text, msMax) => {
      const ms = resultOrRefused(USAGE, () => parseDuration(msMax)(text, '--x'));
      if (ms !== undefined) {
        assert.ok(Number.isSafeInteger(ms) && ms >= 1 && ms <= msMax);
        assert.equal(durationMs(durationText(ms)), ms);
      }
      const rate = resultOrRefused(USAGE, () => parseRate(text, '--rate'));
      if (rate?.kind === 'limited')
        assert.ok(
          Number.isInteger(rate.requests) &&
            rate.requests >= 1 &&
            rate.requests <= RATE_REQUESTS_MAX &&
            rate.perMs >= 1 &&
            rate.perMs <= TIMER_MS_MAX,
        );
    }),
  },
  {
    name: 'numbers',
    share: 1,
    property: fc.property(spans, fc.nat(1_000), (text, max) => {
      const integer = resultOrRefused(USAGE, () => parseInteger(0, max)(text, '--x'));
      assert.ok(integer === undefined || (Number.isInteger(integer) && integer >= 0 && integer <= max));
      const percent = resultOrRefused(USAGE, () => parsePercentUpTo(100)(text, '--x'));
      assert.ok(percent === undefined || (percent >= 0 && percent <= 100));
      const deletes = resultOrRefused(USAGE, () => parseCountMax('IDs')(text, '--x'));
      assert.ok(
        deletes === undefined ||
          (deletes.kind === 'share' ? deletes.percent <= 100 : deletes.kind === 'count' && Number.isSafeInteger(deletes.count)),
      );
      const shard = resultOrRefused(USAGE, () => parseShard(text, '--x'));
      assert.ok(shard === undefined || (shard.index >= 0 && shard.index < shard.count));
      resultOrRefused(USAGE, () => shardFromJob({ IMAGES_PURGE_SHARDS: text, JOB_COMPLETION_INDEX: String(max) }));
    }),
  },
  {
    name: 'texts-and-urls',
    share: 1,
    property: fc.property(urls, (text) => {
      const root = resultOrRefused(USAGE, () => parseBaseUrl(text, '--base-url'));
      if (root !== undefined) {
        const url = new URL(root);
        assert.ok(url.username === '' && url.password === '' && url.search === '' && url.hash === '' && !root.endsWith('/'));
        assert.ok(url.protocol === 'https:' || isLoopback(url.hostname), `plain http to ${url.hostname}`);
        assert.ok(!root.includes(SECRET) || text.split('/').slice(3).join('/').includes(SECRET));
      }
      resultOrRefused(USAGE, () => parseRedisUrl(text, '--quota-redis'));
      for (const parse of [parseAccountId, parseBoolean, parseChoices(['a', 'failed']), parseDelimiter, parseFilePath])
        resultOrRefused(USAGE, () => parse(text, '--x'));
    }),
  },
  {
    name: 'command-line',
    share: 0.05,
    property: fc.property(fc.array(words, { maxLength: 8 }), envs, (args, env) => {
      const secrets = new Set([SECRET, ...environmentSecrets(env)]);
      try {
        const line = parseCommandLine(args, HELP);
        if (line.kind === 'print') return assert.notEqual(line.text, '');
        for (const [name, values] of line.flags)
          assert.ok(OPTIONS.some((option) => option.name === name && line.command.options.includes(option.key)) && values.length > 0);
        optionValues(line.command.options, line.flags, env);
      } catch (error) {
        const shown = createRedact(secrets)(errorText(checkRefusal(error, USAGE), PLAIN));
        assert.ok(!shown.includes(SECRET), shown);
        assert.doesNotMatch(shown.replaceAll('\n', ''), OBEYED_BY_TERMINALS);
      }
    }),
  },
  {
    name: 'environment',
    share: 0.5,
    property: fc.property(envs, fc.oneof(texts, fc.constant(SECRET)), (env, file) => {
      resultOrRefused(USAGE, () => unknownEnvNames(env));
      resultOrRefused(USAGE, () => refuseUnkeptPromises('resume', env));
      try {
        const credentials = readCredentials(env, () => file);
        for (const secret of secretsOf(credentials)) assert.match(secret, /^[\x21-\x7e]+$/);
      } catch (error) {
        const { message, nextSteps } = checkRefusal(error, USAGE);
        assert.ok(![message, ...nextSteps].join('').includes(SECRET));
      }
      const proxy = resultOrRefused(USAGE, () => readProxy(env));
      if (proxy !== undefined) proxySecrets(proxy);
    }),
  },
];
