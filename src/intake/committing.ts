import type { AcceptBatch } from '../checkpoint/intake/intake.ts';
import { joinIds, packIds } from '../checkpoint/intake/packed-ids.ts';
import type { PlannedBatch } from '../plan/plan-batch.ts';

/** What was read and is not committed yet: all of one source. */
export type ReadRows = Omit<AcceptBatch, 'nowMs'>;

/** How many rows a transaction takes at most: the disk's part of each is then small, and a batch a megabyte. */
const ROWS_GATHERED_MAX = 16_000;

/**
 * Commits what is read while more of it is being read. What comes meanwhile is gathered: where reading is the faster, transactions
 * become larger, and where rows trickle in, each is committed at once.
 */
export class Committing {
  readonly #commit: (rows: ReadRows) => Promise<void>;
  readonly #isHalted: () => boolean;
  #gathered: ReadRows[] = [];
  #gatheredCount = 0;
  #inFlight: Promise<void> | undefined;

  constructor(commit: (rows: ReadRows) => Promise<void>, isHalted: () => boolean) {
    this.#commit = commit;
    this.#isHalted = isHalted;
  }

  /** Waits where too much would be gathered. Throws what an earlier commit has thrown. */
  async add(sourceIndex: number, { ids, lines, ...planned }: PlannedBatch): Promise<void> {
    // Packed at once, so that the texts of the IDs live for a moment only.
    const rows = { sourceIndex, ids: packIds(ids), lines: Float64Array.from(lines), ...planned };
    if (this.#gatheredCount > 0 && (this.#gatheredCount + rowsOf(rows) > ROWS_GATHERED_MAX || !this.#isOfOneSource(rows))) await this.end();
    this.#gathered.push(rows);
    this.#gatheredCount += rowsOf(rows);
    this.#go();
  }

  /** Commits all that was read. */
  async end(): Promise<void> {
    this.#go();
    while (this.#inFlight !== undefined) await this.#inFlight;
  }

  #isOfOneSource({ sourceIndex }: ReadRows): boolean {
    return this.#gathered.every((rows) => rows.sourceIndex === sourceIndex);
  }

  #go(): void {
    if (this.#inFlight !== undefined || this.#gathered.length === 0 || this.#isHalted()) return;
    const rows = joinRows(this.#gathered);
    this.#gathered = [];
    this.#gatheredCount = 0;
    this.#inFlight = this.#commitThenGo(rows);
    // Watched again by the next call; until then its rejection must not count as unhandled.
    this.#inFlight.catch(() => undefined);
  }

  async #commitThenGo(rows: ReadRows): Promise<void> {
    await this.#commit(rows);
    this.#inFlight = undefined;
    this.#go();
  }
}

export function rowsOf({ ids, rejected, skippedCount, otherShardIds }: ReadRows): number {
  return ids.count + rejected.length + skippedCount + otherShardIds.length;
}

function joinRows(parts: readonly ReadRows[]): ReadRows {
  return {
    sourceIndex: parts[0]?.sourceIndex ?? 0,
    ids: joinIds(parts.map(({ ids }) => ids)),
    lines: Float64Array.from(parts.flatMap(({ lines }) => [...lines])),
    suspicious: parts.flatMap(({ suspicious }) => suspicious),
    rejected: parts.flatMap(({ rejected }) => rejected),
    skippedCount: parts.reduce((sum, { skippedCount }) => sum + skippedCount, 0),
    otherShardIds: parts.flatMap(({ otherShardIds }) => otherShardIds),
  };
}
