import { resolve } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { ImageId, SuspiciousId } from '../../domain/image-id.ts';
import { type IdKey, idToKey } from '../format/id-key.ts';
import type { ReadCounts, RecordedSource } from '../facts.ts';
import { theRow } from '../read-facts.ts';
import { beginReading, dropNeverMet } from './reading.ts';
import { OUTCOME_NUMBER } from '../format/outcomes.ts';
import type { Protection } from '../protect/protection.ts';
import { setSourceCounts } from '../state.ts';
import { inTransaction } from '../file/transaction.ts';
import { prepareSuspicious, type SuspiciousCounter } from './suspicious.ts';
import type { AddToTally } from '../tally.ts';
import { type Touched, TouchedRows } from '../touched.ts';

/** Rows of one source, checked by the plan stage: `ids[i]` stood on `lines[i]`. */
export interface AcceptBatch {
  /** Position of the source in this reading, from 0. */
  readonly sourceIndex: number;
  readonly ids: readonly ImageId[];
  readonly lines: readonly number[];
  /** Those of the IDs, other shards' too, that look as if they were something else. */
  readonly suspicious: readonly SuspiciousId[];
  readonly rejected: readonly { readonly raw: string; readonly reason: string; readonly line: number }[];
  readonly skippedCount: number;
  /** They are skipped; the digest and the guards judge the whole list. */
  readonly otherShardIds: readonly ImageId[];
  readonly nowMs: number;
}

export interface NamedSource {
  readonly name: string;
  readonly opened: RecordedSource['opened'];
}

export interface ReadDigest {
  readonly sizeBytes: number;
  readonly sha256: Uint8Array;
}

/** What the checkpoint makes of a value of a reading; an `accepted` one was given the next number. */
type Meeting = 'accepted' | 'met-again' | 'duplicate';

/**
 * Reads sources into the checkpoint. A reading numbers its items from `reading_start_seq` on. An ID of an earlier, unfinished
 * reading that may still be sent (pending or failed) gets a new number when it is met again, so "met" needs no column.
 */
export class Intake {
  readonly #db: DatabaseSync;
  readonly #addToTally: AddToTally;
  readonly #statements: IntakeStatements;
  readonly #suspicious: SuspiciousCounter;
  #isFirstReading = true;
  #startSeq = 0;
  #nextSeq = 0;
  #firstSource = 0;
  #sourceNames: readonly string[] = [];
  readonly #protection: Protection;

  constructor(db: DatabaseSync, protection: Protection, addToTally: AddToTally) {
    this.#db = db;
    this.#protection = protection;
    this.#addToTally = addToTally;
    this.#statements = prepareStatements(db);
    this.#suspicious = prepareSuspicious(db);
  }

  /** Begins a reading; in a second one old pending IDs wait until they are met again. One transaction of its own. */
  begin(sources: readonly NamedSource[]): void {
    const db = this.#db;
    inTransaction(db, () => {
      beginReading(db);
      this.#suspicious.reset();
      const state = theRow(db, 'SELECT reading, reading_start_seq FROM state');
      const reading = Number(state['reading']);
      this.#isFirstReading = reading === 1;
      this.#startSeq = this.#nextSeq = Number(state['reading_start_seq']);
      this.#firstSource = Number(theRow(db, 'SELECT coalesce(max(number) + 1, 0) AS n FROM source')['n']);
      this.#sourceNames = sources.map(({ name }) => name);
      const insertSource = db.prepare(
        'INSERT INTO source (number, reading, path, absolute_path, opened_size_bytes, opened_modified_ms) VALUES (?, ?, ?, ?, ?, ?)',
      );
      sources.forEach(({ name, opened }, index) =>
        insertSource.run(
          this.#firstSource + index,
          reading,
          name,
          name === '-' ? name : resolve(name),
          opened?.sizeBytes ?? null,
          opened?.modifiedMs ?? null,
        ),
      );
    });
  }

