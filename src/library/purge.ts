import { resolve } from 'node:path';

import type { LibraryOptions, OptionKey, OptionValues } from '../options/option-table.ts';
import { refuseAskingToDelete } from '../options/check-exists.ts';
import { givenCommand } from '../options/repeated-options.ts';
import { paceOptions } from '../options/pace-defaults.ts';
import type { Credentials } from '../cloudflare/types.ts';
import { BASE_URL_DEFAULT } from '../domain/base-url.ts';
import { usageError, UserError } from '../domain/errors.ts';
import type { Summary } from '../domain/summary.ts';
import type { ProgressSnapshot, PurgeEvent } from '../observe/events.ts';
import type { DeleteOptions, GivenCommand, ListOptions } from '../run/run-options.ts';
import { runDelete } from '../purge/run-delete.ts';
import { BY_DETECTION } from '../read/source.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { PurgeResult } from '../run/purge-result.ts';
import { realClock } from '../run/real-clock.ts';
import { libraryValues } from './options.ts';

export type PurgeCredentials = { readonly apiToken: string } | { readonly email: string; readonly apiKey: string };

/** What `purge` needs, and the options of `images-purge delete` under their names in camelCase. */
export interface PurgeOptions extends LibraryOptions {
  /** The IDs to delete; read once, with backpressure. */
  readonly ids: AsyncIterable<string> | Iterable<string>;
  /** 32 hexadecimal characters. */
  readonly accountId: string;
  readonly credentials: PurgeCredentials;
  /** Where the purge is kept; calling `purge` with the same path resumes it. */
  readonly checkpoint: string;
  /** Stops gracefully: what is in flight is answered and recorded, the rest stays pending. */
  readonly signal?: AbortSignal;
  /** Called about twice a second while the purge runs. */
  readonly onProgress?: (progress: ProgressSnapshot) => void;
  readonly onEvent?: (event: PurgeEvent) => void;
}

/** A purge that was refused or could not go on; what was done before is in the checkpoint and in `summary`. */
export class PurgeError extends Error {
  /** Stable: `CHECKPOINT_LOCKED`, `REFUSED_CREDENTIALS`, … */
  readonly code: string;
  /** What the command would have exited with. */
  readonly exitCode: number;
  readonly nextSteps: readonly string[];
  readonly summary: Summary | undefined;

  constructor(error: UserError, summary: Summary | undefined) {
    super(error.message, { cause: error });
    this.name = 'PurgeError';
    this.code = error.code;
    this.exitCode = error.exitCode;
    this.nextSteps = error.nextSteps;
    this.summary = summary;
  }
}

const PROGRESS_EVERY_MS = 500;

/**
 * Deletes images. Calling it is the confirmation: nobody is asked.
 *
 * @returns the summary of a purge that finished, reached a limit or was stopped by `signal`; its `exitCode` tells which
 * @throws {PurgeError} where it was refused or could not go on
 */
