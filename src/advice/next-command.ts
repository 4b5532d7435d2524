import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { BASE_URL_DEFAULT } from '../domain/base-url.ts';
import { shellPath, shellWord } from '../text/shell-word.ts';

/** The checkpoint of a purge from standard input. */
const STDIN_CHECKPOINT = 'images-purge.checkpoint';

/** Stands for a file whose name is not known. */
const UNKNOWN_FILE = 'FILE';

/** The default path of a checkpoint: beside the first source, where that is a file. */
export function checkpointBeside(firstSource: string): string {
  return firstSource === '-' || isHandedOver(firstSource) ? STDIN_CHECKPOINT : `${firstSource}.checkpoint`;
}

/** A file descriptor that the process was given, as the shell passes `<(…)` as `/dev/fd/63`. Files under `/dev/shm` are ordinary. */
function isHandedOver(path: string): boolean {
  return /^\/(?:dev\/(?:stdin$|fd\/)|proc\/[^/]+\/fd\/)/.test(path);
}

/**
 * The command that continues a purge, to be pasted into a shell. A list that was not read to its end is given again, read
 * and guarded in the same way, for the same account. Otherwise the checkpoint is enough.
 */
export function nextCommand(facts: CheckpointFacts, checkpointPath: string, isIntakeComplete: boolean = facts.intake.complete): string {
  if (isIntakeComplete) return `images-purge resume ${shellPath(checkpointPath)}`;
  const paths = facts.sources.map(({ path }) => path);
  const [first] = paths;
  const checkpoint =
    first !== undefined && !isHandedOver(first) && checkpointBeside(first) === checkpointPath
      ? []
      : ['--checkpoint', shellPath(checkpointPath)];
  const sources = paths.length === 0 ? [UNKNOWN_FILE] : paths.map((path) => (path === '-' ? path : fileWord(path)));
  return [
    'images-purge',
    facts.state === 'planned' ? 'plan' : 'delete',
    ...sources,
    ...checkpoint,
    ...formOptions(facts),
    ...guardOptions(facts),
    ...accountOptions(facts),
  ].join(' ');
}

/** As {@link nextCommand}, where the run ended before it had recorded the protect lists that it was given itself. */
export function nextCommandExcluding(
  { excludePaths, excludeColumn }: { readonly excludePaths: readonly string[]; readonly excludeColumn: string | undefined },
  facts: CheckpointFacts,
  checkpointPath: string,
): string {
  const files = excludePaths.flatMap((path) => ['--exclude', fileWord(path)]);
  const column = excludeColumn === undefined ? [] : ['--exclude-column', shellWord(excludeColumn)];
  return [nextCommand(facts, checkpointPath), ...files, ...column].join(' ');
}

/** A file descriptor is gone with the process that had it. */
function fileWord(path: string): string {
  return isHandedOver(path) ? UNKNOWN_FILE : shellPath(path);
}

/** The options that decide what a list holds. */
function formOptions({ definition: { form, shard } }: CheckpointFacts): readonly string[] {
  return [
    ...(form.format === 'auto' ? [] : ['--format', form.format]),
    ...(form.column === null ? [] : ['--column', shellWord(form.column)]),
    ...(form.noHeader ? ['--no-header'] : []),
    ...(form.delimiter === null ? [] : ['--delimiter', shellWord(form.delimiter)]),
    ...(form.quote === null ? [] : ['--quote', shellWord(form.quote)]),
    ...(form.skipLines === 0 ? [] : ['--skip-lines', String(form.skipLines)]),
    ...(form.acceptLastLine ? ['--accept-last-line'] : []),
    ...(form.literal ? ['--literal'] : []),
    ...(form.deliveryUrls ? ['--delivery-urls'] : []),
    ...(shard === null ? [] : ['--shard', `${shard.index}/${shard.count}`]),
  ];
}

/**
 * The options that protect IDs and guard the set. The checkpoint records them, and keeps them once it holds an outcome.
 * Before that the next run may replace the checkpoint, so they are given again. The name of the exclude file is not recorded:
 * `FILE` stands for it, and pasted as it is, the command ends before it touches anything.
 */
function guardOptions({ state, hasOutcomes, excludeFiles, definition: { guards } }: CheckpointFacts): readonly string[] {
  if (hasOutcomes && state !== 'planned') return [];
  return [
    ...(excludeFiles.length > 0 ? ['--exclude', UNKNOWN_FILE] : []),
    ...(guards.strict ? ['--strict'] : []),
    ...(guards.idCountMin === 0 ? [] : ['--min-ids', String(guards.idCountMin)]),
    ...(guards.protectedCountMin === 0 ? [] : ['--min-protected', String(guards.protectedCountMin)]),
    // Both where several runs gave them: one run takes one only, so that a person must choose.
    ...(guards.deletesCountMax === null ? [] : ['--max-deletes', String(guards.deletesCountMax)]),
    ...(guards.deletesPercentMax === null ? [] : ['--max-deletes', `${guards.deletesPercentMax}%`]),
    ...(guards.failOnAbsent ? ['--fail-on-absent'] : []),
  ];
}

/** The environment may name another account, or none: a list that was rehearsed elsewhere would be deleted there. */
function accountOptions({ definition: { accountId, baseUrl } }: CheckpointFacts): readonly string[] {
  return ['--account-id', shellWord(accountId), ...(baseUrl === BASE_URL_DEFAULT ? [] : ['--base-url', shellWord(baseUrl)])];
}
