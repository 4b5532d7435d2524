import * as fc from '../support/fast-check.ts';

/** One thing that takes input from outside, and what must hold of it whatever the input is. */
export interface FuzzTarget {
  readonly name: string;
  /** Its share of the cases: 1 where a case takes microseconds, less where it touches a disk. */
  readonly share: number;
  readonly property: fc.IAsyncProperty<unknown> | fc.IProperty<unknown>;
  readonly close?: () => void;
}

/** @returns cases run; throws with seed, path and the smallest counterexample where one fails */
export async function runTarget(target: FuzzTarget, runCount: number, seed: number): Promise<number> {
  const details = await fc.check(target.property as fc.IAsyncProperty<unknown>, {
    numRuns: Math.max(Math.ceil(runCount * target.share), 1),
    seed,
  });
  if (!details.failed) return details.numRuns;
  const again = `npm run fuzz -- --target ${target.name} --seed ${seed} --runs ${runCount}`;
  throw new Error(`${target.name}: a case failed\n${again}\n${fc.defaultReportMessage(details) ?? ''}`, { cause: details.errorInstance });
}
