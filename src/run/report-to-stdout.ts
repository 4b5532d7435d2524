import type { Ledger } from '../ledger/ledger.ts';
import type { Committed } from '../ledger/committed.ts';
import { Pulse } from '../domain/pulse.ts';

/** Report lines on their way to stdout (`--report -`); a slow reader holds back sending, never committing. */
export interface ReportToStdout {
  add(committed: Committed): void;
  whenRoom(): Promise<void> | undefined;
  /** Resolves when everything added is written, or nothing more will be. */
  flush(): Promise<void>;
}

/** Lines that may wait for the reader before sending does. */
const WAITING_LINES_MAX = 10_000;

/**
 * @param overdue - aborts when a run that was told to end no longer waits for its reader
 * @param onFailed - nothing more can be written; called once at most
 */
export function createReportToStdout(
  ledger: Ledger,
  write: (text: string) => Promise<void>,
  overdue: AbortSignal,
  onFailed: (error: unknown) => void,
): ReportToStdout {
  const changed = new Pulse();
  let queue: Committed[] = [];
  let waitingLines = 0;
  let isClosed = false;
  let isWriting = false;
  overdue.addEventListener('abort', close, { once: true });

  function close(): void {
    isClosed = true;
    changed.beat();
  }

  async function writeQueue(): Promise<void> {
    while (queue.length > 0 && !isClosed) {
      const batch = queue;
      queue = [];
      const lineCount = batch.reduce((sum, { lineCount }) => sum + lineCount, 0);
      try {
        await write(batch.map(({ stdoutText }) => stdoutText).join(''));
        if (isClosed) return;
        await ledger.ask('acknowledgeReport', lineCount);
      } catch (error) {
        if (isClosed) return;
        // Nothing more can be written. The next run writes again what was not acknowledged.
        close();
        onFailed(error);
      }
      waitingLines -= lineCount;
      changed.beat();
    }
    isWriting = false;
  }

  return {
    add(committed) {
      if (committed.stdoutText === '' || isClosed) return;
      queue.push(committed);
      waitingLines += committed.lineCount;
      if (isWriting) return;
      isWriting = true;
      void writeQueue();
    },
    whenRoom: () => (isClosed || waitingLines < WAITING_LINES_MAX ? undefined : changed.next()),
    async flush() {
      while (isWriting && !isClosed) await changed.next();
    },
  };
}
