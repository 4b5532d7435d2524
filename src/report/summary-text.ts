import { escapeForTerminal } from '../domain/escape.ts';
import { formatCount, formatDuration } from '../domain/format.ts';
import type { Summary } from '../domain/summary.ts';

/** What the last lines on stderr are made of. */
export interface EndingInput {
  readonly exitCode: number;
  readonly summary: Summary | undefined;
  readonly hasError: boolean;
  /** `finished`, `stopped by SIGINT`, … */
  readonly endedBecause: string;
  readonly checkpointPath: string;
  readonly reportPath: string | undefined;
  readonly failureKinds: readonly { readonly count: number; readonly httpStatus: number | undefined; readonly code: number | undefined; readonly message: string | undefined }[];
}

const FAILURE_KINDS_SHOWN = 3;

/** How a run ended, for people: counts, the failures by kind, and what to do next. */
export function endingText(input: EndingInput): string {
  const { summary } = input;
  if (summary === undefined) return '';
  const exit = `exit ${input.exitCode}`;
  if (summary.state === 'finished') return lines([finishedLine(summary), countsLine(summary), ...failureLines(input), ...nextSteps(input, summary), `${reportLine(input)}${exit}`]);
  if (summary.outcomes.planned > 0 || summary.state === 'planned') return lines([plannedLine(summary, input), `${reportLine(input)}${exit}`]);
  if (input.hasError) return summary.outcomes.deleted + summary.outcomes.absent === 0 ? '' : lines([stoppedLine(summary)]);
  return lines([`${capitalized(input.endedBecause)}: ${stoppedLine(summary)}`, `Go on with:  images-purge resume ${shellWord(input.checkpointPath)}`, `${reportLine(input)}${exit}`]);
}

function finishedLine({ outcomes, intake, run }: Summary): string {
  const gone = outcomes.deleted + outcomes.absent;
  if (intake.accepted === 0) return 'Done: there was nothing to delete.';
  return `Done in ${formatDuration(run.elapsedMs)}: ${formatCount(gone)} of ${formatCount(intake.accepted)} IDs are gone.`;
}

function countsLine({ outcomes, intake, run }: Summary): string {
  const passedOver = intake.duplicates + intake.protected + intake.rejected + intake.skipped;
  const passed = passedOver === 0 ? '' : `   (${formatCount(passedOver)} rows passed over${intake.rejected > 0 ? `, ${formatCount(intake.rejected)} of them rejected` : ''})`;
  const throttled = run.throttled === 0 ? '' : `\n  quota    throttled ${formatCount(run.throttled)} times`;
  return `  deleted  ${formatCount(outcomes.deleted)}   absent ${formatCount(outcomes.absent)}   failed ${formatCount(outcomes.failed)}${passed}${throttled}`;
}

function failureLines({ failureKinds }: EndingInput): string[] {
  return failureKinds.slice(0, FAILURE_KINDS_SHOWN).map(({ count, httpStatus, code, message }) => {
    const status = [httpStatus, code].filter((part) => part !== undefined).join('/');
    const text = message === undefined ? '' : ` "${escapeForTerminal(message)}"`;
    return `  failed   ${formatCount(count)} × ${status === '' ? 'no answer' : status}${text}`;
  });
}

function nextSteps({ checkpointPath, reportPath }: EndingInput, { outcomes, intake }: Summary): string[] {
  const checkpoint = shellWord(checkpointPath);
  const steps: string[] = [];
  if (outcomes.failed > 0) {
    steps.push(`Next: images-purge report ${checkpoint} --outcome failed     to see them`, `      images-purge resume ${checkpoint} --retry-failed       to try them again`);
  } else if (intake.rejected > 0 && reportPath !== undefined) {
    steps.push(`Next: images-purge report ${checkpoint} --outcome rejected   to see the rejected rows`);
  }
  return steps;
}

function plannedLine({ intake, state }: Summary, { checkpointPath }: EndingInput): string {
  const count = `${formatCount(intake.accepted)} IDs would be deleted; nothing was sent.`;
  return state === 'planned' ? `Planned: ${count}\nCarry it out with:  images-purge resume ${shellWord(checkpointPath)}` : `Dry run: ${count}`;
}

function stoppedLine({ intake, pending, outcomes }: Summary): string {
  const done = outcomes.deleted + outcomes.absent + outcomes.failed;
  return `${formatCount(done)} of ${formatCount(intake.accepted)} IDs are done, ${formatCount(pending)} are left.`;
}

function reportLine({ reportPath }: EndingInput): string {
  return reportPath === undefined || reportPath === '-' ? '' : `Report: ${escapeForTerminal(reportPath)}   `;
}

/** A path as it can be pasted into a shell. */
function shellWord(path: string): string {
  const safe = escapeForTerminal(path);
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function lines(all: readonly string[]): string {
  return `${all.filter((line) => line !== '').join('\n')}\n`;
}
