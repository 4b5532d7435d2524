import { join, resolve } from 'node:path';

import { usageError } from '../../domain/errors.ts';
import { givenCommand } from '../../options/repeated-options.ts';
import { parseFilePath } from '../../options/parse/text.ts';
import type { RestoreRequest } from '../../restore/restore-request.ts';
import { shellPath } from '../../text/shell-word.ts';
import type { CommandRequest } from '../invocation.ts';
import { accessOf, addressOf, paceOf } from './api-options.ts';

/** The one backup that `restore` is about; absolute. */
export function oneBackup({ operands, cwd }: CommandRequest): string {
  const [path, ...more] = operands;
  if (path === undefined || more.length > 0) throw usageError('BACKUP_COUNT', 'exactly one backup must be named', 'Name its folder.');
  return resolve(cwd, parseFilePath(path, 'the backup'));
}

export function restoreRequest(request: CommandRequest): RestoreRequest {
  const { values, given, cwd } = request;
  const folder = oneBackup(request);
  if (values.restoreReport === '-')
    throw usageError('REPORT_STDOUT', 'the report of a restore cannot go to stdout', 'Give --report a file.');
  const reportPath = resolve(cwd, values.restoreReport ?? join(folder, 'restored.ndjson'));
  const { excludeColumn, excludeLiteral, allowEmptyExclude } = values;
  return {
    folder,
    api: { ...addressOf(values), ...accessOf(request) },
    pace: paceOf(request),
    onlyPath: values.only,
    idFiles: { excludeColumn, excludeLiteral, allowEmptyExclude },
    reportPath,
    mapPath: `${reportPath}.new-ids.csv`,
    command: givenCommand(`images-purge restore ${shellPath(folder)}`, given, values, cwd)
      .spelledWith('')
      .trimEnd(),
  };
}
