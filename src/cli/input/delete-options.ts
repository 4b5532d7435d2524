import { resolve } from 'node:path';

import { usageError } from '../../domain/errors.ts';
import { checkpointBeside, sourceWords } from '../../advice/next-command.ts';
import type { Shard } from '../../domain/shard.ts';
import { refuseAskingToDelete } from '../../options/check-exists.ts';
import { givenCommand } from '../../options/repeated-options.ts';
import type { ApiOptions, DeleteOptions, GivenCommand, ListOptions } from '../../run/run-options.ts';
import type { SourceRef } from '../../read/source.ts';
import type { CommandRequest } from '../invocation.ts';
import { parseText } from '../../options/parse/text.ts';
import { accessOf, addressOf, paceOf } from './api-options.ts';
import { refuseOverwriting, refuseTwoOutputs } from './paths.ts';
import { shardFromJob } from '../../options/parse/shard.ts';

/**
 * `delete` and `plan`: everything decided, every default applied.
 *
 * @param stdin - what `-` among the sources reads; called only where it is named
 */
export function deleteOptions(command: 'delete' | 'plan', request: CommandRequest, stdin: () => NodeJS.ReadableStream): DeleteOptions {
  const { values } = request;
  const mode = command === 'plan' ? 'plan' : values.dryRun ? 'dry-run' : 'delete';
  refuseTwoOutputs(values);
  refuseAskingToDelete(values);
  if (values.quote !== undefined && values.quote === values.delimiter)
    throw usageError('OPTION_CONFLICT', '--quote and --delimiter are the same character', 'Give each its own.');
  const names = sourceNames(request.operands);
  const checkpointPath = values.checkpoint ?? checkpointBeside(names[0] ?? '-');
  const reportPath = values.report ?? (mode === 'dry-run' ? undefined : `${checkpointPath}.report.ndjson`);
  const refuseRecordedReport = refuseOverwriting(request, { sources: names.filter((name) => name !== '-'), checkpointPath, reportPath });

  const shard = values.shard ?? shardFromJob(request.env) ?? null;
  const options: Omit<ListOptions, 'sources'> = {
    given: givenDelete(command, request, names, shard),
    form: {
      format: values.format,
      column: values.column,
      noHeader: values.noHeader,
      delimiter: values.delimiter,
      quote: values.quote,
      skipLines: values.skipLines,
      lastLine: values.acceptLastLine ? 'accept' : 'by-source',
      literal: values.literal,
      takesReports: true,
    },
    deliveryUrls: values.deliveryUrls,
    shard,
    excludePaths: values.exclude,
    excludeColumn: values.excludeColumn,
    excludeLiteral: values.excludeLiteral,
    allowEmptyExclude: values.allowEmptyExclude,
    excludeIds: values.excludeId,
    newerThanMs: values.protectNewerThan,
    checkpointPath,
    allowNetworkCheckpoint: values.allowNetworkCheckpoint,
    reportPath: values.report,
    isStdoutTaken: values.json,
    refuseRecordedReport,
    keepCount: values.keep,
    supersede: values.supersede,
    dropsGuards: values.dropGuards,
    checkpointAgeMsMax: values.maxAge,
    pace: paceOf(request),
    guards: {
      strict: values.strict,
      idCountMin: values.minIds,
      protectedCountMin: values.minProtected,
      deletesMax: values.maxDeletes,
      failOnAbsent: values.failOnAbsent,
      verifies: values.verify,
      backupFolder: values.backup === undefined ? null : resolve(request.cwd, values.backup),
    },
    expectAbsent: values.expectAbsent,
    // A plan is made to be reviewed: it is confirmed when it is carried out.
    isConfirmed: mode !== 'plan' && values.yes && values.confirm === undefined,
    confirmedSet: values.confirm,
    note: values.note,
  };
  const address = addressOf(values);
  if (values.checkExists)
    return { ...options, mode: 'dry-run', asksEach: true, api: { ...address, ...accessOf(request) }, sources: sourceRefs(names, stdin) };
  if (mode !== 'delete') return { ...options, mode, api: address, sources: sourceRefs(names, stdin) };
  const api: ApiOptions = { ...address, batchBaseUrl: values.batchBaseUrl, ...accessOf(request) };
  return { ...options, mode, api, sources: sourceRefs(names, stdin) };
}

/** A job's shard is in its environment alone: another shell has none. */
function givenDelete(
  command: 'delete' | 'plan',
  { given, values, cwd }: CommandRequest,
  names: readonly string[],
  shard: Shard | null,
): GivenCommand {
  const sources = sourceWords(names.map((name) => (name === '-' ? name : resolve(cwd, name))));
  const all = shard === null ? given : new Map(given).set('shard', [`${shard.index}/${shard.count}`]);
  const spelled = givenCommand(['images-purge', command, ...sources].join(' '), all, values, cwd);
  if (!names.includes('-')) return spelled;
  return { ...spelled, spelledWith: (options) => `${spelled.spelledWith(options)} < FILE` };
}

function sourceRefs(names: readonly string[], stdin: () => NodeJS.ReadableStream): readonly SourceRef[] {
  return names.map((name) => (name === '-' ? { kind: 'stdin', stream: stdin() } : { kind: 'file', path: name }));
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
