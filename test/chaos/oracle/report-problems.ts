import type { ReportLine } from '../../support/purge/purge.ts';
import type { CheckpointState, StoredResult } from './state-of.ts';
import type { History, ServerFacts } from './truth.ts';

export interface Reported {
  readonly lines: readonly ReportLine[];
  /** Lines on stdout may be written again after a kill. */
  readonly isToStdout: boolean;
}

/**
 * The report says what the checkpoint says: once for each ID (on stdout at least once), and once more where failed IDs were
 * tried again.
 */
export function* reportProblems({ lines, isToStdout }: Reported, state: CheckpointState, history: History): Generator<string> {
  const hasRetried = history.retryFailedCount > 0;
  const last = new Map<string, ReportLine>();
  for (const reported of lines) {
    const { id, outcome } = reported;
    if (id === undefined) continue;
    const earlier = last.get(id);
    if (!isToStdout && earlier !== undefined && !(hasRetried && history.everFailed.has(id)))
      yield `${id} has two lines: ${earlier.outcome}, ${outcome}`;
    last.set(id, reported);
  }
  const rejectedCount = countRejected({ lines, isToStdout });
  if (rejectedCount !== state.rejectedCount) yield `the report has ${rejectedCount} rejected rows, the checkpoint ${state.rejectedCount}`;
  for (const [id, outcome] of state.items) {
    const isPendingAgain = outcome === undefined && hasRetried && last.get(id)?.outcome === 'failed';
    const inReport = lineText(last.get(id));
    const stored = storedText(state.results.get(id));
    if (inReport !== stored && !isPendingAgain) yield `the report says ${inReport} of ${id}, the checkpoint ${stored}`;
  }
  for (const id of last.keys()) if (!state.items.has(id)) yield `the report has a line for ${id}, which the checkpoint does not hold`;
}

/** An ID is `absent` with `earlierUnknown` only where an earlier request of this purge may have deleted it, and always where one did. */
export function* earlierUnknownProblems(lines: readonly ReportLine[], history: History, server: ServerFacts): Generator<string> {
  for (const { id = '', outcome, earlierUnknown } of lines) {
    if (outcome === 'absent' && server.wasDeleted(id) && earlierUnknown !== true)
      yield `${id} is called absent, and it was this purge that deleted it`;
    if (earlierUnknown === true && !history.mayBeUnknown.has(id))
      yield `${id} is called absent after an unknown answer, and every request for it was answered`;
  }
}

function countRejected({ lines, isToStdout }: Reported): number {
  const rejected = lines.filter(({ id }) => id === undefined);
  return isToStdout ? new Set(rejected.map(({ source, line }) => `${source}:${line}`)).size : rejected.length;
}

function lineText(line: ReportLine | undefined): string {
  if (line === undefined) return 'nothing';
  const known = line.earlierUnknown === true ? 'unknown' : 'known';
  return [line.outcome, line.httpStatus ?? '-', line.attempts ?? 0, known, line.source, line.line].join(' ');
}

function storedText(result: StoredResult | undefined): string {
  if (result === undefined) return 'nothing';
  const known = (result.outcome === 'absent' || result.outcome === 'protected') && result.isUnknown ? 'unknown' : 'known';
  return [result.outcome, result.httpStatus ?? '-', result.attempts, known, result.source, result.line].join(' ');
}
