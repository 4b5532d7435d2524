import { resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import type { ImageId, SuspiciousId } from '../../domain/image-id.ts';
import { SetDigest } from '../digest/set-digest.ts';
import type { ItemsById } from '../find/items-by-id.ts';
import { type IdKey, idOfKey, idToKey } from '../format/id-key.ts';
import { itemSum } from '../format/sound-item.ts';
import type { ReadCounts, RecordedSource } from '../facts.ts';
import { theRow } from '../read-facts.ts';
import { beginReading, dropNeverMet } from './reading.ts';
import { OUTCOME_NUMBER } from '../format/outcomes.ts';
import type { Protection } from '../protect/protection.ts';
import { setSourceCounts } from '../state.ts';
import { inTransaction } from '../file/transaction.ts';
import { forEachKey, ID_HASH_BYTES, type PackedIds } from './packed-ids.ts';
import { type IntakeStatements, prepareStatements } from './statements.ts';
import { prepareSuspicious, type SuspiciousCounter } from './suspicious.ts';
import type { AddToTally } from '../tally.ts';
import { type Touched, TouchedRows } from '../touched.ts';

/** Rows of one source, checked by the plan stage: the ID `i` stood on `lines[i]`. */
export interface AcceptBatch {
  /** Position of the source in this reading, from 0. */
  readonly sourceIndex: number;
  readonly ids: PackedIds;
  readonly lines: Float64Array;
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
  readonly #items: ItemsById;
  readonly #addToTally: AddToTally;
  readonly #statements: IntakeStatements;
  readonly #suspicious: SuspiciousCounter;
  #isFirstReading = true;
  #startSeq = 0;
  #nextSeq = 0;
  #firstSource = 0;
  #sourceNames: readonly string[] = [];
  /** What this reading has accepted or met again; `undefined` where the set is more, or not known: it is read again afterwards. */
  #set: SetDigest | undefined;
  readonly #protection: Protection;

  constructor(db: DatabaseSync, items: ItemsById, protection: Protection, addToTally: AddToTally) {
    this.#db = db;
    this.#items = items;
    this.#protection = protection;
    this.#addToTally = addToTally;
    this.#statements = prepareStatements(db);
    this.#suspicious = prepareSuspicious(db, items);
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
      this.#set = new SetDigest();
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
    const touched = new TouchedRows();
    this.#forgetUncommitted();
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
      this.#set = undefined;
      throw error;
    }
  }

  /** Where a transaction has failed, its numbers are given again, and nobody knows which of its IDs are in the sum. */
  #forgetUncommitted(): void {
    const nextSeq = Number(this.#statements.nextSeq.get()?.['next_seq']);
    if (nextSeq === this.#nextSeq) return;
    this.#nextSeq = nextSeq;
    this.#set = undefined;
  }

  /** All that was accepted; `undefined` where the digest is to be taken by reading the items. */
  get set(): SetDigest | undefined {
    return this.#set;
  }

  /** Ends the reading: old pending IDs that it never met are dropped; call it inside a transaction. Both lists are by source. */
  finish(digests: readonly (ReadDigest | undefined)[], nowMs: number, counts: readonly ReadCounts[] = []): Touched {
    const touched = dropNeverMet(this.#db, this.#addToTally, nowMs);
    const update = this.#db.prepare('UPDATE source SET size_bytes = ?, sha256 = ? WHERE number = ?');
    digests.forEach((digest, index) => {
      if (digest !== undefined) update.run(digest.sizeBytes, digest.sha256, this.#firstSource + index);
    });
    this.#suspicious.finish();
    this.#items.release();
    this.#protection.release();
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
    forEachKey(ids, (key, index) => {
      const line = lines[index] ?? 0;
      const seq = this.#nextSeq;
      switch (this.#meet(key, this.#firstSource + sourceIndex, line)) {
        case 'duplicate':
          count.duplicates++;
          break;
        case 'met-again':
          count.metAgain++;
          this.#suspicious.note(key, line);
          this.#set?.addHash(ids.hashes, index * ID_HASH_BYTES);
          break;
        case 'accepted': {
          const hit = hasRules ? this.#protection.find(key) : undefined;
          if (hit === undefined) {
            this.#suspicious.note(key, line);
            count.accepted++;
            this.#set?.addHash(ids.hashes, index * ID_HASH_BYTES);
          } else {
            touched.add(seq, this.#protection.protect({ seq, id: idOfKey(key), source, line }, hit));
            count.protected++;
          }
        }
      }
    });
    return count;
  }

  /** They belong to the set that a person consents to. */
  #keepOtherShards({ otherShardIds }: AcceptBatch): void {
    if (otherShardIds.length > 0) this.#set = undefined;
    for (const id of otherShardIds) {
      const key = idToKey(id);
      const isProtected = this.#protection.find(key) !== undefined;
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
    const oldSeq = this.#items.find(key);
    if (oldSeq !== undefined) {
      if (this.#isFirstReading || oldSeq >= this.#startSeq) return 'duplicate';
      return this.#meetKnown(oldSeq, key, source, line);
    }
    this.#statements.insertItem.run(this.#nextSeq, key, source, line, itemSum(this.#nextSeq, key));
    this.#number(key);
    return 'accepted';
  }

  /** An item of an earlier reading. */
  #meetKnown(oldSeq: number, key: IdKey, source: number, line: number): Meeting {
    const statements = this.#statements;
    const outcome = statements.outcomeOf.get(oldSeq)?.['outcome'];
    const seq = this.#nextSeq;
    if (outcome === OUTCOME_NUMBER.failed) {
      // It keeps its place, because its line in the report names that place.
      statements.renumberItem.run(seq, itemSum(seq, key), oldSeq);
      for (const move of [statements.moveResult, statements.moveDetail]) move.run(seq, oldSeq);
      this.#number(key);
      return 'met-again';
    }
    if (outcome !== undefined) return statements.insertMet.run(oldSeq).changes === 1 ? 'met-again' : 'duplicate';
    statements.moveItem.run(seq, source, line, itemSum(seq, key), oldSeq);
    statements.moveTried.run(seq, oldSeq);
    this.#number(key);
    return 'accepted';
  }

  /** The ID has the next number from now on. */
  #number(key: IdKey): void {
    this.#items.add(key, this.#nextSeq);
    this.#nextSeq++;
  }
}
