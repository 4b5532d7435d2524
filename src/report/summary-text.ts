import { escapeForTerminal } from '../text/escape.ts';
import { countOf, formatCount, formatDuration } from '../text/format.ts';
import { isCloudflare } from '../domain/base-url.ts';
import { apiRootText } from '../text/api-root-text.ts';
import { ruleText } from '../text/rule-text.ts';
import { sourceText } from '../text/source-text.ts';
import { shellPath } from '../text/shell-word.ts';
import type { FailureKind, Summary } from '../domain/summary.ts';

/** What the last lines on stderr say. */
export interface EndingInput {
  readonly exitCode: number;
  readonly summary: Summary | undefined;
  readonly hasError: boolean;
  /** `finished`, `stopped by SIGINT`, … */
  readonly endedBecause: string;
  readonly checkpointPath: string;
  /** `undefined`: nothing is left to do. */
  readonly nextCommand: string | undefined;
  readonly reportPath: string | undefined;
  /** Absent IDs that make the exit code 1 (`--fail-on-absent`). */
  readonly absentFailures: number;
  /** Many IDs were absent, and why most likely. */
  readonly absentWarning: string | undefined;
  /** Share of the rate that was used while the run took; `undefined` if it is not known. */
  readonly quotaUse: { readonly batchLaneCount: number; readonly usedShare: number } | undefined;
  readonly failureKinds: readonly FailureKind[];
}

const FAILURE_KINDS_SHOWN_MAX = 3;

/** How a run ended, for people: counts, the failures by kind, and what to do next. The text of an error is printed elsewhere. */
export function endingText(input: EndingInput): string {
  const { summary, hasError } = input;
  if (summary === undefined)
    return hasError ? '' : lines([`${capitalized(input.endedBecause)}; nothing was sent.`, `exit ${input.exitCode}`]);
  const last = `${reportPlace(input)}exit ${input.exitCode}`;
  const isPlan = summary.state === 'planned';
  if (summary.state === 'finished')
    return lines([
      firstLine(input, summary),
      finishedLine(summary),
      ...listLines(summary),
      quotaLine(input, summary),
      ...failureLines(input, summary),
      ...nextSteps(input, summary),
      last,
    ]);
  if (hasError)
    return summary.outcomes.deleted + summary.outcomes.absent === 0
      ? ''
      : lines([firstLine(input, summary), stoppedLine(summary), ...listLines(summary)]);
  if (summary.intake.complete && summary.intake.accepted === 0) return lines(['There is nothing to delete.', last]);
  if (isPlan && summary.intake.complete) return lines([firstLine(input, summary), ...plannedLines(summary, input), last]);
  if (isPlan)
    return lines([
      `${capitalized(input.endedBecause)}: ${formatCount(summary.intake.accepted)} IDs were read so far; nothing was sent.`,
      last,
    ]);
  return lines([
    firstLine(input, summary),
    `${capitalized(input.endedBecause)}: ${stoppedLine(summary)}`,
    ...listLines(summary),
    ...failureLines(input, summary),
    input.nextCommand === undefined ? '' : `Go on with:  ${input.nextCommand}`,
    last,
  ]);
}

function finishedLine(summary: Summary): string {
  if (summary.intake.accepted === 0) return 'Done: there was nothing to delete.';
  return `Done in ${formatDuration(summary.run.elapsedMs)}: ${outcomesText(summary)}.`;
}

/** Told apart: what was never there was not deleted. */
function outcomesText({ outcomes: { deleted, absent, failed }, intake }: Summary): string {
  const ofThese = intake.complete ? '' : ' read so far';
  return [
    `${formatCount(deleted)} of ${countOf(intake.accepted, 'ID')}${ofThese} deleted`,
    ...(absent === 0 ? [] : [`${formatCount(absent)} ${absent === 1 ? 'was' : 'were'} absent`]),
    ...(failed === 0 ? [] : [`${formatCount(failed)} failed`]),
  ].join(', ');
}

/**
 * Anyone who reads one line only reads this one: that many IDs were absent, which names another API root itself; or that root, since
 * what was deleted there is still at Cloudflare.
 */
function firstLine({ absentWarning }: EndingInput, { baseUrl }: Summary): string {
  if (absentWarning !== undefined) return escapeForTerminal(absentWarning);
  return isCloudflare(baseUrl) ? '' : `API root: ${apiRootText(baseUrl)}`;
}

/** What the IDs were taken from, and what was not taken. */
function listLines(summary: Summary): readonly string[] {
  return [
    ...summary.sources.map((source) => `  source   ${sourceText(source)}`),
    passedOverLine(summary),
    ...summary.protectedBy.map((rule) => `  kept     ${ruleText(rule, summary.intake.complete)}`),
    ...summary.backupFolders.map((folder) => `  backup   ${escapeForTerminal(folder)}`),
  ];
}

function passedOverLine({ intake }: Summary): string {
  const { duplicates, rejected, skipped } = intake;
  const kinds = Object.entries({ duplicates, protected: intake.protected, rejected, skipped }).filter(([, count]) => count > 0);
  if (kinds.length === 0) return '';
  return `  passed over  ${kinds.map(([name, count]) => `${name} ${formatCount(count)}`).join(', ')}`;
}

