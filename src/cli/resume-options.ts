import { usageError } from '../domain/errors.ts';
import type { ResumeOptions } from '../purge/options.ts';
import { readCredentials } from './credentials.ts';
import { refuseTwoOutputs, type OptionContext } from './option-context.ts';
import { paceOptions } from './pace-options.ts';
import { parseFilePath } from './parse-text.ts';
import { checkpointPaths, logPaths, recordedReportRefuser, refuseSharedPaths, reportPaths, type NamedPath } from './paths.ts';
import { readProxy } from './proxy.ts';
import { quotaRedisUrl } from './quota-redis.ts';

/** `resume`: what is not given here is as the checkpoint recorded it. */
export function resumeOptions(context: OptionContext): ResumeOptions {
  const { values } = context;
  refuseTwoOutputs(values);
  const checkpointPath = oneCheckpoint(context.operands);
  const refuseRecordedReport = refuseOverwriting(context, checkpointPath);

  return {
    checkpointPath,
    allowNetworkCheckpoint: values.allowNetworkCheckpoint,
    accountId: values.accountId,
    baseUrl: values.baseUrl,
    batchBaseUrl: values.batchBaseUrl,
    credentials: readCredentials(context.env, context.readTextFile),
    proxy: readProxy(context.env),
    reportPath: values.report,
    isStdoutTaken: values.json,
    refuseRecordedReport,
    excludePaths: values.exclude,
    allowEmptyExclude: values.allowEmptyExclude,
    checkpointAgeMsMax: values.maxAge,
    pace: paceOptions(values, quotaRedisUrl(values.quotaRedis, context.env, context.readTextFile)),
    expectAbsent: values.expectAbsent,
    retryFailed: values.retryFailed,
    isConfirmed: values.yes,
  };
}

/** The checkpoints that `status` is about. */
export function someCheckpoints(operands: readonly string[]): readonly string[] {
  if (operands.length === 0) throw usageError('CHECKPOINT_COUNT', 'no checkpoint is named');
  return operands.map((path) => parseFilePath(path, 'the checkpoint'));
}

/** The one checkpoint that `resume` is about. */
export function oneCheckpoint(operands: readonly string[]): string {
  const [path, ...more] = operands;
  if (path === undefined || more.length > 0) throw usageError('CHECKPOINT_COUNT', 'exactly one checkpoint must be named');
  return parseFilePath(path, 'the checkpoint');
}

function refuseOverwriting(context: OptionContext, checkpointPath: string): (recordedPath: string) => void {
  const { values } = context;
  const read: NamedPath[] = values.exclude.map((path) => ({ label: '--exclude', path }));
  const written: NamedPath[] = [...checkpointPaths(checkpointPath)];
  if (values.report !== undefined && values.report !== '-') written.push(...reportPaths(values.report));
  const log = logPaths(values);
  refuseSharedPaths([...written, ...log], read, context.cwd, context.realPath);
  return recordedReportRefuser([...read, ...log], context.cwd, context.realPath);
}
