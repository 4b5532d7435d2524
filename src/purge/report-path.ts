import { resolveReportPath } from '../checkpoint/report-state.ts';
import { usageError } from '../domain/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ReportOptions } from '../run/run-options.ts';

/** What decides where the report of a run goes, besides what was asked for. */
export interface ReportPlace {
  /** With symbolic links resolved. */
  readonly checkpointPath: string;
  /** The report that the checkpoint found there records, whether or not the run resumes it. */
  readonly recorded: string | undefined;
  readonly isResumed: boolean;
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
  const recorded = place.isResumed ? (recordedFile ?? place.recorded) : undefined;
  const path = options.reportPath ?? recorded ?? place.defaultPath;
  if (path === '-' && options.isStdoutTaken) {
    throw usageError(
      'STDOUT_TWICE',
      `the report of ${place.checkpointPath} goes to stdout, as recorded there, and stdout is taken (--json); nothing was sent.`,
      'Give the report a file: --report FILE',
    );
  }
  if (path !== undefined && path !== '-') await ledger.ask('refuseForeignReport', path);
  return path;
}
