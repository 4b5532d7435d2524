import type { RecordedGuards, RepeatedOptions } from '../checkpoint/facts.ts';
import { EXIT, UserError } from '../domain/errors.ts';
import type { Shard } from '../domain/shard.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { fromPlain } from '../ledger/plain-error.ts';
import type { Committed } from '../ledger/committed.ts';
import type { OpenedSource } from '../read/source.ts';
import { createCounters, type RunCounters } from '../run/counters.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { Halt } from '../run/halt.ts';
import { createMoments, type Moments } from '../run/moments.ts';
import type { ProgressBoard } from '../run/progress-board.ts';
import { createReportToStdout, type ReportToStdout } from '../run/report-to-stdout.ts';
import type { ConfirmedSet, PaceOptions } from '../run/run-options.ts';

/** What every run is given, whether it sends or not. Nothing in here can reach the API. */
export interface RunInput {
  readonly deps: PurgeDeps;
  readonly halt: Halt;
  /** Holds an open checkpoint and an open report. */
  readonly ledger: Ledger;
  readonly checkpointPath: string;
  readonly repeated: RepeatedOptions;
  readonly reportPath: string | undefined;
  readonly pace: PaceOptions;
  /** To read into the checkpoint; `undefined` where nothing is to be read in this run. */
  readonly sources: readonly OpenedSource[] | undefined;
  readonly isDeliveryUrls: boolean;
  readonly isLiteral: boolean;
  /** `null`: all IDs. */
  readonly shard: Shard | null;
  /** Those of earlier runs, where a purge is resumed. */
  readonly guardsBefore: RecordedGuards | undefined;
  /** The only set that this run may delete; `undefined`: whatever was accepted. */
  readonly confirmedSet: ConfirmedSet | undefined;
}

/** A run under way: its input, and what its parts share. */
export interface PurgeRun extends RunInput {
  readonly counters: RunCounters;
  readonly moments: Moments;
  readonly board: ProgressBoard;
  readonly stdoutReport: ReportToStdout;
  /** Takes one step after another until the last; a slow stdout holds the next step back. */
  readonly untilNothingIsLeft: (step: () => Promise<Committed>) => Promise<void>;
}

export function createPurgeRun(input: RunInput): PurgeRun {
  const { deps, halt, ledger } = input;
  const stdoutReport = createReportToStdout(ledger, deps.writeReportText, halt.overdue, (error) => {
    if (error instanceof UserError) halt.fail(error);
    else halt.end({ kind: 'stop-requested', request: { exitCode: EXIT.storage, name: 'stdout closed' } });
  });
  const moments = createMoments(deps.observer, deps.clock);
  return {
    ...input,
    deps: { ...deps, observer: moments.observer },
    moments,
    counters: createCounters(deps.clock.monotonicMs()),
    board: { phase: 'reading', isIntakeComplete: false, rows: 0, accepted: 0, lanes: undefined, sweep: undefined },
    stdoutReport,
    async untilNothingIsLeft(step) {
      for (let isMore = true; isMore && !halt.signal.aborted;) {
        const committed = await step();
        isMore = committed.isLast === undefined ? committed.lineCount > 0 : !committed.isLast;
        stdoutReport.add(committed);
        if (committed.failure !== undefined) halt.fail(fromPlain(committed.failure));
        await stdoutReport.whenRoom();
      }
    },
  };
}
