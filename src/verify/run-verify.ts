import { readBeside } from '../checkpoint/file/reader.ts';
import { resolveCheckpointPath } from '../checkpoint/file/file-system.ts';
import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { goneBeside } from '../checkpoint/gone/gone-items.ts';
import { readFacts } from '../checkpoint/read-facts.ts';
import type { AccountAccess } from '../connect/account-access.ts';
import { connectToRead, type ReadOptions } from '../connect/connect-to-read.ts';
import { EXIT, type ExitCode, UserError } from '../domain/errors.ts';
import { refuseOtherAccount } from '../inspect/other-account.ts';
import { holdQuota } from '../list/hold-quota.ts';
import { ListStopped } from '../list/pages.ts';
import { createCounters, type RunCounters } from '../run/counters.ts';
import { createHalt, type Halt, outcomeOf } from '../run/halt.ts';
import { StoppedEarly } from '../run/until-aborted.ts';
import { countImages } from './count-images.ts';
import { methodFor } from './method-for.ts';
import { Verifying } from './verifying.ts';
import type { Findings, VerifiedPurge, VerifyDeps, VerifyMethod, VerifyRequest, VerifyResult } from './verify-request.ts';

const NO_FINDINGS: Findings = {
  stillThere: [],
  uploadedAgain: [],
  unclear: [],
  listedOnlyCount: 0,
  listedCount: 0,
  uploadedSinceCount: 0,
  askedCount: 0,
};

/** What a run has in hand. */
interface Run {
  readonly request: VerifyRequest;
  readonly deps: VerifyDeps;
  readonly halt: Halt;
  readonly counters: RunCounters;
  readonly purge: VerifiedPurge;
  verifying: Verifying | undefined;
  method: VerifyMethod | undefined;
  imagesBefore: number | undefined;
  imagesAfter: number | undefined;
  isComplete: boolean;
}

/**
 * Looks in the account for what the purge at a checkpoint says is gone. The checkpoint is only read. An interrupted one begins again: it
 * has changed nothing that there would be to go on with.
 *
 * @throws `UserError` where the checkpoint cannot be read (exit 5), or is of another account (exit 7)
 */
export async function runVerify(request: VerifyRequest, deps: VerifyDeps): Promise<VerifyResult> {
  const path = resolveCheckpointPath(request.checkpointPath);
  const facts = readBeside(path, readFacts);
  refuseOtherAccount(facts, request.checkpointPath, request.accountId, request.baseUrl);
  const run: Run = {
    request,
    deps,
    halt: createHalt(deps, Infinity),
    counters: createCounters(deps.clock.monotonicMs()),
    purge: purgeOf(facts),
    verifying: undefined,
    method: undefined,
    imagesBefore: undefined,
    imagesAfter: undefined,
    isComplete: false,
  };
  try {
    await verify(run, path);
  } catch (error) {
    if (error instanceof UserError) run.halt.fail(error);
    else if (!(error instanceof ListStopped || error instanceof StoppedEarly)) throw error;
  } finally {
    run.halt.release();
  }
  run.halt.throwBug();
  return resultOf(run);
}

function purgeOf({ definition, state, outcomes, pending }: CheckpointFacts): VerifiedPurge {
  const { job, accountId, baseUrl, createdAtMs } = definition;
  return { job, state, accountId, baseUrl, outcomes, pending, createdAtMs };
}

async function verify(run: Run, checkpointPath: string): Promise<void> {
  const { request, deps, halt, counters, purge } = run;
  if (countGone(purge) === 0) {
    run.isComplete = true;
    return;
  }
  deps.keepHeapSmall();
  deps.compileNoMore();
  const api = { ...request.api, accountId: purge.accountId, baseUrl: purge.baseUrl };
  const options: ReadOptions = { ...request, api, attemptsMax: Infinity };
  await using releasers = new AsyncDisposableStack();
  releasers.use(holdQuota(options, 'images-purge verify', deps.observer));
  const access = await connectToRead(options, deps, halt, counters);
  releasers.defer(() => access.close());
  await askAccount(run, access, checkpointPath);
}

async function askAccount(run: Run, access: AccountAccess, checkpointPath: string): Promise<void> {
  const { request, deps, halt, purge } = run;
  const goneCount = countGone(purge);
  run.imagesBefore = await countImages(access);
  run.method = methodFor(goneCount, run.imagesBefore);
  run.verifying = new Verifying({
    access,
    deps,
    halt: halt.signal,
    gone: goneBeside(checkpointPath),
    purgeBeganAtMs: purge.createdAtMs,
    attemptsMax: request.pace.attemptsMax,
    method: run.method,
    total: run.method === 'list' ? run.imagesBefore : goneCount,
  });
  const { verifying } = run;
  deps.onVerifyProgress(() => verifying.progress());
  await verifying.run();
  run.isComplete = true;
  run.imagesAfter = await countImages(access);
}

function countGone({ outcomes }: VerifiedPurge): number {
  return outcomes.deleted + outcomes.absent;
}

function resultOf({ halt, deps, counters, purge, verifying, method, imagesBefore, imagesAfter, isComplete }: Run): VerifyResult {
  const { ending } = halt;
  const findings = verifying?.findings ?? NO_FINDINGS;
  return {
    ...outcomeOf(ending),
    ...(ending === undefined ? { exitCode: exitCodeFor(findings) } : {}),
    isComplete,
    purge,
    method,
    imagesBefore,
    imagesAfter,
    findings,
    requests: counters.requests,
    elapsedMs: deps.clock.monotonicMs() - counters.startedMs,
  };
}

/** What could not be told is not shown to be gone. */
function exitCodeFor({ stillThere, unclear }: Findings): ExitCode {
  return stillThere.length + unclear.length > 0 ? EXIT.doneWithFailures : EXIT.done;
}
