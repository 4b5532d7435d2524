/** What one worker needs; it knows neither HTTP nor SQL nor quotas. */
export interface WorkerEffects<Work, Permit> {
  /** Work that is ready this instant. */
  readonly take: () => Work | undefined;
  /** Resolves when `take` is worth another try; `false`: there will be none any more. */
  readonly waitForWork: () => Promise<boolean>;
  /** A permit that is free this instant. */
  readonly tryPermit: () => Permit | undefined;
  /** The next permit; `undefined` where the run has been told to end. */
  readonly waitForPermit: () => Promise<Permit | undefined>;
  /** It was not sent. */
  readonly putBack: (work: Work) => void;
  /** Sends one request and sees to its answer. */
  readonly sendAndSettle: (work: Work, permit: Permit) => Promise<unknown>;
  /** `undefined` where one more answer can be taken in at once. */
  readonly whenRoom: () => Promise<void> | undefined;
}

/** One of the long-lived workers: work, then leave to send it, then its answer, until there is no more. */
export async function runWorker<Work, Permit>(effects: WorkerEffects<Work, Permit>): Promise<void> {
  for (;;) {
    const work = effects.take();
    if (work === undefined) {
      if (await effects.waitForWork()) continue;
      return;
    }
    const permit = effects.tryPermit() ?? (await effects.waitForPermit());
    if (permit === undefined) {
      effects.putBack(work);
      return;
    }
    await effects.sendAndSettle(work, permit);
    for (let room = effects.whenRoom(); room !== undefined; room = effects.whenRoom()) await room;
  }
}
