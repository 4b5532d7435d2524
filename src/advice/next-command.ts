import { resolve } from 'node:path';

import type { CheckpointFacts, ExcludeFile, RepeatedOptions } from '../checkpoint/facts.ts';
import { BASE_URL_DEFAULT } from '../domain/base-url.ts';
import { newerRuleName } from '../domain/spelling/newer-rule.ts';
import { shellPath, shellWord } from '../text/shell-word.ts';
import { guardOptions } from './guard-options.ts';

/** The checkpoint of a purge from standard input. */
const STDIN_CHECKPOINT = 'images-purge.checkpoint';

/** Stands for a file whose name is not known. Pasted as it is, the command ends before it touches anything. */
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
 * The command that continues a purge, to be pasted into a shell in any folder. A list that was not read to its end is given
 * again, read and guarded in the same way. Otherwise the checkpoint is enough. Either is for the same account, at the same
 * pace and with the same brakes.
 */
export function nextCommand(
  facts: CheckpointFacts,
  checkpointPath: string,
  repeated: RepeatedOptions,
  isIntakeComplete: boolean = facts.intake.complete,
): string {
  if (isIntakeComplete) return resumeCommand(facts, checkpointPath, repeated);
  const paths = facts.sources.map(({ absolutePath, isGone }) => (isGone ? undefined : absolutePath));
  const [first] = paths;
  const isBeside = first !== undefined && first !== '-' && !isHandedOver(first) && checkpointBeside(first) === resolve(checkpointPath);
  return [
    'images-purge',
    facts.state === 'planned' ? 'plan' : 'delete',
    ...(paths.length === 0 ? [UNKNOWN_FILE] : paths.map((path) => (path === undefined ? UNKNOWN_FILE : sourceWord(path)))),
    ...(isBeside ? [] : ['--checkpoint', shellPath(checkpointPath)]),
    ...formOptions(facts),
    ...excludeOptions(facts.excludeFiles.filter((file) => isReadable(file) || mayBeReplaced(facts))),
    ...excludeIdOptions(facts.excludeIds),
    // The next run may replace the checkpoint that has them on record, or find it gone.
    ...guardOptions(facts.definition.guards),
    ...accountOptions(facts),
    ...repeated.delete.map(shellWord),
    ...(paths.includes('-') ? ['<', UNKNOWN_FILE] : []),
  ].join(' ');
}

/** What carries out whatever a checkpoint holds. */
function resumeCommand({ definition }: CheckpointFacts, checkpointPath: string, repeated: RepeatedOptions): string {
  return ['images-purge', 'resume', shellPath(checkpointPath), ...accountOptions({ definition }), ...repeated.resume.map(shellWord)].join(
    ' ',
  );
}

/** What a person can do next with a checkpoint; `undefined`: nothing is left. The failed IDs of a finished purge can be sent again. */
export function commandAfter(facts: CheckpointFacts, checkpointPath: string, repeated: RepeatedOptions): string | undefined {
  if (facts.state !== 'finished') return nextCommand(facts, checkpointPath, repeated);
  return facts.outcomes.failed > 0 ? `${resumeCommand(facts, checkpointPath, repeated)} --retry-failed` : undefined;
}

/** What is for batch tokens' lanes: their pace is more than the account's own quota allows. */
export const OF_BATCH_LANES: readonly string[] = ['--batch-tokens', '--batch-base-url', '--rate', '--concurrency'];

/** The options of a run that goes on without batch tokens. */
export function onOwnQuota(repeated: RepeatedOptions): RepeatedOptions {
  const without = (words: readonly string[]): string[] =>
    words.filter((word, index) => ![word, words[index - 1] ?? ''].some((name) => OF_BATCH_LANES.includes(name)));
  return { delete: without(repeated.delete), resume: without(repeated.resume) };
}

/** Adds to a command the protect lists of a run that ended before it had recorded them. */
export function excluding(
  command: string,
  {
    excludePaths,
    excludeColumn,
    excludeLiteral,
    excludeIds,
    newerThanMs,
  }: {
    readonly excludePaths: readonly string[];
    readonly excludeColumn: string | undefined;
    readonly excludeLiteral: boolean;
    readonly excludeIds: readonly string[];
    readonly newerThanMs: number | null;
  },
): string {
  const column = excludeColumn ?? null;
  const files = excludePaths.map((path) => ({ path, isLiteral: excludeLiteral, column, isGone: false }));
  return [
    command,
    ...(files.length === 0 ? [] : excludeOptions(files)),
    ...excludeIdOptions(excludeIds),
    ...(newerThanMs === null ? [] : [newerRuleName(newerThanMs)]),
  ].join(' ');
}

/** Standard input is given again by its redirection; a file descriptor is gone with the process that had it. */
export function sourceWords(paths: readonly string[]): readonly string[] {
  return paths.map(sourceWord);
}

function sourceWord(path: string): string {
  return path === '-' ? path : fileWord(path);
}

function fileWord(path: string): string {
  return isNamed(path) ? shellPath(path) : UNKNOWN_FILE;
}

/** One that is not stays protected by its entries on record, where the purge goes on. */
function isReadable({ path, isGone }: ExcludeFile): boolean {
  return isNamed(path) && !isGone;
}

/** Older versions have not recorded the paths of exclude files. */
function isNamed(path: string): boolean {
  return path !== '' && !isHandedOver(path);
}

/** Without an outcome, and of a plan: the next run begins a new checkpoint, so that what is on record protects nothing there. */
function mayBeReplaced({ hasOutcomes, state }: CheckpointFacts): boolean {
  return !hasOutcomes || state === 'planned';
}

/** They protect as they did, where they still hold what they held. */
export function excludeOptions(files: readonly ExcludeFile[]): readonly string[] {
  // Of several columns one command takes one only, so that a person must choose.
  const columns = new Set(files.map(({ column }) => column).filter((column) => column !== null));
  return [
    ...new Set(files.map((file) => `--exclude ${isReadable(file) ? shellPath(file.path) : UNKNOWN_FILE}`)),
    ...Array.from(columns, (column) => `--exclude-column ${shellWord(column)}`),
    // An entry that was read otherwise once protects more: so it does again.
    ...(files.length > 0 && files.every(({ isLiteral }) => isLiteral) ? ['--exclude-literal'] : []),
  ];
}

export function excludeIdOptions(globs: readonly string[]): readonly string[] {
  return globs.map((glob) => `--exclude-id ${shellWord(glob)}`);
}

/** The options that decide what a list holds. */
function formOptions({ definition: { form, shard } }: CheckpointFacts): readonly string[] {
  return [
    ...(form.format === 'auto' ? [] : ['--format', shellWord(form.format)]),
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

/** The environment may name another account or root, or none: a list that was rehearsed elsewhere would be deleted there. */
function accountOptions({ definition: { accountId, baseUrl } }: Pick<CheckpointFacts, 'definition'>): readonly string[] {
  return ['--account-id', shellWord(accountId), ...(baseUrl === BASE_URL_DEFAULT ? [] : ['--base-url', shellWord(baseUrl)])];
}
