import pLimit from 'p-limit';

/** What dispatching needs; it knows neither HTTP nor SQL nor quotas. */
export interface DispatchOptions<Work, Permit> {
  /** Requests in flight at most, not counting probes. */
  readonly concurrency: number;
  /** Whether an ID is ready now. */
  readonly isWorkReady: () => boolean;
  /** `undefined` if none is ready after all. */
  readonly takeWork: () => Work | undefined;
  /** This many IDs now wait for permits: they are sent before any that becomes ready later. */
  readonly lineUp: (count: number) => void;
  /** A permit if one is free now. */
  readonly tryPermit: () => Permit | undefined;
  /** Sends one request and handles its answer. */
  readonly send: (work: Work, permit: Permit) => Promise<void>;
  /** `undefined` if there is room for one more answer now; otherwise resolves when there may be. */
  readonly whenRoom: () => Promise<void> | undefined;
  /** Nothing more will be sent. */
  readonly isOver: () => boolean;
  /** Resolves when there may be work again, or when it may be over. */
  readonly whenChanged: () => Promise<void>;
  /** A request has been handled, or there is room again; `whenChanged` must resolve then too. */
  readonly onSent: () => void;
  /** A bug in `send`. */
  readonly onError: (error: unknown) => void;
}

export interface Dispatch {
  /** Sends while there are an ID, a permit, a free place and room for the answer. Call it when there may be permits. */
  fill(): void;
  /** Resolves when nothing more will be sent and everything sent has been handled. */
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
