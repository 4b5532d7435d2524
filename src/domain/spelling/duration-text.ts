/** How long each unit of a duration is, in milliseconds. */
export const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The shortest spelling of a duration that an option reads back: 300000 is `5m`. */
export function durationText(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's']) {
    const msPerUnit = MS_PER_UNIT[unit] ?? 1;
    if (ms >= msPerUnit && ms % msPerUnit === 0) return `${ms / msPerUnit}${unit}`;
  }
  return `${ms}ms`;
}
