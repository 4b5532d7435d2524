import { resolve } from 'node:path';
import { usageError } from '../../domain/errors.ts';
import { newPathOf } from '../../domain/new-file.ts';
import type { OptionValues } from '../../options/option-table.ts';
import type { CommandRequest } from '../invocation.ts';
import type { World } from '../world.ts';

export interface NamedPath {
  /** As an error message calls it: `--report`, `the source`. */
  readonly label: string;
  readonly path: string;
}

/** A database of SQLite's, and what it keeps beside it. */
const DATABASE: readonly string[] = ['', '-wal', '-shm', '-journal'];
/** SQLite's and our own files beside a checkpoint; writing to one of them would damage it, or be lost with it. */
const BESIDE_CHECKPOINT: readonly string[] = [
  ...DATABASE,
  ...DATABASE.map((ending) => newPathOf('') + ending),
  '.lock',
  '.lock-journal',
  '-wal.orphan',
  '-journal.orphan',
];

/** Refuses a file that a run would write and use for something else, too: a report over its own source would destroy the list. */
export function refuseSharedPaths(
  written: readonly NamedPath[],
  read: readonly NamedPath[],
  cwd: string,
  realPath: World['realPath'],
): void {
  const ownerByPath = new Map<string, NamedPath>();
  for (const named of read) {
    const path = realPath(resolve(cwd, named.path));
    if (path !== undefined) ownerByPath.set(path, named);
  }

  for (const named of written) {
    const path = realPath(resolve(cwd, named.path));
    if (path === undefined) continue;
    const owner = ownerByPath.get(path);
    if (owner !== undefined) {
      throw usageError(
        'PATH_TWICE',
        `${named.label} and ${owner.label} are the same file: ${named.path}`,
        `Give ${named.label} another path`,
      );
    }
    ownerByPath.set(path, named);
  }
}

/** The checkpoint's own files, as paths that nothing else may write to. */
export function checkpointPaths(path: string): readonly NamedPath[] {
  return BESIDE_CHECKPOINT.map((ending) => ({
    label: ending === '' ? 'the checkpoint' : `the checkpoint's ${ending} file`,
    path: path + ending,
  }));
}

/**
 * Refuses a run that would write over a file of its own.
 *
 * @param sources - what it reads besides the exclude lists
 * @returns what refuses a report that only the checkpoint knows of, where it is one of the files the run reads, its log or its metrics
 */
export function refuseOverwriting(
  { values, cwd, realPath }: Pick<CommandRequest, 'values' | 'cwd' | 'realPath'>,
  {
    sources,
    checkpointPath,
    reportPath,
  }: { readonly sources: readonly string[]; readonly checkpointPath: string; readonly reportPath: string | undefined },
): (recordedPath: string) => void {
  const read = [...sources.map((path) => ({ label: 'the source', path })), ...values.exclude.map((path) => ({ label: '--exclude', path }))];
  const report = reportPath === undefined || reportPath === '-' ? [] : reportPaths(reportPath, 'the report');
  const log = values.logFile === undefined ? [] : [{ label: '--log-file', path: values.logFile }];
  const metrics = values.metricsFile === undefined ? [] : [{ label: '--metrics-file', path: values.metricsFile }];
  refuseSharedPaths([...checkpointPaths(checkpointPath), ...report, ...log, ...metrics], read, cwd, realPath);
  return (recordedPath) => {
    for (const other of [...read, ...log, ...metrics])
      refuseSharedPaths([other], reportPaths(recordedPath, 'the recorded report'), cwd, realPath);
  };
}

/** A report, and where it is written before it is renamed into place. */
function reportPaths(path: string, label: string): readonly NamedPath[] {
  return [
    { label, path },
    { label: `${label}'s new file`, path: newPathOf(path) },
  ];
}

/** stdout can carry one of the two only. */
export function refuseTwoOutputs(values: OptionValues): void {
  if (values.report === '-' && values.json) {
    throw usageError('STDOUT_TWICE', '--report - and --json both write to stdout', 'Give the report a file: --report FILE');
  }
}
