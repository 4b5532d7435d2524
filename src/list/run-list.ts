import { setFlagsFromString } from 'node:v8';

import { createClient } from '../cloudflare/client.ts';
import { type AccountAccess, openAccount } from '../connect/account-access.ts';
import { NO_PERMIT_MEMORY } from '../connect/permit-memory.ts';
import { EXIT, UserError } from '../domain/errors.ts';
import { VERSION } from '../domain/version.ts';
import { createCounters, type RunCounters } from '../run/counters.ts';
import { createHalt, exitCodeOfEnding, type Halt } from '../run/halt.ts';
import { orStopped, StoppedEarly } from '../run/until-aborted.ts';
import { openIdRules, type IdRules } from './id-rules.ts';
import { holdQuota } from './hold-quota.ts';
import { Listing } from './listing.ts';
import { type ListDeps, type ListRequest, type ListResult, NO_COUNTS } from './list-request.ts';
import { openListOutput } from './output/open-output.ts';
import { ResumableFile } from './output/resumable-file.ts';
import { ListStopped } from './pages.ts';

/** What a run has in hand, given back in the opposite order. */
interface Run {
  readonly request: ListRequest;
  readonly deps: ListDeps;
  readonly halt: Halt;
  readonly counters: RunCounters;
  readonly releasers: AsyncDisposableStack;
  listing: Listing | undefined;
}

/** Lists the images of the account. Resolves for every ending that a person can cause; what only a bug can cause is thrown. */
export async function runList(request: ListRequest, deps: ListDeps): Promise<ListResult> {
  const halt = createHalt(deps, Infinity);
  const counters = createCounters(deps.clock.monotonicMs());
  const run: Run = { request, deps, halt, counters, releasers: new AsyncDisposableStack(), listing: undefined };
  try {
    await list(run);
  } catch (error) {
    if (error instanceof UserError) halt.fail(error);
    else if (!(error instanceof ListStopped || error instanceof StoppedEarly)) throw error;
  } finally {
    await run.releasers.disposeAsync();
    halt.release();
  }
  halt.throwBug();
  return resultOf(run);
}

async function list(run: Run): Promise<void> {
  const { request, deps, halt, releasers } = run;
  const rules = await orStopped(openIdRules(request, deps.observer, halt.signal), halt.signal, undefined);
  releasers.use(rules);
  staySmall();
  const output = await openListOutput(request, rules.digest, deps);
  releasers.defer(() => output.close());
  run.listing = new Listing({ request, deps, halt: halt.signal, output, rules });
  if (output instanceof ResumableFile && output.isThere) return run.listing.isThere();
  if (run.listing.isDone) return run.listing.complete();

  releasers.use(holdQuota(request, deps.observer));
  const access = await connect(run);
  releasers.defer(() => access.close());
  await go(run.listing, access, run, rules);
}

/** A million images in 120 MiB instead of 200, for a third more CPU time: a page takes 20 ms where the pace allows one each 300 ms. */
function staySmall(): void {
  // Else the heap grows to 60 MB over pages of which each lives for a moment, and code is compiled that hardly runs.
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--no-opt');
}

async function go(listing: Listing, access: AccountAccess, { request, deps }: Run, rules: IdRules): Promise<void> {
  if (request.isWatched && !listing.isFiltered && rules.count === 0) {
    const stats = await access.askStats();
    if (stats === undefined) throw new ListStopped();
    if (stats.kind === 'count') listing.total = stats.current;
  }
  deps.onListProgress(() => listing.progress());
  await listing.run(access);
}

/** One request at a time: each page's token comes with the page before. */
function connect({ request, deps, halt, counters }: Run): Promise<AccountAccess> {
  const { api, pace, command } = request;
  const client = createClient({
    ...api,
    connections: 1,
    requestTimeoutMs: pace.requestTimeoutMs,
    userAgent: `images-purge/${VERSION}`,
  });
  return openAccount(client, {
    deps,
    halt,
    counters,
    accountId: api.accountId,
    baseUrl: api.baseUrl,
    // What fails by itself is asked again for as long as `--give-up-after` lasts: there is no other work meanwhile.
    pace: { ...pace, attemptsMax: Infinity },
    memory: NO_PERMIT_MEMORY,
    nextCommand: () => command,
    deletedCount: undefined,
  });
}

function resultOf({ request, deps, halt, counters, listing }: Run): ListResult {
  const { ending } = halt;
  const isComplete = listing?.isComplete ?? false;
  const error = ending?.kind === 'error' ? ending.error : undefined;
  return {
    // What ends a run that has completed its file comes too late.
    exitCode: isComplete || ending === undefined ? EXIT.done : exitCodeOfEnding(ending),
    error: isComplete ? undefined : error,
    endedBecause: isComplete
      ? 'finished'
      : (error?.code ?? (ending?.kind === 'stop-requested' ? `stopped by ${ending.request.name}` : 'stopped')),
    isComplete,
    counts: listing?.counts ?? NO_COUNTS,
    requests: counters.requests,
    elapsedMs: deps.clock.monotonicMs() - counters.startedMs,
    canGoOn: !isComplete && request.outPath !== undefined && (listing?.canGoOn ?? false),
  };
}
