import { runEnd } from '../../domain/summary.ts';
import type { ListRequest, ListResult } from '../../list/list-request.ts';
import { LISTING_OPTIONS } from '../../options/definitions/listing.ts';
import { keysOf } from '../../options/option-table.ts';
import { escapeInCsv, escapeInJson } from '../../text/escape.ts';
import { listRequest } from '../input/list-options.ts';
import type { Invocation } from '../invocation.ts';
import { printEnd } from '../print-json.ts';
import { connectionSecrets } from '../secrets/known-secrets.ts';
import { whileTalking } from '../run-deps.ts';
import { progressKind, type Talk } from '../talk.ts';
import { errorText } from '../texts/error-text.ts';
import { listEndingText, listProgressText } from '../texts/list-text.ts';
import type { Command } from './command.ts';
import { READING_OPTIONS } from './shared/reading-options.ts';

export const listCommand: Command = {
  name: 'list',
  summary: "list the account's images, filtered",
  description:
    "Lists the account's images as CSV, NDJSON or bare IDs, filtered. Deletes nothing. With -o, the file appears only when it is " +
    'complete, and the same command goes on where an interrupted one ended.',
  argument: undefined,
  options: [...READING_OPTIONS, ...keysOf(LISTING_OPTIONS), 'excludeColumn', 'excludeLiteral', 'allowEmptyExclude', 'output', 'force'],
  examples: [
    'images-purge list -o all.csv',
    'images-purge list --uploaded-before 90d --not-in in-use.csv -o orphans.csv',
    "images-purge list --creator user-17 --meta 'status[eq]=draft' --format ids",
  ],
  needsCredentials: true,
  run: list,
};

async function list(invocation: Invocation): Promise<number> {
  const { request, world, engines, stdout, say, style, secrets } = invocation;
  const { values } = request;
  const wanted = listRequest(request, progressKind(world, values) === 'bar');
  for (const secret of connectionSecrets({ ...wanted.api }, wanted.pace.quotaRedisUrl)) secrets.add(secret);
  const escape = wanted.format === 'ndjson' ? escapeInJson : escapeInCsv;
  const result = await whileTalking(invocation, (deps, talk) => {
    if (values.output === undefined && world.isStdoutPipe) tellOfPipe(talk);
    return engines.runList(wanted, {
      ...deps,
      writeRows: (text) => stdout.write(world.isStdoutTerminal ? escape(text) : text),
      keepHeapSmall: world.keepHeapSmall,
      compileNoMore: world.compileNoMore,
      onListProgress: (progress) => talk.startLines((columns) => listProgressText(progress(), columns), progress),
    });
  });
  await tellEnd(result, wanted, invocation);
  if (result.error !== undefined) say(errorText(result.error, style));
  say(listEndingText(result, values.output, wanted.command));
  // A reader that takes nothing would keep the process alive for ever.
  if (stdout.isWaiting()) world.exitNow(result.exitCode);
  return result.exitCode;
}

async function tellEnd(result: ListResult, { api, outPath }: ListRequest, invocation: Invocation): Promise<void> {
  if (!invocation.request.values.json) return;
  const { counts, isComplete, requests, elapsedMs, exitCode, endedBecause, error } = result;
  const { accountId: account, baseUrl } = api;
  const facts = { account, baseUrl, output: outPath ?? null, complete: isComplete, ...counts, requests, elapsedMs: Math.round(elapsedMs) };
  await printEnd({ ...facts, ...runEnd(exitCode, endedBecause, error) }, invocation);
}

/** The reader of a pipe cannot tell its end from a list that failed. A purge of half a list is what was asked for only by chance. */
function tellOfPipe({ observer }: Talk): void {
  observer.event({
    kind: 'warning',
    code: 'LIST_TO_PIPE',
    message:
      'who reads this pipe cannot tell its end from a list that failed. To delete what is listed, let the list be complete first: ' +
      'images-purge list … -o FILE, look at it, then images-purge delete FILE.',
  });
}
