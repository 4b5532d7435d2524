import type { Lane, LaneState, Permit } from './types.ts';

/** All lanes of a run: work goes to whichever has a permit. */
export interface Lanes {
  /** A permit that is free this instant. */
  tryTake(): Permit | undefined;
  /** The next permit, first come, first served; `undefined` where the run has been told to end or no lane is left. */
  take(): Promise<Permit | undefined>;
  /**
   * The next permit for a probe, even while lanes are held back.
   *
   * @param only - of this lane; `undefined`: of any
   * @param ended - nobody needs the probe any more
   */
  takeProbe(only: Lane | undefined, ended: AbortSignal): Promise<Permit | undefined>;
  /** Gives a permit to whoever waits longest for one, held back or not; `false` where nobody waits. */
  hand(permit: Permit): boolean;
  /** Nothing but probes, on any lane, until `release`. */
  hold(): void;
  release(): void;
  readonly all: readonly Lane[];
  readonly open: readonly Lane[];
  states(): LaneState[];
  close(): Promise<void>;
}

type Waiter = (permit: Permit | undefined) => void;

/** @param halt - aborts when the run has been told to end: nobody waits any longer */
export function createLanes(lanes: readonly Lane[], halt: AbortSignal): Lanes {
  let waiting: Waiter[] = [];
  let probing: { readonly only: Lane | undefined; readonly ended: AbortSignal; readonly waiter: Waiter }[] = [];
  let first = 0;
  let isHeld = false;

  function tryTake(): Permit | undefined {
    return isHeld ? undefined : inTurn((lane) => lane.tryTake());
  }

  /** The one after the lane that gave the last permit is asked first, so that equal lanes are used alike. */
  function inTurn(take: (lane: Lane) => Permit | undefined): Permit | undefined {
    for (let offset = 0; offset < lanes.length; offset++) {
      const index = (first + offset) % lanes.length;
      const lane = lanes[index];
      const permit = lane === undefined ? undefined : take(lane);
      if (permit === undefined) continue;
      first = (index + 1) % lanes.length;
      return permit;
    }
    return undefined;
  }

  const tryProbe = (only: Lane | undefined): Permit | undefined =>
    only === undefined ? inTurn((lane) => lane.tryTakeProbe()) : only.tryTakeProbe();
  const isOver = (only?: Lane, ended?: AbortSignal): boolean =>
    halt.aborted || ended?.aborted === true || (only === undefined ? lanes.every((lane) => lane.isClosed) : only.isClosed);

  function serve(): void {
    probing = probing.filter(({ only, ended, waiter }) => {
      const permit = isOver(only, ended) ? undefined : tryProbe(only);
      if (permit === undefined && !isOver(only, ended)) return true;
      waiter(permit);
      return false;
    });
    if (isOver()) {
      for (const waiter of waiting.splice(0)) waiter(undefined);
      return;
    }
    let served = 0;
    for (; served < waiting.length; served++) {
      const permit = tryTake();
      if (permit === undefined) break;
      waiting[served]?.(permit);
    }
    if (served > 0) waiting = waiting.slice(served);
  }

  for (const lane of lanes) lane.listen(serve);
  halt.addEventListener('abort', serve, { once: true });

  return {
    tryTake,
    take() {
      const permit = isOver() ? undefined : tryTake();
      if (permit !== undefined || isOver()) return Promise.resolve(permit);
      return new Promise((resolve) => waiting.push(resolve));
    },
    takeProbe(only, ended) {
      const permit = isOver(only, ended) ? undefined : tryProbe(only);
      if (permit !== undefined || isOver(only, ended)) return Promise.resolve(permit);
      // The same listener each time is one listener.
      ended.addEventListener('abort', serve, { once: true });
      return new Promise((resolve) => probing.push({ only, ended, waiter: resolve }));
    },
    hand(permit) {
      const waiter = waiting.shift();
      waiter?.(permit);
      return waiter !== undefined;
    },
    hold: () => void (isHeld = true),
    release() {
      isHeld = false;
      serve();
    },
    all: lanes,
    get open() {
      return lanes.filter((lane) => !lane.isClosed);
    },
    states: () => lanes.map((lane) => lane.state()),
    async close() {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}
