import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import * as fc from '../fast-check.ts';

import { REJECTED, TestLedger } from './ledger.ts';

/** What a kill left: the checkpoint, and the lines that belong to it. */
interface Instant {
  readonly killed: TestLedger;
  readonly records: readonly string[];
}

type Damage =
  | { readonly kind: 'none' | 'missing' }
  | { readonly kind: 'cut'; readonly where: number }
  | { readonly kind: 'overwritten'; readonly where: number; readonly byte: number }
  | { readonly kind: 'appended'; readonly text: string };

const anywhere = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.constant({ kind: 'none' as const }),
  fc.constant({ kind: 'missing' as const }),
  fc.record({ kind: fc.constant('cut' as const), where: anywhere }),
  fc.record({ kind: fc.constant('overwritten' as const), where: anywhere, byte: fc.nat({ max: 255 }) }),
  fc.record({ kind: fc.constant('appended' as const), text: fc.string({ minLength: 1, maxLength: 300 }) }),
);

/**
 * A checkpoint as of one kill beside a report as of another, damaged: whether the next run's report has one line for each record.
 *
 * @returns the first case in which it has not, or `undefined`
 */
export async function findWrongReportAfterKill(caseCount: number): Promise<string | undefined> {
  await using purge = new TestLedger();
  const instants = await killedAtEachStep(purge);
  const reports = instants.map(({ killed }) => readFileSync(killed.reportPath));
  const which = fc.nat({ max: instants.length - 1 });
  const eachRecordHasOneLine = fc.asyncProperty(which, which, damages, async (committed, appended, damage) => {
    const instant = instants[committed];
    const report = reports[appended];
    if (instant === undefined || report === undefined) throw new Error('no such instant');
    await using copy = instant.killed.killedNow();
    writeDamaged(copy.reportPath, report, damage);
    await copy.resume();
    assert.deepEqual(copy.lines().toSorted(), instant.records.toSorted());
    await copy.work(1);
    await copy.end();
    assert.equal(copy.lines().length, instant.records.length + 1);
    assert.equal(new Set(copy.lines()).size, instant.records.length + 1);
  });
  const found = await fc.check(eachRecordHasOneLine, { numRuns: caseCount });
  for (const { killed } of instants) await killed[Symbol.asyncDispose]();
  return fc.asyncDefaultReportMessage(found);
}

async function killedAtEachStep(purge: TestLedger): Promise<readonly Instant[]> {
  await purge.begin(['a', 'b', 'c', 'd', 'e']);
  const instants: Instant[] = [{ killed: purge.killedNow(), records: [REJECTED] }];
  for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) {
    const outcome = index % 2 === 0 ? 'deleted' : 'failed';
    await purge.work(1, outcome);
    instants.push({ killed: purge.killedNow(), records: [...(instants.at(-1)?.records ?? []), `${id} ${outcome}`] });
  }
  return instants;
}

function writeDamaged(path: string, report: Uint8Array, damage: Damage): void {
  switch (damage.kind) {
    case 'missing':
      return rmSync(path, { force: true });
    case 'cut':
      return writeFileSync(path, report.subarray(0, Math.floor(damage.where * report.length)));
    case 'overwritten': {
      const bytes = Uint8Array.from(report);
      bytes[Math.floor(damage.where * report.length)] = damage.byte;
      return writeFileSync(path, bytes);
    }
    case 'appended':
      writeFileSync(path, report);
      return appendFileSync(path, damage.text);
    case 'none':
      return writeFileSync(path, report);
  }
}