  /** Accepts a batch; call it inside a transaction. */
  accept(batch: AcceptBatch): { readonly acceptedCount: number; readonly metAgainCount: number; readonly touched: Touched } {
    const nextSeqBefore = this.#nextSeq;
    const touched = new TouchedRows();
    try {
      this.#suspicious.beginBatch(batch.suspicious, this.#firstSource + batch.sourceIndex);
      const { metAgain, ...count } = this.#acceptIds(batch, touched);
      this.#keepRejected(batch, touched);
      this.#keepOtherShards(batch);
      this.#suspicious.endBatch();
      this.#statements.noteProgress.run(this.#nextSeq, batch.nowMs);
      const rejected = batch.rejected.length;
      const skipped = batch.skippedCount + batch.otherShardIds.length;
      this.#addToTally({
        rows: count.accepted + count.duplicates + count.protected + rejected + skipped,
        ...count,
        rejected,
        skipped,
      });
      return { acceptedCount: count.accepted, metAgainCount: metAgain, touched };
    } catch (error) {
      this.#nextSeq = nextSeqBefore;
      throw error;
    }
  }

  /** Ends the reading: old pending IDs that it never met are dropped; call it inside a transaction. Both lists are by source. */
  finish(digests: readonly (ReadDigest | undefined)[], nowMs: number, counts: readonly ReadCounts[] = []): Touched {
    const touched = dropNeverMet(this.#db, this.#addToTally, nowMs);
    const update = this.#db.prepare('UPDATE source SET size_bytes = ?, sha256 = ? WHERE number = ?');
    digests.forEach((digest, index) => {
      if (digest !== undefined) update.run(digest.sizeBytes, digest.sha256, this.#firstSource + index);
    });
    this.#suspicious.finish();
    setSourceCounts(this.#db, counts);
    this.#db.exec('UPDATE state SET is_intake_complete = 1');
    return touched;
  }

  /** An ID that was met again counts as accepted already. */
  #acceptIds(batch: AcceptBatch, touched: TouchedRows): { accepted: number; metAgain: number; duplicates: number; protected: number } {
    const { ids, lines, sourceIndex } = batch;
    const count = { accepted: 0, metAgain: 0, duplicates: 0, protected: 0 };
    const source = this.#sourceNames[sourceIndex] ?? '';
    const { hasRules } = this.#protection;
    ids.forEach((id, index) => {
      const line = lines[index] ?? 0;
      const seq = this.#nextSeq;
      const key = idToKey(id);
      switch (this.#meet(key, this.#firstSource + sourceIndex, line)) {
        case 'duplicate':
          count.duplicates++;
          break;
        case 'met-again':
          count.metAgain++;
          this.#suspicious.note(id, line);
          break;
        case 'accepted': {
          const hit = hasRules ? this.#protection.find(id, key) : undefined;
          if (hit === undefined) {
            this.#suspicious.note(id, line);
            count.accepted++;
          } else {
            touched.add(seq, this.#protection.protect({ seq, id, source, line }, hit));
            count.protected++;
          }
        }
      }
    });
    return count;
  }

  /** They belong to the set that a person consents to. */
  #keepOtherShards({ otherShardIds }: AcceptBatch): void {
    for (const id of otherShardIds) {
      const key = idToKey(id);
      const isProtected = this.#protection.find(id, key) !== undefined;
      const { changes } = this.#statements.insertOtherShard.run(key, isProtected ? 1 : 0);
      if (changes === 1 && !isProtected) this.#suspicious.noteOtherShard(id);
    }
  }

  #keepRejected({ rejected, sourceIndex }: AcceptBatch, touched: TouchedRows): void {
    const source = this.#sourceNames[sourceIndex] ?? '';
    for (const { line, raw, reason } of rejected) {
      const { lastInsertRowid } = this.#statements.insertRejected.run(this.#firstSource + sourceIndex, line, raw, reason);
      touched.add(-Number(lastInsertRowid), { outcome: 'rejected', raw, reason, source, line });
    }
  }

  #meet(key: IdKey, source: number, line: number): Meeting {
    if (this.#statements.insertItem.run(this.#nextSeq, key, source, line).changes === 1) {
      this.#nextSeq++;
      return 'accepted';
    }
    return this.#isFirstReading ? 'duplicate' : this.#meetKnown(key, source, line);
  }

  #meetKnown(key: IdKey, source: number, line: number): Meeting {
    const statements = this.#statements;
    const old = statements.findItem.get(key);
    const oldSeq = Number(old?.['seq']);
    const seq = this.#nextSeq;
    if (oldSeq >= this.#startSeq) return 'duplicate';
    if (old?.['outcome'] === OUTCOME_NUMBER.failed) {
      // It keeps its place, because its line in the report names that place.
      for (const move of [statements.renumberItem, statements.moveResult, statements.moveDetail]) move.run(seq, oldSeq);
      this.#nextSeq++;
      return 'met-again';
    }
    if (old?.['outcome'] !== null) return statements.insertMet.run(oldSeq).changes === 1 ? 'met-again' : 'duplicate';
    statements.moveItem.run(seq, source, line, oldSeq);
    statements.moveTried.run(seq, oldSeq);
    this.#nextSeq++;
    return 'accepted';
  }
}

interface IntakeStatements {
  readonly insertItem: StatementSync;
  readonly findItem: StatementSync;
  readonly moveItem: StatementSync;
  readonly renumberItem: StatementSync;
  readonly moveResult: StatementSync;
  readonly moveDetail: StatementSync;
  readonly moveTried: StatementSync;
  readonly insertMet: StatementSync;
  readonly insertRejected: StatementSync;
  readonly insertOtherShard: StatementSync;
  readonly noteProgress: StatementSync;
}

function prepareStatements(db: DatabaseSync): IntakeStatements {
  return {
    insertItem: db.prepare('INSERT INTO item (seq, id, source, line) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING'),
    findItem: db.prepare('SELECT seq, (SELECT outcome FROM result WHERE result.item = seq) AS outcome FROM item WHERE id = ?'),
    moveItem: db.prepare('UPDATE item SET seq = ?, source = ?, line = ? WHERE seq = ?'),
    renumberItem: db.prepare('UPDATE item SET seq = ? WHERE seq = ?'),
    moveResult: db.prepare('UPDATE result SET item = ? WHERE item = ?'),
    moveDetail: db.prepare('UPDATE detail SET item = ? WHERE item = ?'),
    moveTried: db.prepare('UPDATE tried SET item = ? WHERE item = ?'),
    insertMet: db.prepare('INSERT OR IGNORE INTO met (item) VALUES (?)'),
    insertRejected: db.prepare('INSERT INTO rejected (source, line, raw, reason) VALUES (?, ?, ?, ?)'),
    insertOtherShard: db.prepare('INSERT OR IGNORE INTO other_shard (id, is_protected) VALUES (?, ?)'),
    noteProgress: db.prepare('UPDATE state SET next_seq = ?, last_worked_at_ms = ?'),
  };
}
