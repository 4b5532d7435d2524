import { resolve } from 'node:path';

import { usageError } from '../../domain/errors.ts';
import type { ResumeOptions } from '../../run/run-options.ts';
import type { CommandRequest } from '../invocation.ts';
import { givenCommand } from '../../options/repeated-options.ts';
import { parseFilePath } from '../../options/parse/text.ts';
import { shellPath } from '../../text/shell-word.ts';
import { accessOf, paceOf } from './api-options.ts';
import { refuseOverwriting, refuseTwoOutputs } from './paths.ts';

/** `resume`: what is not given here is as the checkpoint recorded it. */
export function resumeOptions(request: CommandRequest): ResumeOptions {
  const { values } = request;
  refuseTwoOutputs(values);
  const checkpointPath = oneCheckpoint(request.operands);
  const refuseRecordedReport = refuseOverwriting(request, { sources: [], checkpointPath, reportPath: request.values.report });

  return {
    given: givenCommand(`images-purge resume ${shellPath(resolve(request.cwd, checkpointPath))}`, request.given, values, request.cwd),
    checkpointPath,
    allowNetworkCheckpoint: values.allowNetworkCheckpoint,
    accountId: values.accountId,
    baseUrl: values.baseUrl,
    batchBaseUrl: values.batchBaseUrl,
    ...accessOf(request),
    reportPath: values.report,
    isStdoutTaken: values.json,
    refuseRecordedReport,
    excludePaths: values.exclude,
    excludeColumn: values.excludeColumn,
    excludeLiteral: values.excludeLiteral,
    allowEmptyExclude: values.allowEmptyExclude,
    excludeIds: values.excludeId,
    newerThanMs: values.protectNewerThan,
    checkpointAgeMsMax: values.maxAge,
    pace: paceOf(request),
    expectAbsent: values.expectAbsent,
    retryFailed: values.retryFailed,
    verifies: values.verify,
    backupFolder: values.backup === undefined ? null : resolve(request.cwd, values.backup),
    dropsGuards: values.dropGuards,
    isConfirmed: values.yes && values.confirm === undefined,
    confirmedSet: values.confirm,
    note: values.note,
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
