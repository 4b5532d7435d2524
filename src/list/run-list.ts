import type { AccountAccess } from '../connect/account-access.ts';
import { connectToRead } from '../connect/connect-to-read.ts';
import { UserError } from '../domain/errors.ts';
import { createCounters, type RunCounters } from '../run/counters.ts';
import { createHalt, type Halt, outcomeOf } from '../run/halt.ts';
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
  deps.keepHeapSmall();
  const rules = await orStopped(openIdRules(request, deps.observer, halt.signal), halt.signal, undefined);
  releasers.use(rules);
  // Not before: code that goes through millions of IDs is worth compiling.
  deps.compileNoMore();
  const output = await openListOutput(request, rules.digest, deps);
  releasers.defer(() => output.close());
  run.listing = new Listing({ request, deps, halt: halt.signal, output, rules });
  if (output instanceof ResumableFile && output.isThere) return run.listing.isThere();
  if (run.listing.isDone) return run.listing.complete();

  releasers.use(holdQuota(request, 'images-purge list', deps.observer));
  const access = await connectToRead({ ...request, attemptsMax: Infinity }, deps, halt, run.counters);
  releasers.defer(() => access.close());
  await go(run.listing, access, run, rules);
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

function resultOf({ request, deps, halt, counters, listing }: Run): ListResult {
  const isComplete = listing?.isComplete ?? false;
  return {
    // What ends a run that has completed its file comes too late.
    ...outcomeOf(isComplete ? undefined : halt.ending),
    isComplete,
    counts: listing?.counts ?? NO_COUNTS,
    requests: counters.requests,
    elapsedMs: deps.clock.monotonicMs() - counters.startedMs,
    canGoOn: !isComplete && request.outPath !== undefined && (listing?.canGoOn ?? false),
  };
}
