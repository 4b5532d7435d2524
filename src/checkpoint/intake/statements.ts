import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** What an intake does with the file. */
export interface IntakeStatements {
  readonly insertItem: StatementSync;
  readonly outcomeOf: StatementSync;
  readonly moveItem: StatementSync;
  readonly renumberItem: StatementSync;
  readonly moveResult: StatementSync;
  readonly moveDetail: StatementSync;
  readonly moveTried: StatementSync;
  readonly insertMet: StatementSync;
  readonly insertRejected: StatementSync;
  readonly insertOtherShard: StatementSync;
  readonly noteProgress: StatementSync;
  readonly nextSeq: StatementSync;
}

export function prepareStatements(db: DatabaseSync): IntakeStatements {
  return {
    insertItem: db.prepare('INSERT INTO item (seq, id, source, line, sum) VALUES (?, ?, ?, ?, ?)'),
    outcomeOf: db.prepare('SELECT outcome FROM result WHERE item = ?'),
    moveItem: db.prepare('UPDATE item SET seq = ?, source = ?, line = ?, sum = ? WHERE seq = ?'),
    renumberItem: db.prepare('UPDATE item SET seq = ?, sum = ? WHERE seq = ?'),
    moveResult: db.prepare('UPDATE result SET item = ? WHERE item = ?'),
    moveDetail: db.prepare('UPDATE detail SET item = ? WHERE item = ?'),
    moveTried: db.prepare('UPDATE tried SET item = ? WHERE item = ?'),
    insertMet: db.prepare('INSERT OR IGNORE INTO met (item) VALUES (?)'),
    insertRejected: db.prepare('INSERT INTO rejected (source, line, raw, reason) VALUES (?, ?, ?, ?)'),
    insertOtherShard: db.prepare('INSERT OR IGNORE INTO other_shard (id, is_protected) VALUES (?, ?)'),
    noteProgress: db.prepare('UPDATE state SET next_seq = ?, last_worked_at_ms = ?'),
    nextSeq: db.prepare('SELECT next_seq FROM state'),
  };
}
