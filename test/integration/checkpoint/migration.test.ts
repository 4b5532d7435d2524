import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { describe, expect, it } from 'vitest';

import { checkWholeDatabase, openDatabase, openDatabaseToRead } from '../../../src/checkpoint/file/database.ts';
import { inTransaction } from '../../../src/checkpoint/file/transaction.ts';
import { FORMAT_STEPS, FORMAT_VERSION, type FormatStep, migrate, supplyMissing } from '../../../src/checkpoint/format/migrations.ts';
import { noteUnanswered, preparePages } from '../../../src/checkpoint/pages.ts';
import { preparePermits, readPermits, type RecordedPermits } from '../../../src/checkpoint/permits.ts';
import { readFacts } from '../../../src/checkpoint/read-facts.ts';
import { allRecords } from '../../../src/checkpoint/report-records.ts';
import { packResults } from '../../../src/checkpoint/packed-results.ts';
import { prepareResults } from '../../../src/checkpoint/store-results.ts';
import { endRun } from '../../../src/checkpoint/state.ts';
import { prepareTally } from '../../../src/checkpoint/tally.ts';
import { linesOf, resultFor, TestLedger } from '../../support/ledger/ledger.ts';
import { NO_RUN } from '../../support/ledger/checkpoint.ts';

const UUID = '3f0c8a44-1a2b-4c3d-8e9f-a91e00112233';

/**
 * Format 1 as the last version before format 2 wrote it, with a purge in the middle: killed after it had taken four of
 * five IDs, of which one was deleted, one failed and one was tried once.
 */
const FORMAT_1 = `
PRAGMA application_id = 1230000711; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;
CREATE TABLE definition (json TEXT NOT NULL);
CREATE TABLE state (
  is_plan INTEGER NOT NULL, is_confirmed INTEGER NOT NULL, is_intake_complete INTEGER NOT NULL, reading INTEGER NOT NULL,
  reading_start_seq INTEGER NOT NULL, next_seq INTEGER NOT NULL, ended_by TEXT, is_clean INTEGER NOT NULL,
  sent_through_seq INTEGER NOT NULL, finished_at_ms INTEGER, last_worked_at_ms INTEGER NOT NULL, run_json TEXT NOT NULL
);
CREATE TABLE tally (
  rows INTEGER NOT NULL, accepted INTEGER NOT NULL, duplicates INTEGER NOT NULL, protected INTEGER NOT NULL,
  rejected INTEGER NOT NULL, skipped INTEGER NOT NULL,
  deleted INTEGER NOT NULL, absent INTEGER NOT NULL, failed INTEGER NOT NULL, planned INTEGER NOT NULL
);
CREATE TABLE report (path TEXT, offset_bytes INTEGER NOT NULL, sha256 BLOB NOT NULL, unreported BLOB NOT NULL);
CREATE TABLE source (number INTEGER PRIMARY KEY, reading INTEGER NOT NULL, path TEXT NOT NULL, size_bytes INTEGER, sha256 BLOB);
CREATE TABLE item (seq INTEGER PRIMARY KEY, id NOT NULL UNIQUE, source INTEGER NOT NULL, line INTEGER NOT NULL);
CREATE TABLE result (
  item INTEGER PRIMARY KEY, outcome INTEGER NOT NULL, http_status INTEGER, attempts INTEGER NOT NULL,
  at_ms INTEGER NOT NULL, duration_ms INTEGER NOT NULL, is_unknown INTEGER NOT NULL
);
CREATE TABLE detail (item INTEGER PRIMARY KEY, code INTEGER, message TEXT, cf_ray TEXT);
CREATE TABLE tried (item INTEGER PRIMARY KEY, attempts INTEGER NOT NULL, is_unknown INTEGER NOT NULL);
CREATE TABLE rejected (seq INTEGER PRIMARY KEY, source INTEGER NOT NULL, line INTEGER NOT NULL, raw TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE protect (id PRIMARY KEY) WITHOUT ROWID;

INSERT INTO definition VALUES ('{"job":"job-1","accountId":"0123456789abcdef0123456789abcdef",'
  || '"baseUrl":"http://127.0.0.1:1/client/v4","createdAtMs":1000,'
  || '"form":{"format":"csv","column":"id","noHeader":false,"delimiter":null,"deliveryUrls":false},'
  || '"guards":{"strict":true,"idCountMin":2,"deletesCountMax":9,"deletesPercentMax":null,"failOnAbsent":true}}');
INSERT INTO state VALUES (0, 1, 1, 1, 1, 8, NULL, 0, 5, NULL, 2000, '{"deleted":1,"failed":1,"requests":3}');
INSERT INTO tally VALUES (9, 5, 1, 1, 1, 1, 1, 0, 1, 0);
INSERT INTO report VALUES (NULL, 0, x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', x'');
INSERT INTO source VALUES (1, 1, 'ids.csv', 77, zeroblob(32));
INSERT INTO item VALUES (1, x'3f0c8a441a2b4c3d8e9fa91e00112233', 1, 2), (2, 'shop/hero.jpg', 1, 3), (3, 'é', 1, 4),
  (4, 'kept', 1, 5), (5, 'd', 1, 6), (6, 'e', 1, 7);
INSERT INTO result VALUES (1, 1, 200, 1, 1500, 12, 0), (2, 3, 400, 8, 1600, 13, 1), (4, 4, NULL, 0, 1100, 0, 0);
INSERT INTO detail VALUES (2, 5400, 'Bad request', 'ray-1');
INSERT INTO tried VALUES (3, 1, 0);
INSERT INTO rejected VALUES (7, 1, 8, '..', 'a dot segment');
INSERT INTO protect VALUES ('kept');
`;

