import { createClient } from '../cloudflare/client.ts';
import { readerOf } from '../cloudflare/reader-of.ts';
import type { CloudflareClient, ImageUploader } from '../cloudflare/types.ts';
import { VERSION } from '../domain/version.ts';
import type { RunCounters } from '../run/counters.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { Halt } from '../run/halt.ts';
import type { ApiOptions, PaceOptions } from '../run/run-options.ts';
import { type AccountAccess, openAccount } from './account-access.ts';
import { NO_PERMIT_MEMORY } from './permit-memory.ts';

/** Where a command that only reads asks, and how fast. */
export interface ReadOptions {
  readonly api: Pick<ApiOptions, 'accountId' | 'baseUrl' | 'credentials' | 'proxy'>;
  readonly pace: PaceOptions;
  /** In place of `--max-attempts`; `Infinity`: what fails by itself is asked again for as long as `--give-up-after` lasts. */
  readonly attemptsMax: number;
  /** The whole command, to be pasted into a shell. */
  readonly command: string;
}

/** Opens the account for a command that only reads. It asks one question at a time. */
export function connectToRead(options: ReadOptions, deps: PurgeDeps, halt: Halt, counters: RunCounters): Promise<AccountAccess> {
  return openWith(clientFor(options, 1), options, deps, halt, counters);
}

/** The same for a command that uploads. @param options.atOnceMax - so many questions are asked at once at most */
export async function connectToUpload(
  options: ReadOptions & { readonly atOnceMax: number },
  deps: PurgeDeps,
  halt: Halt,
  counters: RunCounters,
): Promise<{ readonly access: AccountAccess; readonly uploader: ImageUploader }> {
  const client = clientFor(options, options.atOnceMax);
  return { access: await openWith(client, options, deps, halt, counters), uploader: client };
}

function clientFor({ api, pace }: ReadOptions, connections: number): CloudflareClient {
  return createClient({ ...api, connections, requestTimeoutMs: pace.requestTimeoutMs, userAgent: `images-purge/${VERSION}` });
}

function openWith(
  client: CloudflareClient,
  { api, pace, attemptsMax, command }: ReadOptions,
  deps: PurgeDeps,
  halt: Halt,
  counters: RunCounters,
): Promise<AccountAccess> {
  // A dry run is among these commands: what it holds cannot delete, whatever a type says.
  return openAccount(readerOf(client), {
    deps,
    halt,
    counters,
    accountId: api.accountId,
    baseUrl: api.baseUrl,
    pace: { ...pace, attemptsMax },
    memory: NO_PERMIT_MEMORY,
    nextCommand: () => command,
    deletedCount: undefined,
  });
}
