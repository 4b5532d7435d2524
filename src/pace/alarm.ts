import type { Clock } from '../domain/clock.ts';

/** One timer. If it is set again, the earlier time counts; once closed it never rings. */
export interface Alarm {
  /** Rings at `atMs` (monotonic), unless it rings before that anyway. */
  ringAt(atMs: number): void;
  cancel(): void;
  close(): void;
}

export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let setForMs = Infinity;
  let waiting: AbortController | undefined;
  let isClosed = false;

  async function wait(controller: AbortController): Promise<void> {
    await clock.sleep(Math.max(setForMs - clock.monotonicMs(), 0), controller.signal);
    if (controller.signal.aborted) return;
    waiting = undefined;
    setForMs = Infinity;
    ring();
  }

  function cancel(): void {
    waiting?.abort();
    waiting = undefined;
    setForMs = Infinity;
  }

  return {
    ringAt(atMs) {
      if (isClosed || atMs >= setForMs) return;
      waiting?.abort();
      setForMs = atMs;
      waiting = new AbortController();
      void wait(waiting);
    },
    cancel,
    close() {
      isClosed = true;
      cancel();
    },
  };
}
