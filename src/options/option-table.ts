/**
 * Every option there is, once: parsing, the environment, help and the documentation are all driven by this table.
 *
 * @module
 */

import { BASE_URL_DEFAULT } from '../domain/base-url.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Rate } from '../domain/rate.ts';
import type { DeletesMax } from '../run/run-options.ts';
import type { OptionKey, OptionValues } from './option-types.ts';
import { flagOption, listOption, valueOption, type CommandName, type OptionSpec } from './option-spec.ts';
import { AGE_MS_MAX, parseDuration, TIMER_MS_MAX } from './parse/duration.ts';
import { parseDeletesMax, parseInteger, parsePercent, parsePercentUpTo } from './parse/number.ts';
import { parseRate } from './parse/rate.ts';
import { parseAccountId, parseChoice, parseChoices, parseDelimiter, parseFilePath, parseText } from './parse/text.ts';
import { parseShard } from './parse/shard.ts';
import { parseBaseUrl } from './parse/url.ts';
import { parseRedisUrl, QUOTA_REDIS } from '../cli/input/quota-redis.ts';

const BATCH_BASE_URL_DEFAULT = 'https://batch.imagedelivery.net';

const OUTCOMES: readonly Outcome[] = ['deleted', 'absent', 'failed', 'protected', 'rejected', 'planned'];

const COUNT_MAX = 1_000_000_000_000;
const BATCH_TOKENS_MAX = 64;
const CONCURRENCY_MAX = 4_096;
/** With nothing left to use, nothing would ever be sent. */
const RESERVE_PERCENT_MAX = 95;
const ATTEMPTS_MAX = 1_000;
const KEEP_MAX = 100_000;
const REQUEST_TIMEOUT_MS_MAX = 3_600_000;

const API = 'Account:';
const SOURCES = 'Sources:';
const FILES = 'Files:';
const PACE = 'Pace:';
const GUARDS = 'Limits and guards:';
const RUN = 'Running:';
const OUTPUT = 'Output:';
const SIMULATED = 'Simulated API:';

const PORT_MAX = 65_535;
const SEED_MAX = 4_294_967_295;

const DELETE: readonly CommandName[] = ['delete', 'plan'];
const RUNS: readonly CommandName[] = ['delete', 'plan', 'resume'];
const SIMULATE: readonly CommandName[] = ['simulate'];
const UNLIMITED: Rate = { kind: 'unlimited' };

