import { usageError } from '../../domain/errors.ts';
import { parsePattern } from '../../domain/spelling/wildcards.ts';
import type { ListFilters } from '../../list/filters.ts';
import { instantMs } from '../../list/image.ts';
import type { ListRequest } from '../../list/list-request.ts';
import { parseMetaCondition } from '../../list/meta-condition.ts';
import { FIELDS_DEFAULT, parseFields } from '../../list/rows.ts';
import type { OptionValues } from '../../options/option-table.ts';
import { durationMs } from '../../options/parse/duration.ts';
import { givenCommand } from '../../options/repeated-options.ts';
import type { CommandRequest } from '../invocation.ts';
import { accessOf, addressOf, paceOf } from './api-options.ts';
import { refuseSharedPaths } from './paths.ts';

/** `list`: everything decided, every default applied. */
export function listRequest(request: CommandRequest, isWatched: boolean): ListRequest {
  const { values, cwd, given } = request;
  refuseContradictions(values);
  refuseOwnFiles(request);
  const api = { ...addressOf(values), ...accessOf(request) };
  const { listFormat: format, sort, listLimit, excludeColumn, excludeLiteral, allowEmptyExclude, uploadedBefore, uploadedAfter } = values;
  const fields =
    format === 'ids' ? (['id'] as const) : values.fields === undefined ? FIELDS_DEFAULT : parseFields(values.fields, '--fields');
  return {
    api,
    pace: paceOf(request),
    format,
    fields,
    sortOrder: sort,
    countMax: listLimit,
    filtersAt: filtersOf(values),
    inPaths: values.in,
    notInPaths: values.notIn,
    idFiles: { excludeColumn, excludeLiteral, allowEmptyExclude },
    asked: {
      account: api.accountId.toLowerCase(),
      baseUrl: api.baseUrl,
      format,
      fields,
      sort,
      limit: listLimit === Infinity ? null : listLimit,
      uploadedBefore: uploadedBefore ?? null,
      uploadedAfter: uploadedAfter ?? null,
      creator: creatorOf(values) ?? null,
      meta: values.meta,
      filename: values.filename ?? null,
      id: values.id ?? null,
      prefix: values.prefix ?? null,
      signed: signedOf(values) ?? null,
      in: values.in.length,
      notIn: values.notIn.length,
      isLiteral: excludeLiteral,
    },
    outPath: values.output,
    overwrites: values.force,
    isWatched,
    command: givenCommand('images-purge list', given, values, cwd).spelledWith('').trimEnd(),
  };
}

function filtersOf(values: OptionValues): (nowMs: number) => ListFilters {
  const { filename, id, prefix } = values;
  const before = parseWhen(values.uploadedBefore, '--uploaded-before');
  const after = parseWhen(values.uploadedAfter, '--uploaded-after');
  const fixed = {
    creator: creatorOf(values),
    meta: values.meta.map((text) => parseMetaCondition(text, '--meta')),
    filename: filename === undefined ? undefined : parsePattern(filename),
    id: id === undefined ? undefined : parsePattern(id),
    prefix,
    requireSignedURLs: signedOf(values),
  };
  return (nowMs) => ({ ...fixed, uploadedBeforeMs: before?.(nowMs), uploadedAfterMs: after?.(nowMs) });
}

function creatorOf({ creator, noCreator }: OptionValues): string | undefined {
  return noCreator ? '' : creator;
}

function signedOf({ requireSignedUrls, noRequireSignedUrls }: OptionValues): boolean | undefined {
  return requireSignedUrls ? true : noRequireSignedUrls ? false : undefined;
}

const DATE = /^\d{4}-\d\d-\d\d$/;

/** A day begins at midnight UTC. @returns the time, once it is known what ages count from */
function parseWhen(text: string | undefined, label: string): ((nowMs: number) => number) | undefined {
  if (text === undefined) return undefined;
  const trimmed = text.trim();
  const ageMs = durationMs(trimmed);
  if (ageMs !== undefined) return (nowMs) => nowMs - ageMs;
  const atMs = instantMs(DATE.test(trimmed) ? `${trimmed}T00:00:00Z` : trimmed);
  if (atMs !== undefined) return () => atMs;
  throw usageError(
    'OPTION_VALUE',
    `${label} must be a date, a time with its zone or an age, got ${JSON.stringify(text)}`,
    'Examples: 2026-01-31 (midnight UTC), 2026-01-31T08:00:00+01:00, 90d',
  );
}

/** stdout can carry one of the two only; and nothing is of a creator and of none. */
function refuseContradictions(values: OptionValues): void {
  const conflicts: readonly (readonly [boolean, string, string])[] = [
    [values.json && values.output === undefined, '--json and the list both write to stdout', 'Give the list a file: -o FILE'],
    [values.noCreator && values.creator !== undefined, '--creator and --no-creator contradict each other', 'Give one of them.'],
    [
      values.requireSignedUrls && values.noRequireSignedUrls,
      '--require-signed-urls and --no-require-signed-urls contradict each other',
      'Give one of them.',
    ],
    [values.force && values.output === undefined, '--force says what becomes of a file, and none is given', 'Name it: -o FILE'],
  ];
  const found = conflicts.find(([isMet]) => isMet);
  if (found !== undefined) throw usageError(found[1].includes('stdout') ? 'STDOUT_TWICE' : 'OPTION_CONFLICT', found[1], found[2]);
}

/** A list over one of the files that choose its images would destroy that file. */
function refuseOwnFiles({ values, cwd, realPath }: CommandRequest): void {
  const read = [...values.in.map((path) => ({ label: '--in', path })), ...values.notIn.map((path) => ({ label: '--not-in', path }))];
  const written = [
    ...(values.output === undefined ? [] : [{ label: '--output', path: values.output }]),
    ...(values.logFile === undefined ? [] : [{ label: '--log-file', path: values.logFile }]),
  ];
  refuseSharedPaths(written, read, cwd, realPath);
}
