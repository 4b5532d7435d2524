import { resolveReportPath } from '../checkpoint/report-state.ts';
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
}

/**
 * Where the report goes: `-` is stdout, `undefined` nowhere. Called before anything that lies there is touched, and throws
 * (exit 2) where that is no place for it.
 */
export async function settleReportPath(ledger: Ledger, wanted: ReportWanted): Promise<string | undefined> {
  const { checkpointPath, given, recorded, defaultPath } = wanted;
  const path = given ?? resolveReportPath(checkpointPath, recorded) ?? recorded ?? defaultPath;
  if (path !== undefined && path !== '-') await ledger.ask('refuseForeignReport', path);
  return path;
}
