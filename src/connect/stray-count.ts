/** Refusals that did not last. A few in a night are nobody's fault; many mean that something does refuse, now and then. */
export interface StrayCount {
  /** One more, at a monotonic time. */
  add(nowMs: number): 'few' | 'too-many';
  /** What to tell of those within the span. */
  told(): { readonly strays: number; readonly straysMax: number };
}

/** The last of so many within the span ends the run. */
export const STRAY_COUNT_MAX = 5;
export const STRAY_SPAN_MS = 3_600_000;

export function createStrayCount(): StrayCount {
  let atMs: readonly number[] = [];
  return {
    add(nowMs) {
      atMs = [...atMs.filter((before) => nowMs - before < STRAY_SPAN_MS), nowMs];
      return atMs.length >= STRAY_COUNT_MAX ? 'too-many' : 'few';
    },
    told: () => ({ strays: atMs.length, straysMax: STRAY_COUNT_MAX }),
  };
}
