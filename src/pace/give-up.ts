import type { Clock } from '../domain/clock.ts';
import { createAlarm } from './alarm.ts';

/** How long the API asks to wait. */
export interface Standstill {
  readonly waitMs: number;
  readonly untilWallMs: number;
}

/** Watches `--give-up-after`: how long there has been no final answer. */
export interface GiveUpWatch {
  /** Time counts from now on. */
  start(): void;
  /** Time does not count until `start`: a person is being asked, or nothing is left to send. */
  pause(): void;
  /** The whole time is left again. */
  finalAnswer(): void;
  /** Nothing can be sent for this long: if that is beyond the deadline, the run gives up now. */
  standsStill(waitMs: number): void;
}

export interface GiveUpOptions {
  readonly clock: Clock;
  readonly giveUpAfterMs: number;
  /** @param standstill - what would outlast the deadline; `undefined`: it has passed */
  readonly onGiveUp: (standstill: Standstill | undefined) => void;
}

export function createGiveUpWatch({ clock, giveUpAfterMs, onGiveUp }: GiveUpOptions): GiveUpWatch {
  let leftMs = giveUpAfterMs;
  let deadlineMs = Infinity;
  // The deadline moves with every final answer, the alarm only when it rings.
  const alarm = createAlarm(clock, () => {
    if (clock.monotonicMs() >= deadlineMs) onGiveUp(undefined);
    else alarm.ringAt(deadlineMs);
  });
  return {
    start() {
      deadlineMs = clock.monotonicMs() + leftMs;
      alarm.ringAt(deadlineMs);
    },
    pause() {
      if (deadlineMs === Infinity) return;
      leftMs = deadlineMs - clock.monotonicMs();
      deadlineMs = Infinity;
      alarm.cancel();
    },
    finalAnswer() {
      leftMs = giveUpAfterMs;
      if (deadlineMs !== Infinity) deadlineMs = clock.monotonicMs() + giveUpAfterMs;
    },
    standsStill(waitMs) {
      if (clock.monotonicMs() + waitMs > deadlineMs) onGiveUp({ waitMs, untilWallMs: clock.wallMs() + waitMs });
    },
  };
}
