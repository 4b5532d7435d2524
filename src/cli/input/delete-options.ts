import { BASE_URL_DEFAULT } from '../../domain/base-url.ts';
import { usageError } from '../../domain/errors.ts';
import { checkpointBeside } from '../../advice/go-on.ts';
import type { DeleteOptions } from '../../run/run-options.ts';
import type { SourceRef } from '../../read/source.ts';
import { NO_CREDENTIALS, readCredentials } from './credentials.ts';
import { refuseTwoOutputs, type OptionContext } from './option-context.ts';
import { paceOptions } from '../../options/pace-options.ts';
import { parseText } from '../../options/parse/text.ts';
import { refuseOverwriting } from './paths.ts';
import { shardFromJob } from '../../options/parse/shard.ts';
import { readProxy } from './proxy.ts';
import { quotaRedisUrl } from './quota-redis.ts';

/**
 * `delete` and `plan`: everything decided, every default applied.
 *
 * @param stdin - what `-` among the sources reads; called only where it is named
 */
export function deleteOptions(command: 'delete' | 'plan', context: OptionContext, stdin: () => NodeJS.ReadableStream): DeleteOptions {
  const { values } = context;
  const mode = command === 'plan' ? 'plan' : values.dryRun ? 'dry-run' : 'delete';
  refuseTwoOutputs(values);
  const names = sourceNames(context.operands);
  const checkpointPath = values.checkpoint ?? checkpointBeside(names[0] ?? '-');
  const reportPath = values.report ?? (mode === 'dry-run' ? undefined : `${checkpointPath}.report.ndjson`);
  const refuseRecordedReport = refuseOverwriting(context, { sources: names.filter((name) => name !== '-'), checkpointPath, reportPath });

  const options: Omit<DeleteOptions, 'api' | 'sources'> = {
    form: { format: values.format, column: values.column, noHeader: values.noHeader, delimiter: values.delimiter },
    deliveryUrls: values.deliveryUrls,
    shard: values.shard ?? shardFromJob(context.env) ?? null,
    excludePaths: values.exclude,
    allowEmptyExclude: values.allowEmptyExclude,
    checkpointPath,
    allowNetworkCheckpoint: values.allowNetworkCheckpoint,
    reportPath: values.report,
    isStdoutTaken: values.json,
    refuseRecordedReport,
    keepCount: values.keep,
    supersede: values.supersede,
    checkpointAgeMsMax: values.maxAge,
    pace: paceOptions(values, quotaRedisUrl(values.quotaRedis, context.env, context.readTextFile)),
    guards: {
      strict: values.strict,
      idCountMin: values.minIds,
      deletesMax: values.maxDeletes,
      failOnAbsent: values.failOnAbsent,
    },
    expectAbsent: values.expectAbsent,
    mode,
    // A plan is made to be reviewed: whoever carries it out confirms it then.
    isConfirmed: mode !== 'plan' && values.yes,
  };
  return {
    ...options,
    api: {
      accountId: requiredAccountId(values.accountId),
      baseUrl: values.baseUrl ?? BASE_URL_DEFAULT,
      batchBaseUrl: values.batchBaseUrl,
      credentials: mode === 'delete' ? readCredentials(context.env, context.readTextFile) : NO_CREDENTIALS,
      proxy: mode === 'delete' ? readProxy(context.env) : { httpProxy: undefined, httpsProxy: undefined, noProxy: undefined },
    },
    sources: names.map((name): SourceRef => (name === '-' ? { kind: 'stdin', stream: stdin() } : { kind: 'file', path: name })),
  };
}

function sourceNames(operands: readonly string[]): readonly string[] {
  if (operands.length === 0) {
    throw usageError('NO_SOURCE', 'no source is given', 'Name files of IDs, or - for standard input');
  }
  const names = operands.map((name) => (name === '/dev/stdin' ? '-' : parseText(name, 'a source')));
  if (names.filter((name) => name === '-').length > 1) {
    throw usageError('STDIN_TWICE', 'standard input (-) is named twice, but it can be read only once');
  }
  return names;
}

function requiredAccountId(accountId: string | undefined): string {
  if (accountId !== undefined) return accountId;
  throw usageError(
    'ACCOUNT_MISSING',
    'no account is given',
    'Give --account-id, or set CLOUDFLARE_ACCOUNT_ID; the dashboard shows it: dash.cloudflare.com/<account id>',
  );
}