export const OPTION_TABLE: { readonly [K in OptionKey]: OptionSpec<OptionValues[K]> } = {
  accountId: valueOption('account-id', 'ID', parseAccountId, undefined, {
    group: API,
    commands: [...RUNS, ...SIMULATE],
    help: 'the account the images are in; resume knows it from the checkpoint',
    moreEnvNames: ['CLOUDFLARE_ACCOUNT_ID'],
  }),
  baseUrl: valueOption('base-url', 'URL', parseBaseUrl, undefined, {
    group: API,
    commands: RUNS,
    help: 'API root; plain http only to this machine',
    defaultText: BASE_URL_DEFAULT,
    moreEnvNames: ['CLOUDFLARE_BASE_URL'],
  }),

  batchBaseUrl: valueOption('batch-base-url', 'URL', parseBaseUrl, BATCH_BASE_URL_DEFAULT, {
    group: API,
    commands: RUNS,
    help: 'root of the batch host; plain http only to this machine',
    defaultText: BATCH_BASE_URL_DEFAULT,
  }),

  format: valueOption('format', 'FORM', parseChoice(['auto', 'csv', 'lines', 'ndjson']), 'auto', {
    group: SOURCES,
    commands: DELETE,
    help: 'form of the sources: auto, csv, lines or ndjson; gzip and zstd are recognised by content',
    defaultText: 'auto',
  }),
  column: valueOption('column', 'NAME|N', parseText, undefined, {
    group: SOURCES,
    commands: DELETE,
    help: 'CSV column by header name or 1-based position; NDJSON field',
    defaultText: 'id, image_id, imageId, or the only column',
  }),
  noHeader: flagOption('no-header', { group: SOURCES, commands: DELETE, help: 'the first CSV row is data' }),
  delimiter: valueOption('delimiter', 'C', parseDelimiter, undefined, {
    group: SOURCES,
    commands: DELETE,
    help: 'what parts CSV fields',
    defaultText: 'found from content',
  }),
  deliveryUrls: flagOption('delivery-urls', {
    group: SOURCES,
    commands: DELETE,
    help: 'values are delivery URLs: take the ID out of them',
  }),
  exclude: listOption('exclude', 'FILE', parseFilePath, {
    group: SOURCES,
    commands: RUNS,
    help: 'IDs that must not be deleted, whatever the sources say; repeatable',
  }),
  allowEmptyExclude: flagOption('allow-empty-exclude', {
    group: SOURCES,
    commands: RUNS,
    help: 'an exclude file that holds no ID is no error',
  }),

  shard: valueOption('shard', 'I/N', parseShard, undefined, {
    group: SOURCES,
    commands: DELETE,
    help: "take only the IDs of shard I of N, from 0, and an N-th of the account's rate; in a Kubernetes Indexed Job set IMAGES_PURGE_SHARDS to N instead",
    defaultText: 'all IDs',
  }),

  checkpoint: valueOption('checkpoint', 'FILE', parseFilePath, undefined, {
    group: FILES,
    commands: DELETE,
    help: 'where the purge is kept, so that it can go on',
    defaultText: '<first source>.checkpoint; for stdin images-purge.checkpoint',
  }),
  report: valueOption('report', 'FILE', parseText, undefined, {
    group: FILES,
    commands: RUNS,
    help: 'NDJSON report, one line for each ID; - for stdout',
    defaultText: '<checkpoint>.report.ndjson',
  }),
  keep: valueOption('keep', 'N', parseInteger(0, KEEP_MAX), 30, {
    group: FILES,
    commands: DELETE,
    help: 'finished or superseded checkpoints kept, each with its report',
    defaultText: '30',
  }),
  supersede: flagOption('supersede', {
    group: FILES,
    commands: DELETE,
    help: 'set an unfinished purge of another list aside and begin this one',
  }),
  maxAge: valueOption('max-age', 'DURATION', parseDuration(AGE_MS_MAX), 7 * 86_400_000, {
    group: FILES,
    commands: RUNS,
    help: 'refuse a plan or unfinished purge last worked on longer ago',
    defaultText: '7d',
  }),
  allowNetworkCheckpoint: flagOption('allow-network-checkpoint', {
    group: FILES,
    commands: RUNS,
    help: 'the checkpoint may lie on NFS or SMB, where a power loss can damage it',
  }),

  rate: valueOption<Rate, undefined>('rate', 'N/DURATION', parseRate, undefined, {
    group: PACE,
    commands: RUNS,
    help: 'requests allowed on each lane, such as 1200/5m or 200/s; or unlimited',
    defaultText: "1000/5m, which leaves a sixth of the account's quota to others; a batch token's lane 200/s",
  }),
  reserve: valueOption('reserve', 'P%', parsePercentUpTo(RESERVE_PERCENT_MAX), 10, {
    group: PACE,
    commands: RUNS,
    help: "share of the account's quota that is never used, as far as the API tells what is left",
    defaultText: '10%',
  }),
  batchTokens: valueOption('batch-tokens', 'N', parseInteger(0, BATCH_TOKENS_MAX), 0, {
    group: PACE,
    commands: RUNS,
    help: "delete with N batch tokens, each a lane of its own, instead of the account's quota",
    defaultText: '0',
  }),
  quotaRedis: valueOption(QUOTA_REDIS, 'URL', parseRedisUrl, undefined, {
    group: PACE,
    commands: RUNS,
    help: 'share each quota with other processes through this Redis; with a password only as IMAGES_PURGE_QUOTA_REDIS or its _FILE',
    defaultText: 'none',
  }),
  concurrency: valueOption('concurrency', 'N', parseInteger(1, CONCURRENCY_MAX), undefined, {
    group: PACE,
    commands: RUNS,
    help: 'requests in flight, over all lanes',
    defaultText: '16, or 64 for each batch token',
  }),
  maxAttempts: valueOption('max-attempts', 'N', parseInteger(1, ATTEMPTS_MAX), 8, {
    group: PACE,
    commands: RUNS,
    help: 'tries for one ID that keeps failing by itself',
    defaultText: '8',
  }),
  timeout: valueOption('timeout', 'DURATION', parseDuration(REQUEST_TIMEOUT_MS_MAX), 30_000, {
    group: PACE,
    commands: RUNS,
    help: 'for one request, from connecting to the last byte',
    defaultText: '30s',
  }),
  giveUpAfter: valueOption('give-up-after', 'DURATION', parseDuration(TIMER_MS_MAX), 3_600_000, {
    group: PACE,
    commands: RUNS,
    help: 'end the run after this long without any final answer',
    defaultText: '1h',
  }),

  maxDuration: valueOption('max-duration', 'DURATION', parseDuration(TIMER_MS_MAX), Infinity, {
    group: GUARDS,
    commands: RUNS,
    help: 'stop gracefully after this long (exit 8)',
  }),
  limit: valueOption('limit', 'N', parseInteger(1, COUNT_MAX), Infinity, {
    group: GUARDS,
    commands: RUNS,
    help: 'send at most N IDs in this run, in source order (exit 8 if any is left)',
  }),
  maxFailures: valueOption('max-failures', 'N', parseInteger(0, COUNT_MAX), Infinity, {
    group: GUARDS,
    commands: RUNS,
    help: 'stop gracefully once more than N IDs have failed (exit 8)',
  }),
  minIds: valueOption('min-ids', 'N', parseInteger(0, COUNT_MAX), 0, {
    group: GUARDS,
    commands: DELETE,
    help: 'send nothing where fewer IDs are accepted (exit 7)',
  }),
  maxDeletes: valueOption<DeletesMax, DeletesMax>(
    'max-deletes',
    'N|P%',
    parseDeletesMax,
    { kind: 'none' },
    {
      group: GUARDS,
      commands: DELETE,
      help: "send nothing where more IDs, or a larger share of the account's images, are accepted (exit 7)",
    },
  ),
  strict: flagOption('strict', {
    group: GUARDS,
    commands: DELETE,
    help: 'send nothing where any row holds no usable ID (exit 1)',
  }),
  failOnAbsent: flagOption('fail-on-absent', {
    group: GUARDS,
    commands: DELETE,
    help: 'IDs that do not exist make the exit code 1',
  }),
  expectAbsent: flagOption('expect-absent', {
    group: GUARDS,
    commands: RUNS,
    help: 'many images may be gone already: do not stop where the first 100 are',
  }),

  retryFailed: flagOption('retry-failed', { group: RUN, commands: ['resume'], help: 'try the failed IDs again' }),
  dryRun: flagOption('dry-run', {
    group: RUN,
    commands: ['delete'],
    short: 'n',
    help: 'read and check everything, show the plan, send nothing, leave no checkpoint',
  }),
  yes: flagOption('yes', { group: RUN, commands: RUNS, short: 'y', help: 'do not ask before deleting' }),

  progress: valueOption('progress', 'KIND', parseChoice(['auto', 'bar', 'log', 'none']), 'auto', {
    group: OUTPUT,
    commands: RUNS,
    help: 'auto, bar, log or none; auto is a bar on a terminal, elsewhere a log line each 10 s',
    defaultText: 'auto',
  }),
  logLevel: valueOption('log-level', 'LEVEL', parseChoice(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), 'info', {
    group: OUTPUT,
    commands: RUNS,
    help: 'trace, debug, info, warn, error, fatal or silent',
    defaultText: 'info',
  }),
  logFile: valueOption('log-file', 'FILE', parseFilePath, undefined, {
    group: OUTPUT,
    commands: RUNS,
    help: 'write the log there; SIGHUP reopens it',
    defaultText: 'stderr',
  }),
  json: flagOption('json', {
    group: OUTPUT,
    commands: ['delete', 'plan', 'resume', 'status'],
    help: 'the summary as one JSON object on stdout',
  }),

  reportFormat: valueOption('format', 'FORM', parseChoice(['ndjson', 'csv']), 'ndjson', {
    group: OUTPUT,
    commands: ['report'],
    help: 'ndjson or csv',
    defaultText: 'ndjson',
    // IMAGES_PURGE_FORMAT says how sources are read.
    hasNoEnv: true,
  }),
  outcome: valueOption('outcome', 'OUTCOME,…', parseChoices(OUTCOMES), undefined, {
    group: OUTPUT,
    commands: ['report'],
    help: `only these: ${OUTCOMES.join(', ')}`,
    defaultText: 'all',
  }),
  output: valueOption('output', 'FILE', parseFilePath, undefined, {
    group: OUTPUT,
    commands: ['report'],
    short: 'o',
    help: 'write there; the file appears only when it is complete',
    defaultText: 'stdout',
  }),

  port: valueOption('port', 'N', parseInteger(0, PORT_MAX), 0, {
    group: SIMULATED,
    commands: SIMULATE,
    help: 'port on 127.0.0.1; 0 is any free one',
    defaultText: '0',
  }),
  images: valueOption('images', 'WHICH', parseText, 'any', {
    group: SIMULATED,
    commands: SIMULATE,
    help: 'the images there are: any (every ID exists until it is deleted), none, or a file with one ID a line',
    defaultText: 'any',
  }),
  quota: valueOption('quota', 'N/DURATION', parseRate, UNLIMITED, {
    group: SIMULATED,
    commands: SIMULATE,
    help: 'requests allowed in a window, e.g. 1200/5m',
    defaultText: 'unlimited',
  }),
  block: valueOption('block', 'DURATION', parseDuration(TIMER_MS_MAX), 0, {
    group: SIMULATED,
    commands: SIMULATE,
    help: 'after going over the quota, refuse everything for so long (the real API: 5m)',
  }),
  faults: valueOption('faults', 'P%', parsePercent, 0, {
    group: SIMULATED,
    commands: SIMULATE,
    help: 'share of the DELETEs that meet a fault: 500, HTML pages, resets, lost and truncated answers',
    defaultText: '0%',
  }),
  latency: valueOption('latency', 'DURATION', parseDuration(TIMER_MS_MAX), 0, {
    group: SIMULATED,
    commands: SIMULATE,
    help: 'time each answer takes',
  }),
  seed: valueOption('seed', 'N', parseInteger(0, SEED_MAX), 1, {
    group: SIMULATED,
    commands: SIMULATE,
    help: 'decides which requests meet a fault',
    defaultText: '1',
  }),
  record: valueOption('record', 'FILE', parseFilePath, undefined, {
    group: SIMULATED,
    commands: SIMULATE,
    help: 'write what was asked and done there, one NDJSON line a request',
  }),
};
