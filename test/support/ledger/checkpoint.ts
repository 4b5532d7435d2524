import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { createDatabase } from '../../../src/checkpoint/file/create-database.ts';
import { openDatabase } from '../../../src/checkpoint/file/database.ts';
import type { HashOf } from '../../../src/checkpoint/find/hash-of-key.ts';
import { ItemsById } from '../../../src/checkpoint/find/items-by-id.ts';
import { inTransaction } from '../../../src/checkpoint/file/transaction.ts';
import type { CheckpointFacts, Definition } from '../../../src/checkpoint/facts.ts';
import { Protection } from '../../../src/checkpoint/protect/protection.ts';
import { addProtected } from '../../../src/checkpoint/protect/rules.ts';
import { protectedIds } from './protected.ts';
import { Intake } from '../../../src/checkpoint/intake/intake.ts';
import { type PageItem, preparePages } from '../../../src/checkpoint/pages.ts';
import { packResults } from '../../../src/checkpoint/packed-results.ts';
import { prepareResults } from '../../../src/checkpoint/store-results.ts';
import type { ItemResult } from '../../../src/checkpoint/results.ts';
import { type AddToTally, prepareTally } from '../../../src/checkpoint/tally.ts';
import { packIds } from '../../../src/checkpoint/intake/packed-ids.ts';
import { type ImageId, parseImageId } from '../../../src/domain/image-id.ts';
import type { RunCounts } from '../../../src/domain/summary.ts';
import { NO_GUARDS } from '../../../src/purge/consent/lost-guards.ts';

export const DEFINITION: Definition = {
  job: 'job-1',
  accountId: '0123456789abcdef0123456789abcdef',
  baseUrl: 'http://127.0.0.1:1/client/v4',
  createdAtMs: 1_000,
  form: {
    format: 'auto',
    column: null,
    noHeader: false,
    delimiter: null,
    quote: null,
    skipLines: 0,
    acceptLastLine: false,
    literal: false,
    deliveryUrls: false,
  },
  guards: NO_GUARDS,
  shard: null,
  otherShardsCount: 0,
  otherShardsProtectedCount: 0,
  sourceCounts: null,
  note: null,
};

export const NO_RUN: RunCounts = {
  deleted: 0,
  absent: 0,
  failed: 0,
  requests: 0,
  retries: 0,
  throttled: 0,
  elapsedMs: 0,
  ratePerSecond: 0,
};

/** Of a purge that was read to its end and deleted four of its ten IDs. */
export const UNFINISHED_FACTS: CheckpointFacts = {
  definition: DEFINITION,
  state: 'unfinished',
  isConfirmed: true,
  endedBy: undefined,
  hasOutcomes: true,
  hasUnanswered: false,
  excludeFiles: [],
  excludeIds: [],
  repeated: { delete: [], resume: [] },
  finishedAtMs: undefined,
  lastWorkedAtMs: 0,
  sources: [
    {
      path: 'ids.csv',
      absolutePath: '/data/ids.csv',
      isGone: false,
      opened: undefined,
      sizeBytes: 1,
      sha256: new Uint8Array(32),
      counts: { rows: 10, accepted: 10 },
    },
  ],
  reportPath: 'ids.csv.checkpoint.report.ndjson',
  digest: '1a2b3c4d5e6f',
  setSize: 10,
  intake: { complete: true, rows: 10, accepted: 10, duplicates: 0, protected: 0, rejected: 0, skipped: 0 },
  suspicious: [],
  protectedBy: [],
  protectedAfterSending: 0,
  outcomes: { deleted: 4, absent: 0, failed: 0, planned: 0 },
  pending: 6,
  run: NO_RUN,
  lastEnd: undefined,
};

export function imageId(text: string): ImageId {
  const parsed = parseImageId(text);
  if (parsed.kind === 'unusable') throw new Error(`${text}: ${parsed.reason}`);
  return parsed.id;
}

/** A real checkpoint in a folder of its own, with the steps a run takes. */
export class TestCheckpoint {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'images-purge-checkpoint-'));
  readonly path: string = join(this.folder, 'ids.csv.checkpoint');
  db: DatabaseSync;
  intake: Intake;
  protection: Protection;
  addToTally: AddToTally;
  readonly #hashOf: HashOf | undefined;

  /** @param hashOf - by which IDs are found */
  constructor(hashOf?: HashOf) {
    this.#hashOf = hashOf;
    createDatabase(this.path, DEFINITION, false, 1_000);
    this.db = openDatabase(this.path);
    this.addToTally = prepareTally(this.db);
    this.protection = new Protection(this.db);
    this.intake = new Intake(this.db, new ItemsById(this.db, this.#hashOf), this.protection, this.addToTally);
  }

  /** Closes without any ending, as a kill does, and opens it again. */
  reopen(): void {
    if (this.db.isOpen) this.db.close();
    this.db = openDatabase(this.path);
    this.addToTally = prepareTally(this.db);
    this.protection = new Protection(this.db);
    this.intake = new Intake(this.db, new ItemsById(this.db, this.#hashOf), this.protection, this.addToTally);
  }

  /** Puts an exclude file with these IDs on record. */
  protect(ids: readonly string[], name?: string): void {
    inTransaction(this.db, () => addProtected(this.db, [protectedIds(ids, name)], this.protection.entries));
    this.protection.rulesChanged();
  }

  /** Accepts more rows of a reading; call it inside a transaction. */
  accept(ids: readonly string[], rejectedLines: readonly number[] = []): void {
    this.intake.accept({
      sourceIndex: 0,
      ids: packIds(ids.map(imageId)),
      lines: Float64Array.from(ids, (_, index) => index + 1),
      suspicious: [],
      rejected: rejectedLines.map((line) => ({ raw: '', reason: 'empty', line })),
      skippedCount: 0,
      otherShardIds: [],
      nowMs: 2_000,
    });
  }

  /** Reads one source, whose rows are its IDs in order. */
  read(ids: readonly string[], options: { finish?: boolean; rejectedLines?: readonly number[] } = {}): void {
    this.intake.begin([{ name: 'ids.csv', opened: undefined }]);
    inTransaction(this.db, () => this.accept(ids, options.rejectedLines));
    if (options.finish ?? true) inTransaction(this.db, () => this.intake.finish([{ sizeBytes: 1, sha256: new Uint8Array(32) }], 2_000));
  }

  take(countMax: number): PageItem[] {
    return inTransaction(this.db, () => preparePages(this.db).take(countMax));
  }

  record(items: readonly PageItem[], outcome: ItemResult['outcome'] = 'deleted', more: Partial<ItemResult> = {}): void {
    const bySeq = new Map(items.map((item) => [item.seq, item]));
    const itemOf = (seq: number): PageItem => bySeq.get(seq) as PageItem;
    const results = items.map((item) => ({
      seq: item.seq,
      outcome,
      httpStatus: 200,
      code: undefined,
      message: undefined,
      cfRay: undefined,
      attempts: 1,
      earlierUnknown: false,
      atMs: 5,
      durationMs: 1,
      ...more,
    }));
    inTransaction(this.db, () =>
      prepareResults(this.db, this.addToTally)(
        { results: packResults(results), tried: [], moments: [], run: NO_RUN, nowMs: 2_000 },
        itemOf,
      ),
    );
  }

  [Symbol.dispose](): void {
    if (this.db.isOpen) this.db.close();
    rmSync(this.folder, { recursive: true });
  }
}
