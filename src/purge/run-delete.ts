import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { CheckpointFacts } from '../checkpoint/facts.ts';
import { storageError } from '../domain/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { carryOut, type RunTask } from './carry-out.ts';
import { refuseWithoutConsent } from './consent/confirm.ts';
import { isSameAccount } from '../inspect/other-account.ts';
import { decide, type Decision } from './decide.ts';
import { dropGuards, type GivenProtection, lostGuards, weakerGuards } from './consent/lost-guards.ts';
import { protectEffects, readAllProtectLists } from './protect-again.ts';
import { isSameList } from './found/same-list.ts';
import { setFoundAside } from './found/set-found-aside.ts';
import { newDefinition, recordedGuards } from './definition.ts';
import type { Halt } from '../run/halt.ts';
import { paceOfShard } from './pace-of-shard.ts';
import type { DeleteOptions } from '../run/run-options.ts';
import { openReport, settleReportPath } from './report-path.ts';
import { countNotHeld } from '../intake/not-held.ts';
import { closeSources, isSameFile, openedAs, openSources, recordedForm } from '../intake/sources.ts';
import type { FormOptions } from '../read/source.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { PurgeResult } from '../run/purge-result.ts';
import { orStopped } from '../run/until-aborted.ts';
import { holdAccount, withLedger } from './with-ledger.ts';

/** Beside the checkpoint; a dry run writes a report only where one is asked for. */
function defaultReportPath(options: DeleteOptions): string | undefined {
  return options.mode === 'dry-run' ? undefined : `${options.checkpointPath}.report.ndjson`;
}

/** `delete`, `plan` and the dry run: looks at the checkpoint that is there, then begins, resumes or refuses. */
export async function runDelete(options: DeleteOptions, deps: PurgeDeps): Promise<PurgeResult> {
  if (options.mode !== 'dry-run') return runOn(options, deps);
  const folder = makeDryRunFolder();
  try {
    return await runOn({ ...options, checkpointPath: join(folder, 'dry-run.checkpoint') }, deps);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function makeDryRunFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'images-purge-dry-run-'));
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw storageError(
      'TEMPORARY_FOLDER',
      `no folder for the dry run can be made in ${tmpdir()} (${cause}).`,
      ['Make room there, or name another folder in TMPDIR, then run the same command.'],
      error,
    );
  }
}

function runOn(options: DeleteOptions, deps: PurgeDeps): Promise<PurgeResult> {
  const isDryRun = options.mode === 'dry-run';
  const use = { ...options, allowNetworkCheckpoint: options.allowNetworkCheckpoint || isDryRun, removesCheckpoint: isDryRun };
  return withLedger(use, deps, (ledger, realPath, halt) => runWithLedger(options, deps, ledger, realPath, halt));
}

async function runWithLedger(
  options: DeleteOptions,
  deps: PurgeDeps,
  ledger: Ledger,
  checkpointPath: string,
  halt: Halt,
): Promise<PurgeResult> {
  const pace = paceOfShard(options.pace, options.shard);
  const facts = await ledger.ask('inspect');
  const decision = await decideOn(facts, options, ledger, deps, halt.signal);
  if (options.mode === 'delete' || options.asksEach) await holdAccount(ledger, deps, options.api, options);
  const resumed = decision.kind === 'resume' ? facts : undefined;
  // Every mistake a person can have made is reported before any file is touched.
  const reportPath = await settleReportPath(ledger, options, {
    checkpointPath,
    recorded: facts?.reportPath,
    become: decision.kind === 'begin' ? undefined : decision.kind,
    isDryRun: options.mode === 'dry-run',
    defaultPath: defaultReportPath(options),
  });
  await orStopped(readAllProtectLists(options, resumed, protectEffects(ledger, deps, halt.signal)), halt.signal, resumed);
  const mustRead = decision.kind !== 'resume' || decision.readAgain;
  const sources = mustRead
    ? await orStopped(openSources(options.sources, formToRead(options, resumed), deps, halt.signal), halt.signal, resumed)
    : undefined;
  try {
    await prepareCheckpoint(decision, facts, options, deps, ledger);
    ledger.holdWal(checkpointPath);
    await openReport(ledger, reportPath, deps, options.mode === 'dry-run');
    await ledger.ask('recordProtected');
    const { job, note } = (await ledger.ask('facts')).definition;
    deps.observer.event({
      kind: 'run.started',
      job,
      checkpointPath,
      reportPath: reportPath ?? '',
      isResumed: decision.kind === 'resume',
      pending: facts?.pending ?? 0,
      ...(note === null ? {} : { note }),
    });
    if (sources !== undefined)
      await ledger.ask(
        'beginReading',
        sources.map(({ name }, index) => ({ name, opened: openedAs(options.sources[index]) })),
      );
    return await carryOut({
      deps,
      halt,
      ledger,
      checkpointPath: options.checkpointPath,
      repeated: options.given.repeated,
      reportPath,
      pace,
      sources,
      isDeliveryUrls: options.deliveryUrls,
      isLiteral: options.form.literal,
      shard: options.shard,
      guardsBefore: resumed?.definition.guards,
      confirmedSet: options.confirmedSet,
      task: taskOf(options, !mustRead && facts?.isConfirmed === true),
    });
  } finally {
    await closeSources(sources ?? []);
  }
}

