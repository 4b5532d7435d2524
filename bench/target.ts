/** One line of the table. */
export interface Target {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
  /** `undefined`: for comparison only. */
  readonly isMet: boolean | undefined;
  /** Measured side by side in one run, so that another machine's can be compared with it. */
  readonly ratio?: { readonly value: number; readonly isLessBetter: boolean };
}

/** A ratio that is to be at least, or at most, so much. */
export function ratioTarget(what: string, value: number, bound: { readonly min: number } | { readonly max: number }): Target {
  const isLessBetter = 'max' in bound;
  return {
    what,
    measured: value.toFixed(2),
    target: isLessBetter ? `≤ ${bound.max}` : `≥ ${bound.min}`,
    isMet: isLessBetter ? value <= bound.max : value >= bound.min,
    ratio: { value, isLessBetter },
  };
}