function quotaLine({ quotaUse }: EndingInput, { run: { throttled } }: Summary): string {
  const lanes =
    quotaUse === undefined || quotaUse.batchLaneCount === 0
      ? ''
      : `${quotaUse.batchLaneCount} batch ${quotaUse.batchLaneCount === 1 ? 'lane' : 'lanes'}`;
  const used = quotaUse === undefined ? '' : `${(quotaUse.usedShare * 100).toFixed(1)} % of --rate used`;
  const times = throttled === 0 ? '' : `throttled ${throttled === 1 ? 'once' : `${formatCount(throttled)} times`}`;
  const parts = [lanes, used, times].filter((part) => part !== '');
  return parts.length === 0 ? '' : `  quota    ${parts.join(', ')}`;
}

function failureLines({ failureKinds, absentFailures }: EndingInput, { outcomes }: Summary): string[] {
  const shown = failureKinds.slice(0, FAILURE_KINDS_SHOWN_MAX);
  const others = outcomes.failed - shown.reduce((sum, { count }) => sum + count, 0);
  return [
    ...shown.map(({ count, httpStatus, code, message }) => {
      const status = [httpStatus, code].filter((part) => typeof part === 'number').join('/');
      const text = message === undefined ? '' : ` "${escapeForTerminal(message)}"`;
      return `  failed   ${formatCount(count)} × ${status === '' ? 'no answer' : status}${text}`;
    }),
    absentFailures > 0 ? `  absent   ${formatCount(absentFailures)} not there when this purge came to them (--fail-on-absent)` : '',
    others > 0 && shown.length > 0 ? `  failed   ${formatCount(others)} for other reasons` : '',
  ];
}

/** A sentence before each command: a line that is pasted whole must hold nothing else behind it. */
function nextSteps({ checkpointPath, reportPath, nextCommand }: EndingInput, { outcomes, intake }: Summary): string[] {
  const report = `images-purge report ${shellPath(checkpointPath)}`;
  if (outcomes.failed > 0) {
    return [
      `To see the failed IDs:  ${report} --outcome failed`,
      nextCommand === undefined ? '' : `To try them again:      ${nextCommand}`,
    ];
  }
  return intake.rejected > 0 && reportPath !== undefined ? [`To see the rejected rows:  ${report} --outcome rejected`] : [];
}

/** Not there may mean deleted, another account or the wrong column: where many are, a person should know before they purge. */
function askedLine({ asked, pending, outcomes }: Summary): string {
  if (asked === undefined) return '';
  const { there, gone, unclear } = asked;
  const told = [
    `${formatCount(there)} ${there === 1 ? 'exists' : 'exist'}`,
    ...(gone === 0 ? [] : [`${formatCount(gone)} ${gone === 1 ? 'does' : 'do'} not`]),
    ...(unclear === 0 ? [] : [`of ${formatCount(unclear)} it was not told`]),
  ].join(', ');
  const count = pending === 0 ? 'each image' : `${formatCount(outcomes.planned)} of them so far`;
  const isOdd = gone * MANY_SHARE > there + gone + unclear;
  return `Asked for ${count}: ${told}.${isOdd ? ' Another account, another --column, or deleted earlier?' : ''}`;
}

/** More than one in so many. */
const MANY_SHARE = 10;

function plannedLines(summary: Summary, { nextCommand, checkpointPath, reportPath }: EndingInput): string[] {
  const { intake, digest } = summary;
  const count = `${countOf(intake.accepted, 'ID')} would be deleted; nothing was ${summary.asked === undefined ? 'sent' : 'deleted'}.`;
  if (nextCommand === undefined) {
    const consent = digest === null ? '' : `To delete this set alone, without a question:  --confirm ${digest} instead of --dry-run`;
    const all = reportPath === undefined ? 'To see all of them:  the same command with --report FILE' : '';
    return [`Dry run: ${count}`, askedLine(summary), all, consent];
  }
  return [
    `Planned: ${count}`,
    `To see all of them:  images-purge report ${shellPath(checkpointPath)} --outcome planned`,
    `Carry it out with:  ${nextCommand}`,
    digest === null ? '' : `Without a question: ${nextCommand} --confirm ${digest}`,
  ];
}

function stoppedLine(summary: Summary): string {
  const { pending, intake } = summary;
  const left = `${formatCount(pending)} ${pending === 1 ? 'is' : 'are'} left`;
  return intake.complete
    ? `${outcomesText(summary)}, ${left}.`
    : `${outcomesText(summary)}, ${left} of these; the list was not read to its end, so there may be more.`;
}

function reportPlace({ reportPath }: EndingInput): string {
  return reportPath === undefined || reportPath === '-' ? '' : `Report: ${escapeForTerminal(reportPath)}   `;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lines(all: readonly string[]): string {
  return `${all.filter((line) => line !== '').join('\n')}\n`;
}
