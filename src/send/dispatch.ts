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
  /** Sends one request and deals with its answer. */
  readonly send: (work: Work, permit: Permit) => Promise<unknown>;
  /** `undefined` where one more answer can be taken in at once; else resolves when there may be room. */
  readonly whenRoom: () => Promise<void> | undefined;
  /** Nothing more will be sent. */
  readonly isOver: () => boolean;
  /** Resolves when there may be work again, or when it may be over. */
  readonly whenChanged: () => Promise<void>;
  /** None is in flight any more, or there is room again; `whenChanged` is to resolve then too. */
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
  let inFlight = 0;

  function hasRoom(): boolean {
    const room = options.whenRoom();
    if (room === undefined) return true;
    void room.then(onSent);
    return false;
  }

  /** Tens of thousands a second end here: the next ID takes the free place at once, and the loop is woken only when none is left. */
  function ended(): void {
    inFlight--;
    fill();
    if (inFlight === 0) onSent();
  }

  function sendOne(work: Work, permit: Permit): void {
    inFlight++;
    options.send(work, permit).then(ended, (error: unknown) => {
      options.onError(error);
      ended();
    });
  }

  function fill(): void {
    while (inFlight < concurrency && options.isWorkReady() && hasRoom()) {
      const permit = options.tryPermit();
      if (permit === undefined) return options.lineUp(concurrency - inFlight);
      const work = options.takeWork();
      if (work === undefined) throw new Error('an ID was ready, and could not be taken');
      sendOne(work, permit);
    }
  }

  async function run(): Promise<void> {
    while (!options.isOver()) {
      fill();
      await whenChanged();
    }
    while (inFlight > 0) await whenChanged();
  }

  return { fill, done: run() };
}
