import { ScratchIds } from '../checkpoint/find/scratch-ids.ts';
import type { ProtectedBatch } from '../checkpoint/protect/protected-batch.ts';
import type { ImageId } from '../domain/image-id.ts';
import { matchKey } from '../domain/spelling/match-key.ts';
import { PatternSet } from '../domain/spelling/pattern-set.ts';

/** All that one row may mean. */
interface Row {
  readonly ids: ImageId[];
  readonly patterns: string[];
}

/** The rows of a file of IDs, kept to be told which of them mean none of the IDs that there are. */
export class UnmetRows {
  readonly #isLiteral: boolean;
  readonly #rows: Row[] = [];

  /** @param isLiteral - only an equal ID is meant */
  constructor(isLiteral: boolean) {
    this.#isLiteral = isLiteral;
  }

  add({ rowCount, ids, idLines, patterns, patternLines }: ProtectedBatch): void {
    // All of JSON may stand on one line, and then each value has one reading.
    const haveOneReading = rowCount === ids.length + patterns.length;
    const byLine = new Map<number, Row>();
    const rowOf = (line: number | undefined): Row => {
      const known = haveOneReading ? undefined : byLine.get(line ?? 0);
      if (known !== undefined) return known;
      const row: Row = { ids: [], patterns: [] };
      byLine.set(line ?? 0, row);
      this.#rows.push(row);
      return row;
    };
    ids.forEach((id, index) => rowOf(idLines[index]).ids.push(id));
    patterns.forEach((pattern, index) => rowOf(patternLines[index]).patterns.push(pattern));
  }

  /** The first reading of each row that means none of these IDs, in the order of the file. */
  without(present: readonly string[]): string[] {
    using ids = new ScratchIds();
    ids.add(present);
    const isMet = (row: Row): boolean => row.ids.some((id) => this.#has(ids, id)) || row.patterns.some((one) => matchesAny(one, present));
    const unmet = this.#rows.filter((row) => !isMet(row));
    return [...new Set(unmet.map((row) => row.ids[0] ?? row.patterns[0] ?? ''))];
  }

  #has(ids: ScratchIds, id: ImageId): boolean {
    const hit = ids.find(id);
    return hit !== undefined && (hit.nearEntry === undefined || !this.#isLiteral);
  }
}

function matchesAny(pattern: string, ids: readonly string[]): boolean {
  const patterns = new PatternSet([[pattern, undefined]]);
  return ids.some((id) => patterns.find(id) !== undefined || patterns.findByKey(matchKey(id)) !== undefined);
}
