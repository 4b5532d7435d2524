import { resolveReportPath } from '../checkpoint/report-state.ts';
import { usageError } from '../domain/errors.ts';
import type { Become } from '../ledger/report-place.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { ReportOptions } from '../run/run-options.ts';

/** What decides where the report of a run goes, besides what was asked for. */
export interface ReportPlace {
  /** With symbolic links resolved. */
  readonly checkpointPath: string;
  /** The report that the checkpoint found there records, whether or not the run resumes it. */
  readonly recorded: string | undefined;
  /** What becomes of the purge found there; `undefined` where there is none. */
  readonly become: Become | undefined;
  readonly isDryRun: boolean;
  /** Used where neither the options nor a resumed purge name a report; `undefined`: no report. */
  readonly defaultPath: string | undefined;
}

/**
 * Where the report goes: `-` is stdout, `undefined` nowhere. It is called before any file is touched.
 *
 * @throws UserError (exit 2) where the report cannot go there, or where the recorded report is a file that the run needs for
 * something else: that file would be repaired, moved away or removed.
 */
export async function settleReportPath(ledger: Ledger, options: ReportOptions, place: ReportPlace): Promise<string | undefined> {
  const recordedFile = resolveReportPath(place.checkpointPath, place.recorded);
  if (recordedFile !== undefined) options.refuseRecordedReport(recordedFile);
  const recorded = place.become === 'resume' ? (recordedFile ?? place.recorded) : undefined;
  const path = options.reportPath ?? recorded ?? place.defaultPath;
  if (path === '-' && options.isStdoutTaken) {
    throw usageError(
      'STDOUT_TWICE',
      `the report of ${place.checkpointPath} goes to stdout, as recorded there, and stdout is taken (--json); nothing was sent.`,
      'Give the report a file: --report FILE',
    );
  }
  // A purge that has a file keeps it up to date, too.
  const file = path === '-' ? (recorded === '-' ? undefined : recorded) : path;
  if (file !== undefined) await ledger.ask('claimReport', file, place.become ?? 'resume', place.isDryRun);
  return path;
}

/** Opens the report, and tells what a person should know of its place. */
export async function openReport(
  ledger: Ledger,
  path: string | undefined,
  { observer }: Pick<PurgeDeps, 'observer'>,
  isDryRun: boolean,
): Promise<void> {
  for (const message of await ledger.ask('openReport', path, isDryRun)) observer.event({ kind: 'warning', code: 'REPORT_PLACE', message });
}
