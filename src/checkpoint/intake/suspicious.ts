import type { DatabaseSync } from 'node:sqlite';

import type { ImageId, SuspiciousId } from '../../domain/image-id.ts';
import { LIST_KIND } from '../../domain/summary.ts';
import { matchKey } from '../../domain/spelling/match-key.ts';
import type { ItemsById } from '../find/items-by-id.ts';
import { type IdKey, idOfKey, idToKey } from '../format/id-key.ts';

/** Counts the suspicious values of a reading, kind by kind. All of it belongs into the transaction that accepts the IDs. */
export interface SuspiciousCounter {
  /** Nothing was read yet. */
  reset(): void;
  /** @param source - number of the source that all of them come from */
  beginBatch(suspicious: readonly SuspiciousId[], source: number): void;
  /** An ID of the batch was accepted, in the file's form. */
  note(key: IdKey, line: number): void;
  /** An ID of the batch is another run's to delete; whether it is like one of this run's is not looked at. */
  noteOtherShard(id: ImageId): void;
  endBatch(): void;
  /** All was read: IDs that differ from one another only in case or encoding are counted. */
  finish(): void;
}

interface Example {
  readonly text: string;
  readonly source: number;
  readonly line: number;
}

interface Spelling {
  readonly id: ImageId;
  readonly source: number;
  readonly line: number;
}

/** More IDs with capitals or encodings than this are not compared: they would fill the memory. */
const SPELLINGS_MAX = 100_000;

export function prepareSuspicious(db: DatabaseSync, items: ItemsById, spellingsMax: number = SPELLINGS_MAX): SuspiciousCounter {
  const add = db.prepare(`
    INSERT INTO suspicious (kind, count, example, source, line) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (kind) DO UPDATE SET count = count + excluded.count`);
  /** The first ID of each key that is another text than the key. */
  const spellings = new Map<string, Spelling>();
  const found = new Map<string, { count: number; first: Example }>();
  let kindsOf: ReadonlyMap<string, SuspiciousId> = new Map();
  let source = 0;

  function count(kind: string, text: string, line: number): void {
    const before = found.get(kind);
    if (before === undefined) found.set(kind, { count: 1, first: { text, source, line } });
    else {
      before.count++;
      // Those of other shards are noted after the others of their batch.
      if (line < before.first.line) before.first = { text, source, line };
    }
  }

  function countKinds(id: ImageId): void {
    const value = kindsOf.get(id);
    if (value === undefined) return;
    for (const kind of value.kinds) count(kind, value.examples?.[kind] ?? id, value.line);
  }

  function compare(id: ImageId, line: number): void {
    const key = matchKey(id);
    if (key === id) return;
    if (spellings.has(key)) count(LIST_KIND.nearDuplicate, id, line);
    else if (spellings.size < spellingsMax) spellings.set(key, { id, source, line });
    else count(LIST_KIND.notCompared, id, line);
  }

  function write(): void {
    for (const [kind, { count: number, first }] of found) add.run(kind, number, first.text, first.source, first.line);
    found.clear();
  }

  return {
    reset() {
      db.exec('DELETE FROM suspicious');
      spellings.clear();
    },
    beginBatch(suspicious, ofSource) {
      source = ofSource;
      found.clear();
      // The first one of a batch is the one that is accepted.
      kindsOf = new Map(suspicious.toReversed().map((value) => [value.id, value]));
    },
    note(key, line) {
      // A UUID in small letters is its own key.
      if (typeof key === 'string') compare(idOfKey(key), line);
      if (kindsOf.size > 0) countKinds(idOfKey(key));
    },
    noteOtherShard: countKinds,
    endBatch: write,
    finish() {
      for (const [key, spelling] of spellings) {
        if (items.find(idToKey(key)) === undefined) continue;
        source = spelling.source;
        count(LIST_KIND.nearDuplicate, spelling.id, spelling.line);
      }
      write();
      spellings.clear();
    },
  };
}
