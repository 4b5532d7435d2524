import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { guardError, storageError, type UserError } from '../domain/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { carryOut } from './carry-out.ts';
import { noOneToAsk } from './consent/confirm.ts';
import { refuseOtherAccount } from '../inspect/other-account.ts';
import { refuseTooOld } from './decide.ts';
import type { Halt } from '../run/halt.ts';
import { goingOn } from './found/in-the-way.ts';
import type { ResumeOptions } from '../run/run-options.ts';
import { needsWholeList } from '../plan/guards.ts';
import { paceOfShard } from './pace-of-shard.ts';
import { dropGuards, NO_GUARDS } from './consent/lost-guards.ts';
import { protectEffects, readAllProtectLists } from './protect-again.ts';
import { openReport, settleReportPath } from './report-path.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { PurgeResult } from '../run/purge-result.ts';
import { orStopped } from '../run/until-aborted.ts';
import { holdAccount, withLedger } from './with-ledger.ts';

/** `resume`: continues a purge from its checkpoint alone, or carries out a plan. */
export function runResume(options: ResumeOptions, deps: PurgeDeps): Promise<PurgeResult> {
  return withLedger({ ...options, removesCheckpoint: false }, deps, (ledger, realPath, halt) =>
    runWithLedger(options, deps, ledger, realPath, halt),
  );
}

async function runWithLedger(
  options: ResumeOptions,
  deps: PurgeDeps,
  ledger: Ledger,
  checkpointPath: string,
  halt: Halt,
): Promise<PurgeResult> {
  const facts = await ledger.ask('inspect');
  if (facts === undefined) throw missingCheckpoint(options.checkpointPath);
  refuse(facts, options, deps);
  await holdAccount(ledger, deps, facts.definition, { pace: options.pace, shard: facts.definition.shard });
  const reportPath = await settleReportPath(ledger, options, {
    checkpointPath,
    recorded: facts.reportPath,
    become: 'resume',
    isDryRun: false,
    defaultPath: undefined,
  });
  await orStopped(readAllProtectLists(options, facts, protectEffects(ledger, deps, halt.signal)), halt.signal, facts);

  await ledger.ask('resume');
  ledger.holdWal(checkpointPath);
  const { verifies, newerThanMs, backupFolder } = options;
  const guards = { ...NO_GUARDS, verifies, newerThanMs, backupFolder };
  if (options.dropsGuards) await dropGuards(ledger, { ...options, guards });
  else await ledger.ask('addGuards', guards);
  await recordGiven(options, ledger);
  await openReport(ledger, reportPath, deps, false);
  await ledger.ask('recordProtected');
  const { definition } = facts;
  const note = options.note ?? definition.note;
  deps.observer.event({
    kind: 'run.started',
    job: definition.job,
    checkpointPath,
    reportPath: reportPath ?? '',
    isResumed: true,
    pending: facts.pending,
    ...(note === null ? {} : { note }),
  });
  return carryOut({
    deps,
    halt,
    ledger,
    checkpointPath: options.checkpointPath,
    repeated: options.given.repeated,
    reportPath,
    pace: paceOfShard(options.pace, definition.shard),
    sources: undefined,
    isDeliveryUrls: definition.form.deliveryUrls,
    isLiteral: definition.form.literal,
    shard: definition.shard,
    guardsBefore: options.dropsGuards ? NO_GUARDS : definition.guards,
    confirmedSet: options.confirmedSet,
    task: {
      mode: 'delete',
      api: {
        accountId: definition.accountId,
        baseUrl: definition.baseUrl,
        batchBaseUrl: options.batchBaseUrl,
        credentials: options.credentials,
        proxy: options.proxy,
      },
      expectAbsent: options.expectAbsent,
      retriesFailed: options.retryFailed,
      verifiesAgain: options.verifies,
      isConfirmed: options.isConfirmed || facts.isConfirmed,
    },
  });
}

async function recordGiven({ note, given, isConfirmed }: ResumeOptions, ledger: Ledger): Promise<void> {
  if (note !== undefined) await ledger.ask('setNote', note);
  await ledger.ask('setRepeated', given.repeated);
  if (isConfirmed) await ledger.ask('setConfirmed', true);
}

function refuse(facts: CheckpointFacts, options: ResumeOptions, deps: PurgeDeps): void {
  const { checkpointPath } = options;
  refuseOtherAccount(facts, checkpointPath, options.accountId, options.baseUrl);
  if (facts.state !== 'finished') refuseTooOld(facts, checkpointPath, options.checkpointAgeMsMax, deps.clock.wallMs());
  const isConfirmed = options.isConfirmed || facts.isConfirmed || options.confirmedSet !== undefined;
  const mustKnowTheSet = options.confirmedSet !== undefined || mustKnowTheEnd(facts, isConfirmed);
  if (!facts.intake.complete && mustKnowTheSet) throw intakeUnfinished(facts, options);
  if (!isConfirmed && deps.ask === undefined && facts.pending > 0) {
    throw noOneToAsk();
  }
}

function mustKnowTheEnd(facts: CheckpointFacts, isConfirmed: boolean): boolean {
  return facts.state === 'planned' || !isConfirmed || needsWholeList(facts.definition.guards);
}

function intakeUnfinished(facts: CheckpointFacts, { checkpointPath, given }: ResumeOptions): UserError {
  const names = facts.sources.map(({ path }) => path).join(', ');
  return guardError(
    'INTAKE_UNFINISHED',
    `${checkpointPath} does not hold the whole list: ${names} was not read to its end, and this purge waits for it; nothing was sent.`,
    `Give the source again:  ${goingOn(facts, { checkpointPath, given })}`,
  );
}

function missingCheckpoint(path: string): UserError {
  return storageError('CHECKPOINT_MISSING', `there is no checkpoint ${path}.`, [
    'Check the path; `images-purge delete` names it when it ends.',
  ]);
}
