/** Counts what is open or being worked on, and tells when nothing is. */
export interface Activity {
  began(): void;
  ended(): void;
  /** Resolves when as many have ended as began. */
  whenQuiet(): Promise<void>;
}

export function createActivity(): Activity {
  let busyCount = 0;
  const watchers: (() => void)[] = [];
  return {
    began: () => void busyCount++,
    ended() {
      if (--busyCount > 0) return;
      for (const resolve of watchers.splice(0)) resolve();
    },
    whenQuiet: () => (busyCount === 0 ? Promise.resolve() : new Promise((resolve) => watchers.push(resolve))),
  };
}
