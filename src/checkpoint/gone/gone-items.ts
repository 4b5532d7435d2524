import type { DatabaseSync } from 'node:sqlite';

import type { ImageId } from '../../domain/image-id.ts';
import { readBeside } from '../file/reader.ts';
import { ItemsById } from '../find/items-by-id.ts';
import { idToKey, keyToId } from '../format/id-key.ts';
import { OUTCOME_NUMBER } from '../format/outcomes.ts';
import { refuseUnsound, SOUNDNESS } from '../format/sound-item.ts';
import { storedTime } from '../format/stored.ts';

/** An ID that a purge says is gone. */
export interface GoneItem {
  readonly seq: number;
  readonly id: ImageId;
  readonly outcome: 'deleted' | 'absent';
  /** When that was answered, in milliseconds since 1970. */
  readonly atMs: number;
}

/** Where those are read: beside the checkpoint, or by the thread that has it open. */
export interface GoneSource {
  /** Those of some IDs that the purge says are gone, letter by letter: a spelling alike is another image. */
  among(ids: readonly string[]): GoneItem[] | Promise<GoneItem[]>;
  /** The next of them in source order. @param seq - of the last one before; -1: from the first on */
  after(seq: number, countMax: number): GoneItem[] | Promise<GoneItem[]>;
}

const GONE = `
  SELECT item.seq AS seq, item.id AS id, outcome, at_ms, ${SOUNDNESS}
  FROM item JOIN result ON result.item = item.seq WHERE outcome IN (${OUTCOME_NUMBER.deleted}, ${OUTCOME_NUMBER.absent})`;

/** {@link GoneSource.among} */
export function goneAmong(db: DatabaseSync, items: ItemsById, ids: readonly string[]): GoneItem[] {
  const read = db.prepare(`${GONE} AND item.seq = ?`);
  return ids.flatMap((id) => {
    const seq = items.find(idToKey(id));
    const row = seq === undefined ? undefined : read.get(seq);
    return row === undefined ? [] : [goneItem(row)];
  });
}

/** {@link GoneSource.after} */
export function goneAfter(db: DatabaseSync, seq: number, countMax: number): GoneItem[] {
  return db.prepare(`${GONE} AND item.seq > ? ORDER BY item.seq LIMIT ?`).all(seq, countMax).map(goneItem);
}

/** Read from a checkpoint that a run may work on meanwhile. */
export function goneBeside(path: string): GoneSource {
  let items: ItemsById | undefined;
  return {
    among: (ids) =>
      readBeside(path, (db) => {
        items ??= new ItemsById(db);
        items.use(db);
        return goneAmong(db, items, ids);
      }),
    after: (seq, countMax) => readBeside(path, (db) => goneAfter(db, seq, countMax)),
  };
}

function goneItem(row: Readonly<Record<string, unknown>>): GoneItem {
  refuseUnsound(row);
  return {
    seq: Number(row['seq']),
    id: keyToId(row['id']),
    outcome: row['outcome'] === OUTCOME_NUMBER.deleted ? 'deleted' : 'absent',
    atMs: storedTime(row['at_ms']),
  };
}
