import type { Clock } from '../../domain/clock.ts';

/** Requests that are about to be sent, recorded beforehand: after a kill they count as sent. */
export interface Reservation {
  /** How many may be sent… */
  readonly count: number;
  /** …until then (monotonic ms). */
  readonly untilMs: number;
  /** What was used of the previous reservation. */
  readonly used: Used;
}

/** How many requests of a reservation were sent, and when the last of them was (monotonic ms). */
export interface Used {
  readonly count: number;
  readonly byMs: number;
}

/** Puts a reservation on record; it holds once the promise resolves. */
export type RecordReservation = (reservation: Reservation) => Promise<void>;

/** A lane's stock of requests on record. */
export interface Reservations {
  /** Whether a request may be sent now; if not, more are being reserved and `onReserved` will be called. */
  isAvailable(): boolean;
  use(): void;
  /** What has been used of the recorded reservation so far. */
  used(): Used;
}

/** One reservation covers this share of the window. After a kill, at most this much of the quota is lost. */
const SPAN_SHARE = 0.01;
/** A commit every quarter of a second costs little compared with the requests. */
const SPAN_MS_MIN = 250;
const SPAN_MS_MAX = 5_000;
/** The next reservation is made when this share of the last one, or of its time, is left. */
const LOW_SHARE = 0.5;

export interface ReservationOptions {
  readonly requests: number;
  readonly perMs: number;
  readonly clock: Clock;
  readonly recordReservation: RecordReservation;
  readonly onReserved: () => void;
  readonly onError: (error: unknown) => void;
}

export function createReservations({ requests, perMs, clock, recordReservation, onReserved, onError }: ReservationOptions): Reservations {
  const spanMs = Math.min(Math.max(perMs * SPAN_SHARE, SPAN_MS_MIN), SPAN_MS_MAX);
  const size = Math.min(Math.ceil((requests * spanMs) / perMs) + 1, requests);
  let left = 0;
  let untilMs = -Infinity;
  let isAsking = false;
  /** How long the last one took to record: on a slow disk the next must not expire before it is recorded. */
  let recordingMs = 0;
  let used: { count: number; byMs: number } = { count: 0, byMs: 0 };

  async function ask(): Promise<void> {
    isAsking = true;
    try {
      // The use of the last reservation is recorded together with the next one. From here on, requests count towards the next.
      const before = used;
      used = { count: 0, byMs: 0 };
      const askedAtMs = clock.monotonicMs();
      const newUntilMs = askedAtMs + spanMs * 2 + recordingMs;
      await recordReservation({ count: size + left, untilMs: newUntilMs, used: before });
      recordingMs = clock.monotonicMs() - askedAtMs;
      left += size;
      untilMs = newUntilMs;
      isAsking = false;
      onReserved();
    } catch (error) {
      onError(error);
    }
  }

  return {
    isAvailable() {
      const nowMs = clock.monotonicMs();
      if (nowMs > untilMs) left = 0;
      if (!isAsking && (left <= size * LOW_SHARE || nowMs > untilMs - spanMs * LOW_SHARE)) void ask();
      return left > 0;
    },
    use() {
      left--;
      used = { count: used.count + 1, byMs: clock.monotonicMs() };
    },
    used: () => used,
  };
}