interface Column {
  readonly table: string;
  readonly name: string;
}

function columnOf(columns: readonly Column[], table: string, name: string): Column | undefined {
  return columns.find((column) => column.table === table && column.name === name);
}

class Format1 {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'images-purge-format-1-'));
  readonly path: string = join(this.folder, 'ids.csv.checkpoint');

  constructor() {
    const db = new DatabaseSync(this.path);
    db.exec(FORMAT_1);
    db.close();
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Every row of every table, as SQLite gives it. */
function rowsByTable(db: DatabaseSync): Record<string, unknown> {
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => String(name));
  return Object.fromEntries(tables.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).all()]));
}

function rowsAt(path: string): Record<string, unknown> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return rowsByTable(db);
  } finally {
    db.close();
  }
}

/** Format 1 keeps no more of an exclude file than its IDs. */
const EARLIER_RULE = { number: 1, name: 'an exclude file of an earlier run', path: '', is_literal: 0, held: 0, near: 0 };
const ENTRIES = [
  { key: 'shop/hero.jpg', id: 'Shop%2FHero.jpg', rule: 1, line: 0 },
  { key: 'kept', id: '', rule: 1, line: 0 },
];

const RESERVED: RecordedPermits = { lane: 'account', atWallMs: 5_000, atBootMs: 70, bootId: 'one boot', count: 11 };

