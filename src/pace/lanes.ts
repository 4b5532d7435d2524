import type { Lane, LaneState, Permit } from './types.ts';

/** All lanes of a run: work goes to any that has a permit. */
export interface Lanes {
  /** A permit if one is free now. */
  tryTake(): Permit | undefined;
  /** The next permit, first come, first served; `undefined` if the run is ending or no lane is left. */
  take(): Promise<Permit | undefined>;
  /**
   * The next permit for a probe, even while lanes are held.
   *
   * @param only - of this lane; `undefined`: of any
   * @param ended - aborts when the probe is no longer needed
   */
  takeProbe(only: Lane | undefined, ended: AbortSignal): Promise<Permit | undefined>;
  /** Sets the one listener. It is called when `tryTake` may succeed, after everyone who waits has been served, and when it is over. */
  listen(listener: () => void): void;
  /** Only probes, on any lane, until `release`. */
  hold(): void;
  release(): void;
  readonly all: readonly Lane[];
  readonly open: readonly Lane[];
  /** The run is ending, or no lane is left: there will be no more permits. */
  readonly isOver: boolean;
  states(): LaneState[];
  close(): Promise<void>;
}

type Waiter = (permit: Permit | undefined) => void;

interface ProbeWaiter {
  readonly only: Lane | undefined;
  readonly ended: AbortSignal;
  readonly resolve: Waiter;
}

const takePermit = (lane: Lane): Permit | undefined => lane.tryTake();
const takeProbePermit = (lane: Lane): Permit | undefined => lane.tryTakeProbe();

/** @param halt - aborts when the run is ending: all waiting ends */
export function createLanes(lanes: readonly Lane[], halt: AbortSignal): Lanes {
  return new LaneGroup(lanes, halt);
}

class LaneGroup implements Lanes {
  readonly all: readonly Lane[];
  readonly #halt: AbortSignal;
  /** In the order in which they came. */
  #waiting: Waiter[] = [];
  #waitingProbes: ProbeWaiter[] = [];
  /** The lane that is asked first. */
  #first = 0;
  #isHeld = false;
  #listener: () => void = () => undefined;
  /** One function, so that adding it to a signal again adds nothing. */
  readonly #serve = (): void => this.#serveAll();

  constructor(lanes: readonly Lane[], halt: AbortSignal) {
    this.all = lanes;
    this.#halt = halt;
    for (const lane of lanes) lane.listen(this.#serve);
    halt.addEventListener('abort', this.#serve, { once: true });
  }

  get isOver(): boolean {
    return this.#halt.aborted || this.all.every((lane) => lane.isClosed);
  }

  get open(): readonly Lane[] {
    return this.all.filter((lane) => !lane.isClosed);
  }

  tryTake(): Permit | undefined {
    return this.#isHeld ? undefined : this.#inTurn(takePermit);
  }

  take(): Promise<Permit | undefined> {
    const permit = this.isOver ? undefined : this.tryTake();
    if (permit !== undefined || this.isOver) return Promise.resolve(permit);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  takeProbe(only: Lane | undefined, ended: AbortSignal): Promise<Permit | undefined> {
    const permit = this.#isProbeOver(only, ended) ? undefined : this.#tryTakeProbe(only);
    if (permit !== undefined || this.#isProbeOver(only, ended)) return Promise.resolve(permit);
    ended.addEventListener('abort', this.#serve, { once: true });
    return new Promise((resolve) => this.#waitingProbes.push({ only, ended, resolve }));
  }

  listen(listener: () => void): void {
    this.#listener = listener;
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#serveAll();
  }

  states(): LaneState[] {
    return this.all.map((lane) => lane.state());
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((lane) => lane.close()));
  }

  /** Asks the lane after the one that gave the last permit first, so that equal lanes are used equally. */
  #inTurn(take: (lane: Lane) => Permit | undefined): Permit | undefined {
    const count = this.all.length;
    for (let offset = 0; offset < count; offset++) {
      const index = (this.#first + offset) % count;
      const lane = this.all[index];
      const permit = lane === undefined ? undefined : take(lane);
      if (permit === undefined) continue;
      this.#first = (index + 1) % count;
      return permit;
    }
    return undefined;
  }

  #tryTakeProbe(only: Lane | undefined): Permit | undefined {
    return only === undefined ? this.#inTurn(takeProbePermit) : only.tryTakeProbe();
  }

  #isProbeOver(only: Lane | undefined, ended: AbortSignal): boolean {
    return this.isOver || ended.aborted || only?.isClosed === true;
  }

  #serveAll(): void {
    this.#waitingProbes = this.#waitingProbes.filter(({ only, ended, resolve }) => {
      const permit = this.#isProbeOver(only, ended) ? undefined : this.#tryTakeProbe(only);
      if (permit === undefined && !this.#isProbeOver(only, ended)) return true;
      resolve(permit);
      return false;
    });
    if (this.isOver) for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    while (this.#waiting.length > 0) {
      const permit = this.tryTake();
      if (permit === undefined) break;
      this.#waiting.shift()?.(permit);
    }
    this.#listener();
  }
}
