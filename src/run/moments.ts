import type { Clock } from '../domain/clock.ts';
import { type Moment, type MomentKind, MOMENTS_PER_RUN_MAX } from '../checkpoint/timeline/moment.ts';
import type { LaneName } from '../domain/lane.ts';
import type { Observer, PurgeEvent } from '../observe/events.ts';

/** Gathers what the checkpoint keeps of a run's events. They are written with the answers that are written next. */
export interface Moments {
  /** Tells everything on, and keeps what is a moment. */
  readonly observer: Observer;
  /** From now on requests are sent. A run that sends nothing leaves no moments. */
  runBegins(): void;
  runEnds(): void;
  /** Those not taken before. */
  take(): readonly Moment[];
}

export function createMoments(observer: Observer, clock: Clock): Moments {
  let gathered: Moment[] = [];
  let count = 0;
  let isSending = false;

  function add(kind: MomentKind, lane: LaneName | undefined, waitMs: number): void {
    if (!isSending || count >= MOMENTS_PER_RUN_MAX) return;
    count++;
    gathered.push({ kind, atMs: clock.wallMs(), lane, waitMs });
  }

  return {
    observer: {
      event(event) {
        observer.event(event);
        addEvent(event, add);
      },
    },
    runBegins() {
      isSending = true;
      add('run.began', undefined, 0);
    },
    runEnds() {
      // However many there were: without it the run looks killed.
      count = 0;
      add('run.ended', undefined, 0);
      isSending = false;
    },
    take() {
      const taken = gathered;
      if (taken.length > 0) gathered = [];
      return taken;
    },
  };
}

function addEvent(event: PurgeEvent, add: (kind: MomentKind, lane: LaneName | undefined, waitMs: number) => void): void {
  if (event.kind === 'lane.throttled') add('throttled', event.lane, event.waitMs);
  else if (event.kind === 'outage.started') add('outage.began', event.lane, 0);
  else if (event.kind === 'outage.ended') add('outage.ended', event.lane, 0);
  else if (event.kind === 'refusal.doubted') add('refusal.doubted', undefined, 0);
  else if (event.kind === 'refusal.passed') add('refusal.passed', undefined, 0);
}
