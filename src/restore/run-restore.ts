import { readHeader } from '../backup/backup-folder.ts';
import { notABackup } from '../backup/backup-errors.ts';
import { LatestEntries, readEntries, whyNotWhole } from '../backup/read-backup.ts';
import type { BackupEntry, BackupHeader } from '../backup/layout.ts';
import { connectToUpload } from '../connect/connect-to-read.ts';
import { EXIT, UserError } from '../domain/errors.ts';
import { holdQuota } from '../list/hold-quota.ts';
import { exactCsvCell } from '../report/csv.ts';
import { createOutputFile } from '../report/output-file.ts';
import { createCounters, type RunCounters } from '../run/counters.ts';
import { createHalt, type Halt, outcomeOf } from '../run/halt.ts';
import { orStopped, StoppedEarly } from '../run/until-aborted.ts';
import { hasGivenId } from './given-id.ts';
import type { BackupCheck, RestoreDeps, RestorePlan, RestoreProgress, RestoreRequest, RestoreResult } from './restore-request.ts';
import { RestoreReport } from './restore-report.ts';
import { Restoring } from './restoring.ts';
import { openWanted, type Wanted } from './wanted.ts';

/** Each is asked for, and then uploaded: two requests, of which the second may take long. */
const IMAGES_AT_ONCE_MAX = 8;

/** What a run has in hand, given back in the opposite order. */
interface Run {
  readonly request: RestoreRequest;
  readonly deps: RestoreDeps;
  readonly halt: Halt;
  readonly counters: RunCounters;
  readonly releasers: AsyncDisposableStack;
  readonly counts: { restored: number; exists: number; failed: number };
  plan: RestorePlan | undefined;
  newIdCount: number;
  isComplete: boolean;
}

/** Uploads a backup again. Resolves for every ending that a person can cause; what only a bug can cause is thrown. */
export async function runRestore(request: RestoreRequest, deps: RestoreDeps): Promise<RestoreResult> {
  const run: Run = {
    request,
    deps,
    halt: createHalt(deps, Infinity),
    counters: createCounters(deps.clock.monotonicMs()),
    releasers: new AsyncDisposableStack(),
    counts: { restored: 0, exists: 0, failed: 0 },
    plan: undefined,
    newIdCount: 0,
    isComplete: false,
  };
  const { halt } = run;
  try {
    await restore(run);
  } catch (error) {
    if (error instanceof UserError) halt.fail(error);
    else if (!(error instanceof StoppedEarly)) throw error;
  } finally {
    await run.releasers.disposeAsync();
    halt.release();
  }
  halt.throwBug();
  return resultOf(run);
}

