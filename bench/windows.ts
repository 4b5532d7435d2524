/** A request as its server saw it, on the server's monotonic clock. */
export interface Arrival {
  readonly lane: string;
  /** It came after this; `undefined` where that is not known… */
  readonly notBeforeMs: number | undefined;
  /** …and was noticed then. */
  readonly atMs: number;
}

/**
 * The most requests of one lane that certainly came within one window, wherever it starts: a server that was kept from
 * running notices a crowd where there was none, so each arrival is taken for as early as it can have been at the window's
 * start, and for as late as it was noticed at its end. An arrival whose earliest time is unknown is not counted.
 */
export function mostInWindow(arrivals: readonly Arrival[], windowMs: number): number {
  let most = 0;
  for (const ofLane of Map.groupBy(arrivals, ({ lane }) => lane).values()) {
    const sure = ofLane.flatMap(({ notBeforeMs, atMs }) => (notBeforeMs === undefined ? [] : [{ notBeforeMs, atMs }]));
    let first = 0;
    for (const [index, { atMs }] of sure.entries()) {
      while (atMs - (sure[first]?.notBeforeMs ?? atMs) >= windowMs) first++;
      most = Math.max(most, index - first + 1);
    }
  }
  return most;
}

/** Requests a second over all lanes, from `settleMs` after the last lane began until `settleMs` before the end. */
export function steadyPerSecond(arrivals: readonly Arrival[], settleMs: number): number {
  const beganMs = [...Map.groupBy(arrivals, ({ lane }) => lane).values()].map((ofLane) => ofLane[0]?.atMs ?? 0);
  const fromMs = Math.max(...beganMs) + settleMs;
  const untilMs = (arrivals.at(-1)?.atMs ?? 0) - settleMs;
  return (arrivals.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs).length * 1000) / (untilMs - fromMs);
}

/** The longest that the server was kept from running: says how busy the machine was beside it. */
export function longestStallMs(arrivals: readonly Arrival[]): number {
  return arrivals.reduce((longestMs, { notBeforeMs, atMs }) => Math.max(longestMs, atMs - (notBeforeMs ?? atMs)), 0);
}
