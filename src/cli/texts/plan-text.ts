import { escapeForTerminal } from '../../text/escape.ts';
import type { PlannedBackup, PlanSummary, ToldSuspicious } from '../../run/run-options.ts';
import { SAVING_REQUESTS } from '../../run/saving-requests.ts';
import { isCloudflare } from '../../domain/base-url.ts';
import { apiRootText } from '../../text/api-root-text.ts';
import { ruleText } from '../../text/rule-text.ts';
import { sourceText } from '../../text/source-text.ts';
import { countOf, formatBytes, formatCount, formatDuration, formatLocalTime, shortAccount, shortened } from '../../text/format.ts';

const LABEL_COLUMNS = 12;
const COUNT_COLUMNS = 10;
const ID_CHARACTERS_MAX = 40;
/** An example may name two things and the place of one. */
const EXAMPLE_CHARACTERS_MAX = 120;
const SAMPLES_MAX = 3;
const REJECTED_MAX = 5;
/** A purge that takes longer is worth a word about batch tokens. */
const LONG_MS = 600_000;
const SUGGESTED_TOKENS = 10;
const BATCH_LANE_PER_SECOND = 200;

/** What a person weighs before they type `delete N`: how many of what, which rows not, how long it will take. */
export function planText(plan: PlanSummary, nowMs: number): string {
  return [
    '',
    line('Account', shortAccount(plan.accountId), accountText(plan)),
    ...(isCloudflare(plan.baseUrl) ? [] : [line('API root', '', apiRootText(plan.baseUrl))]),
    ...plan.sources.map((source, index) => line(index === 0 ? 'Sources' : '', '', sourceText(source))),
    line('To delete', formatCount(plan.toDelete), samplesText(plan)),
    ...(plan.sendCountMax < plan.toDelete
      ? [
          line(
            'This run',
            formatCount(plan.sendCountMax),
            'of them, in source order (--limit); the next run goes on with the rest and does not ask again',
          ),
        ]
      : []),
    ...(plan.digest === undefined
      ? []
      : [line('Digest', plan.digest, `to consent without a question, to this set alone: --confirm ${plan.digest}`)]),
    line('Passed over', formatCount(passedOver(plan)), passedOverText(plan)),
    ...plan.protectedBy.map((rule, index) => line(index === 0 ? 'Protected' : '', '', ruleText(rule))),
    ...plan.suspicious.map((found, index) => line(index === 0 ? 'Look at' : '', formatCount(found.count), suspiciousText(found, plan))),
    ...(!plan.suspicious.some(({ isRefusedByStrict }) => isRefusedByStrict)
      ? []
      : [line('', '', 'They are sent as they stand, and most likely absent; --strict refuses them, --literal says that they are right')]),
    ...(plan.uncheckedPercentMax === undefined
      ? []
      : [
          line(
            'Not checked',
            '',
            `--max-deletes ${plan.uncheckedPercentMax}%: the account's image count is asked for when IDs are to be sent`,
          ),
        ]),
    ...(plan.waitingForList.length === 0 ? [] : [line('Not checked', '', waitingText(plan.waitingForList))]),
    ...(plan.backup === undefined ? [] : [line('Backup', '', backupText(plan.backup))]),
    line('Pace', '', paceText(plan, nowMs)),
    '',
    '',
  ].join('\n');
}

function waitingText(options: readonly string[]): string {
  return `${options.join(' ')}: the account's list is read when IDs are to be sent, and what it protects is not sent`;
}

function line(label: string, count: string, text: string): string {
  const start = `  ${label.padEnd(LABEL_COLUMNS)}`;
  return (count === '' ? `${start}${text}` : `${start}${count.padEnd(COUNT_COLUMNS)}  ${text}`).trimEnd();
}

