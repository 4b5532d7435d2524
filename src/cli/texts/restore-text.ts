import { type RunEnd, runEnd } from '../../domain/summary.ts';
import type { BackupCheck, RestorePlan, RestoreProgress, RestoreResult } from '../../restore/restore-request.ts';
import { escapeForTerminal } from '../../text/escape.ts';
import { countOf, formatBytes, formatCount, formatDuration, shortAccount, shortened } from '../../text/format.ts';
import { progressText } from '../../text/progress-text.ts';

const MISSING_SHOWN_MAX = 5;
const ID_CHARACTERS_MAX = 60;

/** ` 120 of 1,551 images done, 118 restored  3/s  7 min 9 s left` */
export function restoreProgressText({ restored, exists, failed, total, perSecond }: RestoreProgress, columns: number): string {
  return progressText({ done: restored + exists + failed, total, perSecond }, 'image', `done, ${formatCount(restored)} restored`, columns);
}

/** What a person is told before the first upload. */
export function restorePlanText(plan: RestorePlan): string {
  const { folder, fromAccountId, fromBaseUrl, accountId, baseUrl, imageCount, doneCount, newIdCount, mapPath, brokenLineCount, missing } =
    plan;
  const isElsewhere = fromAccountId.toLowerCase() !== accountId.toLowerCase() || fromBaseUrl !== baseUrl;
  return [
    `${escapeForTerminal(folder)}: ${countOf(imageCount, 'image')} of account ${shortAccount(fromAccountId)}` +
      (doneCount === 0 ? '' : `, ${formatCount(doneCount)} of them done before`),
    ...(isElsewhere ? [`  They go into another account: ${shortAccount(accountId)} at ${escapeForTerminal(baseUrl)}`] : []),
    ...missingLines(missing),
    ...(brokenLineCount === 0
      ? []
      : [`  ${countOf(brokenLineCount, 'line')} of its manifests cut off, as a kill leaves one: no image was deleted by such a line`]),
    ...(newIdCount === 0
      ? []
      : [
          `  ${countOf(newIdCount, 'image')} had an ID that Cloudflare gave: nobody can have that again.`,
          '  New IDs, with the old ones beside them:',
          `    ${escapeForTerminal(mapPath)}`,
        ]),
    '',
  ].join('\n');
}

function missingLines(missing: readonly string[]): readonly string[] {
  if (missing.length === 0) return [];
  const shown = missing.slice(0, MISSING_SHOWN_MAX).map((id) => shortened(escapeForTerminal(id), ID_CHARACTERS_MAX));
  const more = missing.length - shown.length;
  const others = more === 0 ? '' : ` and ${formatCount(more)} more${NAMES_ALL}`;
  return [`  ${countOf(missing.length, 'ID')} of --only ${missing.length === 1 ? 'is' : 'are'} not in it: ${shown.join(', ')}${others}`];
}

/** What is said at the end, below the error where there is one. */
export function restoreEndingText(result: RestoreResult, reportPath: string, command: string): string {
  const { plan, counts, isComplete, error, endedBecause, newIdCount, requests, elapsedMs } = result;
  if (plan === undefined) return error === undefined ? `Restore ${endedBecause}: nothing was sent.\n` : '';
  const { restored, exists, failed } = counts;
  const told = `${formatCount(restored)} restored, ${formatCount(exists)} there already, ${formatCount(failed)} failed`;
  const head = isComplete
    ? `${countOf(plan.imageCount, 'image')}: ${told}, in ${formatDuration(elapsedMs)} (${countOf(requests, 'request')})`
    : `Restore ${error === undefined ? endedBecause : 'stopped'}: ${told}, of ${countOf(plan.imageCount, 'image')}`;
  return [
    head,
    ...missingLines(plan.missing),
    `  Report: ${escapeForTerminal(reportPath)}`,
    ...(newIdCount === 0 ? [] : [`  ${countOf(newIdCount, 'new ID')}: ${escapeForTerminal(plan.mapPath)}`]),
    ...(isComplete && failed === 0
      ? []
      : [`  The same command goes on there${failed === 0 ? '' : ', and tries again what failed'}:`, `    ${command}`]),
    '',
  ].join('\n');
}

export function restoreJson(result: RestoreResult, reportPath: string): RunEnd & Readonly<Record<string, unknown>> {
  const { plan, counts, isComplete, newIdCount, requests, elapsedMs, exitCode, endedBecause, error } = result;
  return {
    folder: plan?.folder ?? null,
    images: plan?.imageCount ?? null,
    ...counts,
    missing: plan?.missing ?? [],
    newIds: newIdCount,
    newIdsFile: newIdCount === 0 ? null : (plan?.mapPath ?? null),
    report: reportPath,
    complete: isComplete,
    requests,
    elapsedMs: Math.round(elapsedMs),
    ...runEnd(exitCode, endedBecause, error),
  };
}

const DAMAGED_SHOWN_MAX = 20;
const NAMES_ALL = ': --json names all';

export function checkEndingText({ imageCount, bytes, damaged, brokenLineCount, error }: BackupCheck, folder: string): string {
  if (error !== undefined) return '';
  return [
    `${escapeForTerminal(folder)}: ${countOf(imageCount, 'image')} read (${formatBytes(bytes)}), ` +
      (damaged.length === 0 ? 'all whole' : `${formatCount(damaged.length)} not whole`),
    ...damaged.slice(0, DAMAGED_SHOWN_MAX).map(({ id, file, why }) => `  ${escapeForTerminal(id)}: ${file}: ${why}`),
    ...(damaged.length > DAMAGED_SHOWN_MAX ? [`  and ${formatCount(damaged.length - DAMAGED_SHOWN_MAX)} more${NAMES_ALL}`] : []),
    ...(brokenLineCount === 0 ? [] : [`  ${countOf(brokenLineCount, 'line')} of its manifests cut off, as a kill leaves one`]),
    '',
  ].join('\n');
}

export function checkJson(check: BackupCheck, folder: string): RunEnd & Readonly<Record<string, unknown>> {
  const { imageCount: images, bytes, damaged, brokenLineCount: brokenLines, exitCode, endedBecause, error } = check;
  return { folder, images, bytes, damaged, brokenLines, ...runEnd(exitCode, endedBecause, error) };
}
