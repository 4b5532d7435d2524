import { escapeForTerminal } from '../../text/escape.ts';
import { shellPath } from '../../text/shell-word.ts';
import type { Summary } from '../../domain/summary.ts';
import type { CheckpointStatus } from '../../inspect/checkpoint-status.ts';
import { ruleText } from '../../text/rule-text.ts';
import { countOf, formatCount, formatDuration, formatLocalTime, shortened } from '../../text/format.ts';

const LABEL_COLUMNS = 12;
const ID_CHARACTERS_MAX = 60;
const PER_SECOND_DIGITS = 1;

/** Where a purge stands, for a person. */
export function statusText(status: CheckpointStatus, nowMs: number): string {
  const { summary } = status;
  const rows: readonly (readonly [label: string, text: string])[] = [
    [status.checkpointPaths.length === 1 ? 'Checkpoint' : 'Checkpoints', escapeForTerminal(status.checkpointPaths.join(', '))],
    ['State', stateText(status, nowMs)],
    ['Account', summary.account],
    ...(summary.digest === null ? [] : ([['Digest', summary.digest]] as const)),
    ['Intake', intakeText(summary)],
    ...summary.protectedBy.map((rule, index) => [index === 0 ? 'Protected' : '', ruleText(rule)] as const),
    ['Outcomes', outcomesText(summary)],
    ['Pace', paceText(status, nowMs)],
  ];
  const errors = status.lastErrors.map((error) => {
    const codes = [error.httpStatus, error.code].filter((part) => typeof part === 'number').join('/');
    const message = error.message === undefined ? '' : ` ${JSON.stringify(error.message)}`;
    const id = shortened(escapeForTerminal(error.id), ID_CHARACTERS_MAX);
    return `  ${formatLocalTime(error.atMs, nowMs)}  ${id}  ${codes}${escapeForTerminal(message)}`;
  });
  return [
    ...rows.map(([label, text]) => `${label.padEnd(LABEL_COLUMNS)}${text}`),
    ...(errors.length === 0 ? [] : ['Last errors', ...errors]),
    ...nextText(status),
    '',
  ].join('\n');
}

/** The summary, in the contract's shape, and what only a look from outside can add. */
export function statusJson(status: CheckpointStatus): Summary & Record<'status', unknown> {
  return {
    ...status.summary,
    status: {
      isRunning: status.isRunning,
      lastWorkedAt: new Date(status.lastWorkedAtMs).toISOString(),
      ratePerSecond: status.ratePerSecond,
      etaMs: status.etaMs ?? null,
      lastErrors: status.lastErrors.map(({ atMs, ...error }) => ({ ...error, at: new Date(atMs).toISOString() })),
    },
  };
}

function stateText({ summary, isRunning, lastWorkedAtMs }: CheckpointStatus, nowMs: number): string {
  if (isRunning) return `${summary.state}, a run is at work on it`;
  return `${summary.state}, last worked on ${formatLocalTime(lastWorkedAtMs, nowMs)}`;
}

function intakeText({ intake }: Summary): string {
  const { accepted, duplicates, rejected, skipped } = intake;
  const passed = counted({ duplicates, protected: intake.protected, rejected, skipped }, ', ');
  const end = intake.complete ? '' : '; not read to its end yet';
  return `${countOf(accepted, 'ID')} accepted of ${countOf(intake.rows, 'row')} (${passed})${end}`;
}

function outcomesText({ outcomes, pending }: Summary): string {
  const { deleted, absent, failed } = outcomes;
  return counted({ deleted, absent, failed, left: pending }, ' · ');
}

function counted(counts: Readonly<Record<string, number>>, between: string): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${formatCount(count)}`)
    .join(between);
}

function paceText({ ratePerSecond, etaMs, isRunning }: CheckpointStatus, nowMs: number): string {
  const perSecond = `${ratePerSecond.toFixed(PER_SECOND_DIGITS)}/s${isRunning ? '' : ' in the last run'}`;
  return etaMs === undefined
    ? perSecond
    : `${perSecond}, about ${formatDuration(etaMs)} left, until ${formatLocalTime(nowMs + etaMs, nowMs)}`;
}

function nextText({ summary, isRunning, checkpointPaths, nextCommand }: CheckpointStatus): readonly string[] {
  const [path = '', ...others] = checkpointPaths;
  if (isRunning || others.length > 0) return [];
  if (nextCommand !== undefined) return [`Next: ${nextCommand}`];
  return summary.outcomes.failed > 0 ? [`Next: images-purge resume ${shellPath(path)} --retry-failed`] : [];
}
