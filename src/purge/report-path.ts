import { resolveReportPath } from '../checkpoint/report-state.ts';
import { usageError } from '../domain/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** What decides where the report of a run goes. */
export interface ReportWanted {
  /** Where the checkpoint really lies. */
  readonly checkpointPath: string;
  /** `--report`. */
  readonly given: string | undefined;
  /** What the checkpoint records, where the run goes on with it. */
  readonly recorded: string | undefined;
  /** Where neither says anything; `undefined`: no report. */
  readonly defaultPath: string | undefined;
  /** Stdout carries something else. */
  readonly isStdoutTaken: boolean;
}

/**
 * Where the report goes: `-` is stdout, `undefined` nowhere. Called before anything that lies there is touched, and throws
 * (exit 2) where that is no place for it.
 */
export async function settleReportPath(ledger: Ledger, wanted: ReportWanted): Promise<string | undefined> {
  const { checkpointPath, given, recorded, defaultPath, isStdoutTaken } = wanted;
  const path = given ?? resolveReportPath(checkpointPath, recorded) ?? recorded ?? defaultPath;
  if (path === '-' && isStdoutTaken) {
    throw usageError('STDOUT_TWICE', `the report of ${checkpointPath} goes to stdout, as recorded there, and stdout is taken (--json); nothing was sent.`, 'Give the report a file: --report FILE');
  }
  if (path !== undefined && path !== '-') await ledger.ask('refuseForeignReport', path);
  return path;
}
