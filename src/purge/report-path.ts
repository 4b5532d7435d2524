import { resolveReportPath } from '../checkpoint/report-state.ts';
import { usageError } from '../domain/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { ReportOptions } from '../run/run-options.ts';

/** What decides where the report of a run goes, besides what was asked for. */
export interface ReportPlace {
  /** Where the checkpoint really lies. */
  readonly checkpointPath: string;
  /** What the checkpoint found there records, whether or not the run goes on with it. */
  readonly recorded: string | undefined;
  readonly goesOn: boolean;
  /** Where neither the options nor a purge that is gone on with say anything; `undefined`: no report. */
  readonly defaultPath: string | undefined;
}

/**
 * Where the report goes: `-` is stdout, `undefined` nowhere. Called before anything that lies there is touched, and throws
 * (exit 2) where that is no place for it, or where the report on record is a file that the run needs for something else:
 * it would be mended, moved away or removed.
 */
export async function settleReportPath(ledger: Ledger, options: ReportOptions, place: ReportPlace): Promise<string | undefined> {
  const recordedFile = resolveReportPath(place.checkpointPath, place.recorded);
  if (recordedFile !== undefined) options.refuseRecordedReport(recordedFile);
  const recorded = place.goesOn ? (recordedFile ?? place.recorded) : undefined;
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
