import pLimit from 'p-limit';

/** What dispatching needs; it knows neither HTTP nor SQL nor quotas. */
export interface DispatchOptions<Work, Permit> {
  /** As many requests are in flight at most, beside those of probes. */
  readonly concurrency: number;
  /** Whether an ID is ready this instant. */
  readonly isWorkReady: () => boolean;
  /** `undefined` where none is ready after all. */
  readonly takeWork: () => Work | undefined;
  /** So many IDs wait for permits now: they are sent before any that becomes ready later. */
  readonly lineUp: (count: number) => void;
  /** A permit that is free this instant. */
  readonly tryPermit: () => Permit | undefined;
  /** Sends one request and deals with its answer. */
  readonly send: (work: Work, permit: Permit) => Promise<void>;
  /** `undefined` where one more answer can be taken in at once; else resolves when there may be room. */
  readonly whenRoom: () => Promise<void> | undefined;
  /** Nothing will be sent any more. */
  readonly isOver: () => boolean;
  /** Resolves when there may be work again, or when it may be over. */
  readonly whenChanged: () => Promise<void>;
  /** A request has been dealt with, or there is room again; `whenChanged` is to resolve then too. */
  readonly onSent: () => void;
  /** A bug in `send`. */
  readonly onError: (error: unknown) => void;
}

export interface Dispatch {
  /** Sends as long as there are an ID, a permit, a free place and room for the answer. Call it when there may be permits. */
  fill(): void;
  /** Resolves when nothing will be sent any more and everything sent has been dealt with. */
  readonly done: Promise<void>;
}

/** Sends IDs while there are permits, `concurrency` at a time. An ID is taken only when it can be sent at once: nothing is queued. */
export function startDispatch<Work, Permit>(options: DispatchOptions<Work, Permit>): Dispatch {
  const { concurrency, whenChanged, onSent } = options;
  const limit = pLimit(concurrency);
  const inFlight = (): number => limit.activeCount + limit.pendingCount;

  function hasRoom(): boolean {
    const room = options.whenRoom();
    if (room === undefined) return true;
    void room.then(onSent);
    return false;
  }

  async function sendOne(work: Work, permit: Permit): Promise<void> {
    try {
      await limit(options.send, work, permit);
    } catch (error) {
      options.onError(error);
    }
    onSent();
  }

  function fill(): void {
    while (inFlight() < concurrency && options.isWorkReady() && hasRoom()) {
      const permit = options.tryPermit();
      if (permit === undefined) return options.lineUp(concurrency - inFlight());
      const work = options.takeWork();
      if (work === undefined) throw new Error('an ID was ready, and could not be taken');
      void sendOne(work, permit);
    }
  }

  async function run(): Promise<void> {
    while (!options.isOver()) {
      fill();
      await whenChanged();
    }
    while (inFlight() > 0) await whenChanged();
  }

  return { fill, done: run() };
}