describe('a checkpoint of format 1', () => {
  it('that is opened to be resumed becomes one of the present format and keeps every row', () => {
    using old = new Format1();
    const exclude = new DatabaseSync(old.path);
    exclude.exec("INSERT INTO protect VALUES ('Shop%2FHero.jpg')");
    exclude.close();
    const before = rowsAt(old.path);
    const db = openDatabase(old.path);
    expect(db.prepare('PRAGMA user_version').get()?.['user_version']).toBe(FORMAT_VERSION);
    const { state, protect, ...others } = before;
    const added = { permit: [], held: [], suspicious: [], other_shard: [], protect_pattern: [] };
    const entries = { protect: [], protect_entry: ENTRIES, protect_rule: [{ ...EARLIER_RULE, entries: ENTRIES.length }] };
    expect(protect).toHaveLength(ENTRIES.length);
    expect(rowsByTable(db)).toMatchObject({ ...others, ...added, ...entries, state });
    db.close();
    checkWholeDatabase(old.path);
  });

  it('has the same tables afterwards as one that was begun in the present one', async () => {
    using old = new Format1();
    openDatabase(old.path).close();
    await using fresh = new TestLedger();
    await fresh.begin(['a']);
    await fresh.end();
    const columns = (path: string): Column[] => {
      const db = new DatabaseSync(path, { readOnly: true });
      try {
        return db
          .prepare(
            `SELECT m.name AS "table", c.name, c.type, c."notnull", c.pk FROM sqlite_schema m, pragma_table_info(m.name) c
             WHERE m.type = 'table' ORDER BY 1, c.cid`,
          )
          .all() as unknown as Column[];
      } finally {
        db.close();
      }
    };
    // Both are read alike: see FormatStep.formsOfNew.
    const sumOf = (path: string): unknown => ({ ...columnOf(columns(path), 'item', 'sum'), notnull: undefined });
    expect(sumOf(old.path)).toEqual(sumOf(fresh.path));
    const others = (path: string): unknown => columns(path).filter(({ table, name }) => table !== 'item' || name !== 'sum');
    expect(others(old.path)).toEqual(others(fresh.path));
  });

  it('has the same schema afterwards, word by word, as one that was begun in the present one, but for its index of IDs', async () => {
    using old = new Format1();
    openDatabase(old.path).close();
    await using fresh = new TestLedger();
    await fresh.begin(['a']);
    await fresh.end();
    const schemaOf = (path: string): string[] => {
      const db = new DatabaseSync(path, { readOnly: true });
      try {
        const rows = db.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name <> 'item' ORDER BY name").all();
        return rows.map(({ sql }) =>
          String(sql)
            .replaceAll(/\s+/g, ' ')
            .replaceAll('( ', '(')
            .replaceAll(/ (?=[),])/g, ''),
        );
      } finally {
        db.close();
      }
    };
    expect(schemaOf(old.path)).toEqual(schemaOf(fresh.path));
  });

  it('is read as one of a later format that has more columns and tables, and its file stays as it is', () => {
    using old = new Format1();
    const bytes = readFileSync(old.path);
    const later: FormatStep[] = [
      ...FORMAT_STEPS,
      {
        tables: [{ name: 'note', columns: '(text TEXT NOT NULL)' }],
        columns: [
          { table: 'result', name: 'bytes', type: 'INTEGER', valueBefore: 'NULL' },
          { table: 'state', name: 'is_noted', type: 'INTEGER', valueBefore: '0' },
        ],
      },
      { tables: [], columns: [{ table: 'result', name: 'host', type: 'TEXT', valueBefore: 'NULL' }] },
    ];
    const db = new DatabaseSync(old.path, { readOnly: true });
    supplyMissing(db, 1, later);
    expect(db.prepare('SELECT http_status, bytes, host FROM result WHERE item = 1').get()).toEqual({
      http_status: 200,
      bytes: null,
      host: null,
    });
    expect(db.prepare('SELECT is_clean, is_noted FROM state').get()).toEqual({ is_clean: 0, is_noted: 0 });
    expect(db.prepare('SELECT * FROM note').all()).toEqual([]);
    expect([...allRecords(db)]).toHaveLength(4);
    db.close();
    expect(readFileSync(old.path)).toEqual(bytes);

    const migrated = new DatabaseSync(old.path);
    migrate(migrated, 1, later);
    expect(migrated.prepare('SELECT bytes, host FROM result WHERE item = 1').get()).toEqual({ bytes: null, host: null });
    expect(migrated.prepare('SELECT is_noted FROM state').get()).toEqual({ is_noted: 0 });
    expect(migrated.prepare('PRAGMA user_version').get()).toEqual({ user_version: FORMAT_VERSION + 2 });
    migrated.close();
  });

  it('whose migration fails stays one of format 1, whole', () => {
    using old = new Format1();
    const inTheWay = new DatabaseSync(old.path);
    inTheWay.exec('CREATE TABLE permit (lane TEXT)');
    inTheWay.close();
    const before = rowsAt(old.path);
    expect(() => openDatabase(old.path)).toThrow();
    const db = new DatabaseSync(old.path, { readOnly: true });
    expect(db.prepare('PRAGMA user_version').get()?.['user_version']).toBe(1);
    expect(rowsByTable(db)).toEqual(before);
    db.close();
  });

  it('that is only read is read whole, and not one byte of it is changed', () => {
    using old = new Format1();
    const bytes = readFileSync(old.path);
    const db = openDatabaseToRead(old.path);
    expect(readFacts(db)).toMatchObject({
      definition: { job: 'job-1', shard: null, guards: { strict: true, idCountMin: 2, deletesCountMax: 9, failOnAbsent: true } },
      state: 'unfinished',
      hasUnanswered: true,
      intake: { complete: true, rows: 9, accepted: 5, duplicates: 1, protected: 1, rejected: 1, skipped: 1 },
      outcomes: { deleted: 1, absent: 0, failed: 1, planned: 0 },
      pending: 3,
      run: { deleted: 1, absent: 0, failed: 1, requests: 3, throttled: 0 },
    });
    expect([...allRecords(db)].map((record) => [record.outcome === 'rejected' ? record.raw : record.id, record.outcome])).toEqual([
      [UUID, 'deleted'],
      ['shop/hero.jpg', 'failed'],
      ['kept', 'protected'],
      ['..', 'rejected'],
    ]);
    expect(readPermits(db)).toEqual([]);
    db.close();
    expect(readFileSync(old.path)).toEqual(bytes);
  });

  it('goes on where it was: what may have been sent is known, the rest is handed out, permits are kept', () => {
    using old = new Format1();
    let db = openDatabase(old.path);
    noteUnanswered(db);
    const items = inTransaction(db, () => preparePages(db).take(10));
    expect(items.map(({ id, line, attempts, isUnknown }) => [id, line, attempts, isUnknown])).toEqual([
      ['é', 4, 1, true],
      ['d', 6, 0, true],
      ['e', 7, 0, false],
    ]);
    const itemOf = (seq: number): (typeof items)[number] => items.find((item) => item.seq === seq) ?? (undefined as never);
    inTransaction(db, () => {
      preparePermits(db).recordReservation(RESERVED, undefined, 0);
      prepareResults(db, prepareTally(db))(
        {
          results: packResults(items.map((item) => ({ ...resultFor(item), earlierUnknown: item.isUnknown }))),
          tried: [],
          moments: [],
          run: NO_RUN,
          nowMs: 3_000,
        },
        itemOf,
      );
      endRun(db, { tried: [], moments: [], endedBy: undefined, run: NO_RUN, nowMs: 3_000 }, true);
    });
    db.close();

    db = openDatabase(old.path);
    expect(readFacts(db)).toMatchObject({ state: 'finished', pending: 0, outcomes: { deleted: 4, failed: 1 }, hasUnanswered: false });
    expect(readPermits(db)).toEqual([RESERVED]);
    db.close();
  });

  it('gets through the ledger: locked, resumed, reported whole, ended', async () => {
    using old = new Format1();
    await using test = new TestLedger(old.folder);
    await test.ledger.ask('lock', old.path, false);
    await test.ledger.ask('resume');
    await test.ledger.ask('openReport', test.reportPath);
    await test.work(10);
    await test.end();
    expect(linesOf(readFileSync(test.reportPath, 'utf8')).toSorted()).toEqual(
      [`${UUID} deleted`, 'shop/hero.jpg failed', 'kept protected', '.. rejected', 'é deleted', 'd deleted', 'e deleted'].toSorted(),
    );
    expect(rowsAt(old.path)['permit']).toEqual([]);
  });
});