/** `--check`: reads every image of the backup and compares its hash. Nothing is sent, nothing is written. */
export async function checkBackup(folder: string, deps: Pick<RestoreDeps, 'clock' | 'stop'>): Promise<BackupCheck> {
  const halt = createHalt(deps, Infinity);
  const damaged: { id: string; file: string; why: string }[] = [];
  let [imageCount, bytes, brokenLineCount] = [0, 0, 0];
  try {
    await headerOf(folder);
    for await (const { entry } of readEntries(folder, () => brokenLineCount++)) {
      if (halt.signal.aborted) break;
      const why = await whyNotWhole(folder, entry);
      imageCount++;
      bytes += entry.bytes;
      if (why !== undefined) damaged.push({ id: entry.id, file: entry.file, why });
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    halt.fail(error);
  } finally {
    halt.release();
  }
  const outcome = outcomeOf(halt.ending);
  const isDamaged = halt.ending === undefined && damaged.length > 0;
  return { ...outcome, ...(isDamaged ? { exitCode: EXIT.doneWithFailures } : {}), imageCount, bytes, damaged, brokenLineCount };
}

async function headerOf(folder: string): Promise<BackupHeader> {
  const header = await readHeader(folder);
  if (header === undefined) throw notABackup(folder, 'it has no backup.json.');
  return header;
}

async function restore(run: Run): Promise<void> {
  const { request, deps, halt, releasers } = run;
  const { folder, api, reportPath } = request;
  const header = await headerOf(folder);
  const wanted = await orStopped(openWanted(request, deps.observer, halt.signal), halt.signal, undefined);
  releasers.use(wanted);
  const latest = new LatestEntries();
  let brokenLineCount = 0;
  for await (const placed of readEntries(folder, () => brokenLineCount++)) {
    if (halt.signal.aborted) return;
    if (wanted.isWanted(placed.entry.id)) latest.add(placed);
  }
  const report = await RestoreReport.open(reportPath, api.accountId, api.baseUrl);
  releasers.defer(() => report.close());
  run.plan = planOf(run, { header, latest, report, brokenLineCount, missing: wanted.missingFrom(latest.ids()) });
  deps.onRestorePlan(run.plan);
  await uploadAll(run, { latest, report, wanted });
}

function planOf(
  { request, counts }: Run,
  found: {
    readonly header: BackupHeader;
    readonly latest: LatestEntries;
    readonly report: RestoreReport;
    readonly brokenLineCount: number;
    readonly missing: readonly string[];
  },
): RestorePlan {
  const { header, latest, report, brokenLineCount, missing } = found;
  let newIdCount = 0;
  for (const id of latest.ids()) {
    const outcome = report.outcomeOf(id);
    if (outcome === 'restored') counts.restored++;
    else if (outcome === 'exists') counts.exists++;
    else if (hasGivenId(id)) newIdCount++;
  }
  return {
    folder: request.folder,
    fromAccountId: header.accountId,
    fromBaseUrl: header.baseUrl,
    accountId: request.api.accountId,
    baseUrl: request.api.baseUrl,
    imageCount: latest.size,
    doneCount: counts.restored + counts.exists,
    newIdCount,
    mapPath: request.mapPath,
    brokenLineCount,
    missing,
  };
}

interface Uploads {
  readonly latest: LatestEntries;
  readonly report: RestoreReport;
  readonly wanted: Wanted;
}

async function uploadAll(run: Run, uploads: Uploads): Promise<void> {
  const { request, deps, halt, counters, releasers, counts } = run;
  const { folder, pace } = request;
  const { latest, report } = uploads;
  if (latest.size > counts.restored + counts.exists) {
    releasers.use(holdQuota(request, 'images-purge restore', deps.observer));
    const options = { ...request, attemptsMax: pace.attemptsMax, atOnceMax: IMAGES_AT_ONCE_MAX };
    const { access, uploader } = await connectToUpload(options, deps, halt, counters);
    releasers.defer(() => access.close());
    deps.onRestoreProgress(() => progressOf(run, latest.size));
    const restoring = new Restoring({ folder, access, uploader, report, deps, halt: halt.signal, attemptsMax: pace.attemptsMax });
    // All take from one generator: each the next entry, once it has a place for it.
    const left = entriesLeft(run, uploads);
    await Promise.all(Array.from({ length: IMAGES_AT_ONCE_MAX }, () => uploadSome(run, restoring, left)));
  }
  await writeMap(run, report);
  run.isComplete = !halt.signal.aborted;
}

async function* entriesLeft({ request, halt }: Run, { latest, report, wanted }: Uploads): AsyncGenerator<BackupEntry> {
  for await (const placed of readEntries(request.folder)) {
    if (halt.signal.aborted) return;
    const { entry } = placed;
    if (wanted.isWanted(entry.id) && latest.isLatest(placed) && !report.isDone(entry.id)) yield entry;
  }
}

/** What fails ends the run at once, the uploads of the others too: without a report no image can be told to be done. */
async function uploadSome({ halt, counts }: Run, restoring: Restoring, left: AsyncGenerator<BackupEntry>): Promise<void> {
  try {
    for await (const entry of left) {
      const outcome = await restoring.restore(entry);
      if (outcome === undefined) return;
      if (outcome !== 'uploading') counts[outcome]++;
    }
  } catch (error) {
    halt.fail(error);
  }
}

/** Written again by each run, so that it holds those of all. */
async function writeMap(run: Run, { newIds }: RestoreReport): Promise<void> {
  run.newIdCount = newIds.size;
  if (newIds.size === 0) return;
  const file = await createOutputFile(run.request.mapPath, 'overwrite');
  try {
    await file.write('old_id,new_id\n');
    for (const [oldId, newId] of newIds) await file.write(`${exactCsvCell(oldId)},${exactCsvCell(newId)}\n`);
    await file.complete();
  } finally {
    await file.discardIfIncomplete();
  }
}

function progressOf({ counts, plan, counters, deps }: Run, total: number): RestoreProgress {
  const done = counts.restored + counts.exists + counts.failed - (plan?.doneCount ?? 0);
  const elapsedMs = deps.clock.monotonicMs() - counters.startedMs;
  return { ...counts, total, perSecond: elapsedMs === 0 ? 0 : (done * 1_000) / elapsedMs };
}

function resultOf({ halt, deps, counters, counts, plan, newIdCount, isComplete }: Run): RestoreResult {
  const isFailed = halt.ending === undefined && counts.failed + (plan?.missing.length ?? 0) > 0;
  return {
    ...outcomeOf(halt.ending),
    ...(isFailed ? { exitCode: EXIT.doneWithFailures } : {}),
    isComplete,
    plan,
    counts,
    newIdCount,
    requests: counters.requests,
    elapsedMs: deps.clock.monotonicMs() - counters.startedMs,
  };
}
