import { escapeForTerminal } from '../../text/escape.ts';
import { isCloudflare } from '../../domain/base-url.ts';
import type { PurgeFacts, RunEnd } from '../../domain/summary.ts';
import type { CheckpointStatus } from '../../inspect/checkpoint-status.ts';
import { tellKind } from '../../plan/suspicious-kinds.ts';
import { apiRootText } from '../../text/api-root-text.ts';
import { ruleText } from '../../text/rule-text.ts';
import { sourceText } from '../../text/source-text.ts';
import { countOf, formatCount, formatDuration, formatLocalTime, shortened } from '../../text/format.ts';

const LABEL_COLUMNS = 12;
const ID_CHARACTERS_MAX = 60;
const PER_SECOND_DIGITS = 1;

/** Where a purge stands, for a person. */
export function statusText(status: CheckpointStatus, nowMs: number): string {
  const { purge } = status;
  const rows: readonly (readonly [label: string, text: string])[] = [
    [status.checkpointPaths.length === 1 ? 'Checkpoint' : 'Checkpoints', escapeForTerminal(status.checkpointPaths.join(', '))],
    ['State', stateText(status, nowMs)],
    ...status.missingShards.map(({ index, count }) => ['', `shard ${index} of ${count} is missing here`] as const),
    ...endRows(status),
    ['Account', purge.account],
    ...(isCloudflare(purge.baseUrl) ? [] : ([['API root', apiRootText(purge.baseUrl)]] as const)),
    ...purge.sources.map((source, index) => [index === 0 ? 'Sources' : '', sourceText(source)] as const),
    ...(purge.digest === null ? [] : ([['Digest', purge.digest]] as const)),
    ...(purge.note === null ? [] : ([['Note', escapeForTerminal(purge.note)]] as const)),
    ['Intake', intakeText(purge)],
    ...lookAtRows(purge),
    ...purge.protectedBy.map((rule, index) => [index === 0 ? 'Protected' : '', ruleText(rule, purge.intake.complete)] as const),
    ...purge.backupFolders.map((folder, index) => [index === 0 ? 'Backup' : '', escapeForTerminal(folder)] as const),
    ['Outcomes', outcomesText(purge)],
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

/** The summary, in the contract's shape, and what only a look from outside can add. Without a last ending, its fields are `null`. */
export function statusJson(
  status: CheckpointStatus,
): PurgeFacts & { readonly [K in keyof RunEnd]: RunEnd[K] | null } & Record<'status', unknown> {
  return {
    ...status.purge,
    ...(status.lastEnd ?? { exitCode: null, endedBecause: null, error: null }),
    status: {
      isRunning: status.isRunning,
      lastWorkedAt: new Date(status.lastWorkedAtMs).toISOString(),
      ratePerSecond: status.ratePerSecond,
      etaMs: status.etaMs ?? null,
      missingShards: status.missingShards,
      lastErrors: status.lastErrors.map(({ atMs, ...error }) => ({ ...error, at: new Date(atMs).toISOString() })),
    },
  };
}

function stateText({ purge, isRunning, lastWorkedAtMs }: CheckpointStatus, nowMs: number): string {
  if (isRunning) return `${purge.state}, a run is at work on it`;
  return `${purge.state}, last worked on ${formatLocalTime(lastWorkedAtMs, nowMs)}`;
}

/** Why the last run ended, where that is not plain from the state. */
function endRows({ lastEnd, isRunning, purge: { state } }: CheckpointStatus): readonly (readonly [label: string, text: string])[] {
  if (isRunning) return [];
  if (lastEnd === undefined) return state === 'unfinished' ? [['Ended', 'not on record: killed, or by an older version']] : [];
  const { exitCode, endedBecause, error } = lastEnd;
  return [['Ended', `exit ${exitCode}: ${escapeForTerminal(error?.message ?? endedBecause)}`]];
}

function intakeText({ intake }: PurgeFacts): string {
  const { accepted, duplicates, rejected, skipped } = intake;
  const passed = counted({ duplicates, protected: intake.protected, rejected, skipped }, ', ');
  const end = intake.complete ? '' : '; not read to its end yet';
  return `${countOf(accepted, 'ID')} accepted of ${countOf(intake.rows, 'row')} (${passed})${end}`;
}

/** Each kind of suspicious values, as the plan has shown it. */
function lookAtRows({ intake: { suspicious } }: PurgeFacts): readonly (readonly [label: string, text: string])[] {
  return Object.entries(suspicious).map(([kind, { count, example, source, line }], index) => {
    const { looks, likelyCause } = tellKind(kind);
    const such = `such as ${shortened(escapeForTerminal(example), ID_CHARACTERS_MAX)}, ${escapeForTerminal(source)} line ${line}`;
    return [index === 0 ? 'Look at' : '', `${formatCount(count)} ${looks} (${such}): ${likelyCause}`];
  });
}

function outcomesText({ outcomes, pending }: PurgeFacts): string {
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

function nextText({ isRunning, nextCommand }: CheckpointStatus): readonly string[] {
  return isRunning || nextCommand === undefined ? [] : [`Next: ${nextCommand}`];
}