/** Throws a refusal (exit 7), or exit 2 where the purge must be confirmed and nobody can be asked. */
async function decideOn(
  facts: CheckpointFacts | undefined,
  options: DeleteOptions,
  ledger: Ledger,
  deps: PurgeDeps,
  signal: AbortSignal,
): Promise<Decision> {
  // Before anything is read; only a confirmed purge may be resumed with nobody to ask.
  refuseWithoutConsent(options, deps, facts?.isConfirmed === true);
  const decision = await decide(facts, {
    checkpointPath: options.checkpointPath,
    given: options.given,
    command: options.mode === 'plan' ? 'plan' : 'delete',
    accountId: options.api.accountId,
    baseUrl: options.api.baseUrl,
    supersede: options.supersede,
    dropsGuards: options.dropsGuards,
    lostGuards: facts === undefined ? [] : lostGuards(facts, givenProtection(options)),
    ageMsMax: options.checkpointAgeMsMax,
    nowMs: deps.clock.wallMs(),
    isSameSource: () => (facts === undefined ? Promise.resolve(false) : isSameList(facts, options, signal)),
    notHeld: (found) => orStopped(countNotHeld(found, options, { ledger, deps, halt: signal }), signal, undefined),
    isSameFile: () => Promise.resolve(facts !== undefined && isSameFile(facts, options)),
  });
  const isListUnchanged = decision.kind === 'resume' && !decision.readAgain;
  refuseWithoutConsent(options, deps, isListUnchanged && facts?.isConfirmed === true);
  return decision;
}

function givenProtection(options: DeleteOptions): GivenProtection {
  const { excludePaths, excludeIds } = options;
  return { guards: recordedGuards(options), excludePaths, excludeIds };
}

function warnOfWeakerGuards(facts: CheckpointFacts, options: DeleteOptions, { observer }: PurgeDeps): void {
  const weaker = weakerGuards(facts, givenProtection(options));
  if (weaker.length === 0) return;
  const message = `this command allows more than the purge at ${options.checkpointPath} did, which had ${weaker.join(', ')}.`;
  observer.event({ kind: 'warning', code: 'WEAKER_GUARDS', message });
}

/** Under `--strict`, now or on record, a row that may be cut off is not taken. */
function formToRead({ form, guards }: DeleteOptions, resumed: CheckpointFacts | undefined): FormOptions {
  const isStrict = guards.strict || resumed?.definition.guards.strict === true;
  return isStrict && form.lastLine === 'by-source' ? { ...form, lastLine: 'reject' } : form;
}

/** @param wasConfirmed - an earlier run was confirmed for the same list */
function taskOf(options: DeleteOptions, wasConfirmed: boolean): RunTask {
  if (options.asksEach) return { mode: options.mode, asking: { api: options.api, command: options.given.spelledWith('').trimEnd() } };
  if (options.mode !== 'delete') return { mode: options.mode };
  const { api, expectAbsent } = options;
  return {
    mode: 'delete',
    api,
    expectAbsent,
    retriesFailed: false,
    verifiesAgain: false,
    isConfirmed: options.isConfirmed || wasConfirmed,
  };
}

async function prepareCheckpoint(
  decision: Decision,
  facts: CheckpointFacts | undefined,
  options: DeleteOptions,
  deps: PurgeDeps,
  ledger: Ledger,
): Promise<void> {
  const nowMs = deps.clock.wallMs();
  // What was used of the same account's quota still counts, whichever purge it was for.
  const isSameQuota =
    facts !== undefined &&
    isSameAccount(facts.definition.accountId, options.api.accountId) &&
    facts.definition.baseUrl === options.api.baseUrl;
  const permits = isSameQuota ? await ledger.ask('recordedPermits') : [];
  const create = (): Promise<void> =>
    ledger.ask('create', newDefinition(options, randomUUID(), nowMs), options.mode !== 'delete', nowMs, permits);
  if (facts !== undefined && decision.kind !== 'resume' && facts.state !== 'finished') warnOfWeakerGuards(facts, options, deps);
  switch (decision.kind) {
    case 'begin':
      await create();
      break;
    case 'replace':
      await ledger.ask('discard');
      await create();
      break;
    case 'set-aside':
      await setFoundAside(ledger, facts, decision.stampMs, options.keepCount, deps);
      await create();
      break;
    case 'resume':
      await ledger.ask('resume');
      if (options.dropsGuards) await dropGuards(ledger, givenProtection(options));
      else await ledger.ask('addGuards', recordedGuards(options));
      if (options.note !== undefined) await ledger.ask('setNote', options.note);
      if (decision.readAgain) await ledger.ask('setReadWith', { form: recordedForm(options), shard: options.shard });
      // What is read again may be another list: it has to be confirmed again.
      if (decision.readAgain) await ledger.ask('setConfirmed', false);
  }
  await ledger.ask('setRepeated', options.given.repeated);
  // Recorded at once: a run that ends before its first DELETE must not make the next one ask what --yes has answered.
  if (options.isConfirmed) await ledger.ask('setConfirmed', true);
}
