import { endByError, type RunEnd, runEnd, type Summary, withTexts } from '../domain/summary.ts';
import { EXIT, UserError } from '../domain/errors.ts';
import { escapeInJson } from '../text/escape.ts';
import type { Redact } from '../text/redact.ts';
import type { Invocation } from './invocation.ts';
import { StdoutClosedError } from './stdout.ts';

/** Where no purge was begun or opened: the fields of a summary, with `null` for what only a purge has. */
export type NoSummary = { readonly [K in keyof Summary]: K extends 'job' | 'state' | 'account' | 'baseUrl' | 'digest' ? null : Summary[K] };

/** As one line. */
export function endJson(ending: RunEnd, redact: Redact): string {
  return escapeInJson(`${JSON.stringify({ ...ending, ...withTexts(ending, redact) })}\n`);
}

/** Prints what `--json` promises at every ending: one object. */
export async function printEnd(ending: RunEnd, { stdout, redact }: Pick<Invocation, 'stdout' | 'redact'>): Promise<void> {
  try {
    await stdout.write(endJson(ending, redact));
  } catch (error) {
    // The run is over and on record; that nobody reads its summary changes nothing about how it went.
    if (!(error instanceof StdoutClosedError)) throw error;
  }
}

/** How a command ended that threw. */
export function endOfThrown(error: unknown): RunEnd {
  if (error instanceof UserError) return endByError(error);
  const message = error instanceof Error ? error.message : String(error);
  return runEnd(EXIT.defect, 'DEFECT', { code: 'DEFECT', message, nextSteps: ['The stack is on stderr.'] });
}

/** What `--json` promises of a purge, where none was begun or opened. */
export function noSummary(end: RunEnd): NoSummary {
  return {
    job: null,
    state: null,
    account: null,
    baseUrl: null,
    digest: null,
    note: null,
    sources: [],
    intake: { complete: false, rows: 0, accepted: 0, duplicates: 0, protected: 0, rejected: 0, skipped: 0, suspicious: {} },
    protectedBy: [],
    backupFolders: [],
    outcomes: { deleted: 0, absent: 0, failed: 0, planned: 0 },
    pending: 0,
    run: { deleted: 0, absent: 0, failed: 0, requests: 0, retries: 0, throttled: 0, elapsedMs: 0, ratePerSecond: 0 },
    ...end,
  };
}