function accountText({ accountImageCount, toDelete }: PlanSummary): string {
  if (accountImageCount === undefined) return 'how many images it holds is not known';
  if (accountImageCount === 0) return 'holds 0 images';
  const percent = ((toDelete * 100) / accountImageCount).toFixed(1);
  return `holds ${countOf(accountImageCount, 'image')}; this purge is ${percent} % of them`;
}

function samplesText({ samples }: PlanSummary): string {
  const isOneSource = new Set(samples.map(({ source }) => source)).size <= 1;
  const shown = samples.slice(0, SAMPLES_MAX).map(({ id, source, line }) => {
    const place = isOneSource ? `line ${line}` : `${escapeForTerminal(source)} line ${line}`;
    return `${shortened(escapeForTerminal(id), ID_CHARACTERS_MAX)} (${place})`;
  });
  return shown.length === 0 ? '' : `e.g. ${shown.join(', ')}`;
}

function passedOver(plan: PlanSummary): number {
  return plan.duplicates + plan.protected + plan.rejected + plan.skipped;
}

function passedOverText(plan: PlanSummary): string {
  const parts = [
    ['duplicates', plan.duplicates],
    ['protected', plan.protected],
    ['skipped', plan.skipped],
    ['rejected', plan.rejected],
  ] as const;
  const counts = parts.filter(([, count]) => count > 0).map(([name, count]) => `${name} ${formatCount(count)}`);
  return counts.join(', ') + rejectedText(plan);
}

function rejectedText({ rejected, rejectedSamples }: PlanSummary): string {
  if (rejected === 0 || rejectedSamples.length === 0) return '';
  const shown = rejectedSamples.slice(0, REJECTED_MAX);
  const lines = shown.map(({ line }) => String(line)).join(', ');
  return ` → ${shown.length === 1 ? 'line' : 'lines'} ${lines}${rejected > shown.length ? ', …' : ''}`;
}

function suspiciousText({ looks, likelyCause, example, source, line: number }: ToldSuspicious, { samples }: PlanSummary): string {
  const place = samples.some((sample) => sample.source !== source) ? `${escapeForTerminal(source)} line ${number}` : `line ${number}`;
  return `${looks} (such as ${shortened(escapeForTerminal(example), EXAMPLE_CHARACTERS_MAX)}, ${place}): ${likelyCause}`;
}

function backupText({ folder, space }: PlannedBackup): string {
  const saved = `each image is saved to ${escapeForTerminal(folder)} first, with ${countOf(SAVING_REQUESTS, 'more request')} for each`;
  if (space === undefined) return saved;
  const { neededBytes, freeBytes, sampleCount } = space;
  const indent = ' '.repeat(LABEL_COLUMNS + 2);
  return `${saved}\n${indent}about ${formatBytes(neededBytes)}, by a sample of ${sampleCount}; ${formatBytes(freeBytes)} are free there`;
}

function paceText({ rate, laneCount, isBatch, expectedMs, toDelete, backup }: PlanSummary, nowMs: number): string {
  if (rate.kind === 'unlimited' || expectedMs === undefined) return 'as fast as the API answers';
  const quota = isBatch ? `each of ${countOf(laneCount, 'batch token')}` : "the account's own quota";
  const per = `${formatCount(rate.requests)} in ${formatDuration(rate.perMs)} on ${quota}`;
  const expected = `${per}: about ${formatDuration(expectedMs)}, until ${formatLocalTime(nowMs + expectedMs, nowMs)}`;
  if (isBatch || backup !== undefined || expectedMs < LONG_MS) return expected;
  const batchMs = (toDelete * 1000) / (SUGGESTED_TOKENS * BATCH_LANE_PER_SECOND);
  const faster = `${SUGGESTED_TOKENS} batch tokens would take about ${formatDuration(Math.max(batchMs, 1_000))}`;
  return `${expected}\n${' '.repeat(LABEL_COLUMNS + 2)}${faster}: --batch-tokens ${SUGGESTED_TOKENS}`;
}
