import { runEnd, type RunEnd } from '../../domain/summary.ts';
import { escapeForTerminal } from '../../text/escape.ts';
import { countOf, formatCount, formatDuration, formatLocalTime } from '../../text/format.ts';
import type { MetItem, VerifyProgress, VerifyResult } from '../../verify/verify-request.ts';
import { progressText } from '../../text/progress-text.ts';

const LABEL_COLUMNS = 16;

/** ` 12,000 of 1,204,551 images read, 2 to be looked at  332/s  59 min 53 s left` */
export function verifyProgressText({ method, met, ...progress }: VerifyProgress, columns: number): string {
  const [noun, looked] = method === 'list' ? ['image', 'read'] : ['ID', 'asked for'];
  return progressText(progress, noun, `${looked}, ${formatCount(met)} to be looked at`, columns);
}

/** What was found, line by line: the counts first, then each ID that may be there. */
export function* verifyText(result: VerifyResult, nowMs: number): Generator<string> {
  const { purge, findings } = result;
  const { deleted, absent } = purge.outcomes;
  const left = purge.pending === 0 ? '' : `; ${formatCount(purge.pending)} not sent yet, and not looked for`;
  const { stillThere, uploadedAgain, unclear, listedOnlyCount } = findings;
  const rows: readonly (readonly [label: string, text: string])[] = [
    ['Purge', `${purge.state}: deleted ${formatCount(deleted)} · absent ${formatCount(absent)}${left}`],
    ['Account', `${purge.accountId}${accountText(result)}`],
    ['Looked', lookedText(result)],
    ['Still there', formatCount(stillThere.length)],
    ['Uploaded again', formatCount(uploadedAgain.length)],
    ...(unclear.length === 0 ? [] : ([['Not told', formatCount(unclear.length)]] as const)),
    ...(listedOnlyCount === 0
      ? []
      : ([['Listed only', `${formatCount(listedOnlyCount)}: the list is behind; asked for by themselves they are gone`]] as const)),
  ];
  for (const [label, text] of rows) yield `${label.padEnd(LABEL_COLUMNS)}${escapeForTerminal(text)}\n`;
  for (const item of stillThere) yield itemLine('still there', item, nowMs);
  for (const item of uploadedAgain) yield itemLine('uploaded again', item, nowMs);
  for (const item of unclear) yield itemLine('not told', item, nowMs, `: ${item.why}`);
}

/** What `--json` prints. */
export function verifyJson(result: VerifyResult): RunEnd & Readonly<Record<string, unknown>> {
  const { purge, method, isComplete, findings, imagesBefore, imagesAfter, requests, elapsedMs, exitCode, endedBecause, error } = result;
  const { stillThere, uploadedAgain, unclear } = findings;
  return {
    job: purge.job,
    state: purge.state,
    account: purge.accountId,
    baseUrl: purge.baseUrl,
    outcomes: purge.outcomes,
    pending: purge.pending,
    method: method ?? null,
    complete: isComplete,
    stillThere: stillThere.map(itemJson),
    uploadedAgain: uploadedAgain.map(itemJson),
    unclear: unclear.map((item) => ({ ...itemJson(item), why: item.why })),
    listedOnly: findings.listedOnlyCount,
    listed: findings.listedCount,
    uploadedSince: findings.uploadedSinceCount,
    asked: findings.askedCount,
    imagesBefore: imagesBefore ?? null,
    imagesAfter: imagesAfter ?? null,
    requests,
    elapsedMs: Math.round(elapsedMs),
    ...runEnd(exitCode, endedBecause, error),
  };
}

/** One sentence at the end, for stderr. */
export function verifyEndingText({ isComplete, endedBecause, error, findings, purge, requests, elapsedMs }: VerifyResult): string {
  const looked = countOf(purge.outcomes.deleted + purge.outcomes.absent, 'ID');
  const took = `in ${formatDuration(elapsedMs)} (${countOf(requests, 'request')})`;
  if (!isComplete) {
    const why = error === undefined ? `Verification ${endedBecause}: ` : '';
    return `${why}not every ID was looked for. Nothing was changed, so that the same command begins again:`;
  }
  const { stillThere, unclear } = findings;
  if (stillThere.length + unclear.length === 0) return `${looked} looked for, none still there, ${took}.`;
  const untold = unclear.length === 0 ? '' : `, of ${formatCount(unclear.length)} it cannot be told`;
  return `${looked} looked for, ${formatCount(stillThere.length)} still there${untold}, ${took}.`;
}

/** The counts are stats, which others change too. */
function accountText({ imagesBefore, imagesAfter, findings, method }: VerifyResult): string {
  if (imagesBefore === undefined) return '';
  const changed = imagesAfter === undefined || imagesAfter === imagesBefore ? '' : `, ${formatCount(imagesAfter)} at the end`;
  if (method !== 'list') return `, holds ${countOf(imagesBefore, 'image')}${changed}`;
  const { uploadedSinceCount } = findings;
  return `, holds ${countOf(imagesBefore, 'image')}${changed}; ${formatCount(uploadedSinceCount)} of them uploaded since the purge began`;
}

function lookedText({ method, findings, imagesBefore, isComplete }: VerifyResult): string {
  const { listedCount, askedCount } = findings;
  if (method === undefined) return 'at nothing';
  const asked = `${countOf(askedCount, 'ID')} asked for`;
  if (method === 'single') return `${asked}, each by itself`;
  const unlisted = imagesBefore === undefined || !isComplete ? 0 : imagesBefore - listedCount;
  const drafts = unlisted > 0 ? `; ${formatCount(unlisted)} not listed, such as drafts, cannot be looked for` : '';
  return `through the list, ${countOf(listedCount, 'image')}; ${asked} by themselves${drafts}`;
}

function itemLine(what: string, { id, outcome, atMs, uploaded }: MetItem, nowMs: number, why = ''): string {
  const was = outcome === 'deleted' ? 'deleted' : 'absent';
  const upload = uploaded === undefined ? 'time of upload unknown' : `uploaded ${uploaded}`;
  return `${escapeForTerminal(`${what}  ${id}  (${upload}, ${was} ${formatLocalTime(atMs, nowMs)})${why}`)}\n`;
}

function itemJson({ id, outcome, atMs, uploaded }: MetItem): Readonly<Record<string, unknown>> {
  return { id, outcome, at: new Date(atMs).toISOString(), uploaded: uploaded ?? null };
}
