import type { Shard } from '../domain/shard.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { fromPlain } from '../ledger/plain-error.ts';
import type { OpenedSource } from '../read/source.ts';
import type { Halt } from '../run/halt.ts';
import { suspiciousMessage } from '../plan/suspicious-kinds.ts';
import { warnOfRulesRead } from './rule-warnings.ts';
import { runIntake } from './run-intake.ts';
import { takeDigest } from './take-digest.ts';
import type { ProgressBoard } from '../run/progress-board.ts';
import { Pulse } from '../domain/pulse.ts';
import type { ReportToStdout } from '../run/report-to-stdout.ts';
import type { PurgeDeps } from '../run/deps.ts';

export interface ReadingOptions {
  readonly deps: PurgeDeps;
  readonly halt: Halt;
  readonly ledger: Ledger;
  /** `undefined` where nothing is to be read in this run. */
  readonly sources: readonly OpenedSource[] | undefined;
  readonly isDeliveryUrls: boolean;
  readonly isLiteral: boolean;
  readonly shard: Shard | null;
  readonly board: ProgressBoard;
  readonly stdoutReport: ReportToStdout;
}

/** The reading half of a run, in the background. */
export interface Reading {
  /** Resolves when reading is over, complete or not. Its errors have ended the run before that. */
  readonly done: Promise<void>;
  /** Resolves when IDs have been accepted, or reading is over. */
  readonly firstAccepted: () => Promise<void>;
  /** Called from now on whenever IDs are accepted, and once when reading is over. */
  readonly listen: (listener: ReadingListener) => void;
}

export interface ReadingListener {
  readonly moreAccepted: () => void;
  readonly intakeEnded: () => void;
}

export function startReading(options: ReadingOptions): Reading {
  const { deps, halt, ledger, sources, board, stdoutReport } = options;
  const accepted = new Pulse();
  let listener: ReadingListener | undefined;
  let isOver = sources === undefined;

  async function read(opened: readonly OpenedSource[]): Promise<void> {
    const startedMs = deps.clock.monotonicMs();
    deps.observer.event({ kind: 'intake.started', sources: opened.map(({ name }) => name) });
    const isComplete = await runIntake(opened, {
      ledger,
      clock: deps.clock,
      isDeliveryUrls: options.isDeliveryUrls,
      isLiteral: options.isLiteral,
      shard: options.shard,
      halt: halt.signal,
      onWarning: (message) => deps.observer.event({ kind: 'warning', code: 'SOURCE', message }),
      async onCommitted(committed) {
        stdoutReport.add(committed);
        if (committed.failure !== undefined) halt.fail(fromPlain(committed.failure));
        await stdoutReport.whenRoom();
      },
      onAccepted(count, rowCount) {
        board.accepted += count;
        board.rows += rowCount;
        listener?.moreAccepted();
        accepted.beat();
      },
    });
    if (!isComplete) return;
    await takeDigest(ledger, halt.signal);
    const { intake, protectedBy, suspicious } = await ledger.ask('facts');
    board.isIntakeComplete = true;
    board.accepted = intake.accepted;
    const elapsedMs = Math.round(deps.clock.monotonicMs() - startedMs);
    const { duplicates, rejected, skipped } = intake;
    deps.observer.event({
      kind: 'intake.finished',
      accepted: intake.accepted,
      duplicates,
      protected: intake.protected,
      rejected,
      skipped,
      elapsedMs,
    });
    for (const found of suspicious) {
      deps.observer.event({ kind: 'warning', code: 'SUSPICIOUS_VALUES', message: suspiciousMessage(found), suspicious: found });
    }
    warnOfRulesRead(deps.observer, protectedBy);
  }

  const done = (sources === undefined ? Promise.resolve() : read(sources))
    .catch((error: unknown) => halt.fail(error))
    .finally(() => {
      isOver = true;
      listener?.intakeEnded();
      accepted.beat();
    });
  return {
    done,
    async firstAccepted() {
      while (!isOver && board.accepted === 0) await accepted.next();
    },
    listen(given) {
      listener = given;
      given.moreAccepted();
      if (isOver) given.intakeEnded();
    },
  };
}
