import { readFileSync, writeFileSync } from 'node:fs';

import type { Target } from './target.ts';

const PATH = new URL('baseline.json', import.meta.url);
/** A ratio is worse than before where it is so much worse: less is machines' noise. */
const WORSE_BY_MAX = 1.3;

type Baseline = Readonly<Record<string, number>>;

/** Keeps the ratios of this run beside those of parts that were not run. */
export function writeBaseline(rows: readonly Target[]): void {
  const ratios = Object.fromEntries(rows.flatMap(({ what, ratio }) => (ratio === undefined ? [] : [[what, round(ratio.value)]])));
  writeFileSync(PATH, `${JSON.stringify({ ...readBaseline(), ...ratios }, null, 2)}\n`);
}

/** Ratios of this run that are much worse than those on record, as lines for a person. */
export function worseThanBaseline(rows: readonly Target[], baseline: Baseline = readBaseline()): string[] {
  return rows.flatMap(({ what, ratio }) => {
    const before = baseline[what];
    if (ratio === undefined || before === undefined) return [];
    const worseBy = ratio.isLessBetter ? ratio.value / before : before / ratio.value;
    return worseBy > WORSE_BY_MAX ? [`${what}: ${round(ratio.value)}, and ${before} on record`] : [];
  });
}

function readBaseline(): Baseline {
  return JSON.parse(readFileSync(PATH, 'utf8')) as Baseline;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