export async function purge(options: PurgeOptions): Promise<Summary> {
  const stopping = new AbortController();
  const onAbort = (): void => stopping.abort({ exitCode: 130, name: 'the program’s AbortSignal' });
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted === true) onAbort();
  let timer: NodeJS.Timeout | undefined;
  const deps: PurgeDeps = {
    clock: realClock(),
    random: Math.random,
    observer: { event: (event) => options.onEvent?.(event) },
    ask: undefined,
    stop: stopping.signal,
    writeReportText: () => Promise.reject(new Error('a program reads the report from its file')),
    onProgressReady(snapshot) {
      const { onProgress } = options;
      if (onProgress !== undefined) timer = setInterval(() => onProgress(snapshot()), PROGRESS_EVERY_MS);
    },
  };
  try {
    return summaryOrThrow(await runDelete(deleteOptionsOf(options), deps));
  } catch (error) {
    throw error instanceof UserError ? new PurgeError(error, undefined) : error;
  } finally {
    clearInterval(timer);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

function summaryOrThrow({ summary, error, exitCode, endedBecause }: PurgeResult): Summary {
  if (error !== undefined) throw new PurgeError(error, summary);
  if (summary !== undefined) return summary;
  throw new PurgeError(
    new UserError({
      code: 'STOPPED_EARLY',
      exitCode,
      message: `${endedBecause} before there was a purge to resume; nothing was sent`,
      nextSteps: ['Give the same IDs again.'],
    }),
    undefined,
  );
}

function deleteOptionsOf(options: PurgeOptions): DeleteOptions {
  const { ids, credentials: givenCredentials, signal: _signal, onProgress: _onProgress, onEvent: _onEvent, ...given } = options;
  const values = libraryValues(given);
  if (values.report === '-') throw usageError('REPORT_STDOUT', 'a program reads the report from its file', 'Give report a path.');
  const { accountId = '', baseUrl = BASE_URL_DEFAULT, checkpoint = '' } = values;
  const credentials = credentialsOf(givenCredentials);
  const list: ListOptions = {
    given: givenByProgram(given, values),
    sources: [{ kind: 'values', values: ids }],
    form: { ...BY_DETECTION, format: 'lines', literal: values.literal },
    deliveryUrls: values.deliveryUrls,
    shard: values.shard ?? null,
    excludePaths: values.exclude,
    excludeColumn: values.excludeColumn,
    excludeLiteral: values.excludeLiteral,
    allowEmptyExclude: values.allowEmptyExclude,
    excludeIds: values.excludeId,
    newerThanMs: values.protectNewerThan,
    checkpointPath: checkpoint,
    allowNetworkCheckpoint: values.allowNetworkCheckpoint,
    reportPath: values.report,
    // Whatever is there to be read belongs to the program.
    isStdoutTaken: true,
    refuseRecordedReport: () => undefined,
    keepCount: values.keep,
    supersede: values.supersede,
    dropsGuards: values.dropGuards,
    checkpointAgeMsMax: values.maxAge,
    pace: paceOptions(values, values.quotaRedis),
    guards: {
      strict: values.strict,
      idCountMin: values.minIds,
      deletesMax: values.maxDeletes,
      protectedCountMin: values.minProtected,
      failOnAbsent: values.failOnAbsent,
      verifies: values.verify,
      backupFolder: values.backup === undefined ? null : resolve(values.backup),
    },
    expectAbsent: values.expectAbsent,
    isConfirmed: values.confirm === undefined,
    confirmedSet: values.confirm,
    note: values.note,
  };
  const proxy = { httpProxy: undefined, httpsProxy: undefined, noProxy: undefined };
  refuseAskingToDelete(values);
  if (values.checkExists) return { ...list, mode: 'dry-run', asksEach: true, api: { accountId, baseUrl, credentials, proxy } };
  // The credentials were checked as for a purge, but a dry run is not given them.
  if (values.dryRun) return { ...list, mode: 'dry-run', api: { accountId, baseUrl } };
  return { ...list, mode: 'delete', api: { accountId, baseUrl, batchBaseUrl: values.batchBaseUrl, credentials, proxy } };
}

/** A program cannot paste a command, but a person who reads its log can: pace and brakes are in it. */
function givenByProgram(given: LibraryOptions, values: OptionValues): GivenCommand {
  const texts = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key as OptionKey, [value].flat().map(String)] as const);
  return {
    ...givenCommand('', new Map(texts), values, '.'),
    spelledWith: (options) => `the same call, with what ${options} means`,
  };
}

function credentialsOf(given: PurgeCredentials): Credentials {
  const credentials: Credentials =
    'apiToken' in given ? { kind: 'token', token: given.apiToken } : { kind: 'key', email: given.email, key: given.apiKey };
  const parts = credentials.kind === 'token' ? [credentials.token] : [credentials.email, credentials.key];
  if (!parts.every((part) => typeof part === 'string' && /^[\x21-\x7e]+$/.test(part))) {
    throw usageError(
      'CREDENTIALS_MALFORMED',
      'the credentials are empty or hold characters that no header can carry',
      'Give apiToken, or email with apiKey.',
    );
  }
  return credentials;
}
