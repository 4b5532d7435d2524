import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { resolveReportPath } from '../checkpoint/report-state.ts';
import { UserError } from '../domain/errors.ts';
import { type Ledger, startLedger } from '../ledger/ledger.ts';
import { carryOut } from './carry-out.ts';
import { decide, type Decision } from './decide.ts';
import { newDefinition, recordedForm, recordedGuards } from './definition.ts';
import { createHalt } from './ending.ts';
import type { DeleteOptions } from './options.ts';
import { readProtectLists } from './protect-list.ts';
import { refusedResult } from './refused-result.ts';
import { joinCommitted } from './report-to-stdout.ts';
import { closeSources, isSameSource, openSources } from './sources.ts';
import type { PurgeDeps, PurgeResult } from './types.ts';

/** Beside the checkpoint; a dry run writes a report only where one is asked for. */
function defaultReportPath(options: DeleteOptions): string | undefined {
  return options.mode === 'dry-run' ? undefined : `${options.checkpointPath}.report.ndjson`;
}

/** `delete`, `plan` and the dry run: finds out what lies at the checkpoint, then begins, goes on or refuses. */
export async function runDelete(options: DeleteOptions, deps: PurgeDeps): Promise<PurgeResult> {
  if (options.mode !== 'dry-run') return runOn(options, deps);
  const folder = mkdtempSync(join(tmpdir(), 'images-purge-dry-run-'));
  try {
    return await runOn({ ...options, checkpointPath: join(folder, 'dry-run.checkpoint') }, deps);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function runOn(options: DeleteOptions, deps: PurgeDeps): Promise<PurgeResult> {
  const ledger = startLedger();
  try {
    return await runWithLedger(options, deps, ledger);
  } catch (error) {
    if (error instanceof UserError) return refusedResult(error, options.checkpointPath, options.reportPath);
    throw error;
  } finally {
    await ledger.close({ removeCheckpoint: options.mode === 'dry-run' });
  }
}

async function runWithLedger(options: DeleteOptions, deps: PurgeDeps, ledger: Ledger): Promise<PurgeResult> {
  const { path: checkpointPath, warning } = await ledger.ask('lock', options.checkpointPath, options.allowNetworkCheckpoint || options.mode === 'dry-run');
  if (warning !== undefined) deps.observer.event({ kind: 'warning', code: 'CHECKPOINT_FILE_SYSTEM', message: warning });
  const facts = await ledger.ask('inspect');
  const decision = await decide(facts, {
    checkpointPath: options.checkpointPath,
    command: options.mode === 'plan' ? 'plan' : 'delete',
    accountId: options.api.accountId,
    baseUrl: options.api.baseUrl,
    supersede: options.supersede,
    ageMsMax: options.checkpointAgeMsMax,
    nowMs: deps.clock.wallMs(),
    isSameSource: () => (facts === undefined ? Promise.resolve(false) : isSameSource(facts, options)),
  });
  // Everything a person can have got wrong comes to light before anything that lies there is touched.
  await readProtectLists(options.excludePaths, options.allowEmptyExclude, ledger);
  const mustRead = decision.kind !== 'go-on' || decision.readAgain;
  const sources = mustRead ? await openSources(options.sources, options.form) : undefined;
  const recordedReport = decision.kind === 'go-on' ? facts?.reportPath : undefined;
  const reportPath = options.reportPath ?? (recordedReport === undefined ? defaultReportPath(options) : resolveReportPath(checkpointPath, recordedReport) ?? recordedReport);
  try {
    await prepareCheckpoint(decision, options, deps, ledger);
    // The report is open before rows are protected: each of them gets its line.
    const openedReport = joinCommitted(await ledger.ask('openReport', reportPath), await ledger.ask('applyProtected'));
    deps.observer.event({ kind: 'run.started', job: (await ledger.ask('facts')).definition.job, checkpointPath, reportPath: reportPath ?? '', isGoingOn: decision.kind === 'go-on', pending: facts?.pending ?? 0 });
    if (sources !== undefined) await ledger.ask('beginReading', sources.map(({ name }) => name));
    return await carryOut({
      deps,
      halt: createHalt((error) => error instanceof UserError),
      ledger,
      checkpointPath: options.checkpointPath,
      reportPath,
      openedReport,
      mode: options.mode,
      api: options.api,
      pace: options.pace,
      sources,
      isDeliveryUrls: options.deliveryUrls,
      expectAbsent: options.expectAbsent,
      isConfirmed: options.isConfirmed || (!mustRead && facts?.isConfirmed === true),
    });
  } finally {
    await closeSources(sources ?? []);
  }
}

async function prepareCheckpoint(decision: Decision, options: DeleteOptions, deps: PurgeDeps, ledger: Ledger): Promise<void> {
  const nowMs = deps.clock.wallMs();
  const create = (): Promise<void> => ledger.ask('create', newDefinition(options, randomUUID(), nowMs), options.mode === 'plan', nowMs);
  switch (decision.kind) {
    case 'begin':
      await create();
      break;
    case 'replace':
      await ledger.ask('discard');
      await create();
      break;
    case 'set-aside':
      await ledger.ask('setAside', decision.stampMs, options.keepCount);
      await create();
      break;
    case 'go-on':
      await ledger.ask('goOn');
      await ledger.ask('addGuards', recordedGuards(options.guards));
      if (decision.readAgain) await ledger.ask('setForm', recordedForm(options));
      if (decision.readAgain && !options.isConfirmed) await ledger.ask('markUnconfirmed');
  }
}

