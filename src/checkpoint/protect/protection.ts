import type { DatabaseSync, StatementSync } from 'node:sqlite';

import type { ImageId } from '../../domain/image-id.ts';
import type { ProtectedRecord } from '../../domain/record.ts';
import { matchKey } from '../../domain/spelling/match-key.ts';
import { parseGlob } from '../../domain/spelling/globs.ts';
import { PatternSet } from '../../domain/spelling/pattern-set.ts';
import { parsePattern, type Pattern } from '../../domain/spelling/wildcards.ts';
import { type IdKey, idOfKey } from '../format/id-key.ts';
import { NEVER_MS, prepareResultRows, type ResultRows } from '../format/result-rows.ts';
import { Entries } from './entries.ts';

/** What protects an ID. */
export interface Hit {
  readonly rule: number;
  readonly line: number;
  /** The entry, or the pattern, where the ID is not equal to it but spelled much like it. */
  readonly nearEntry: string | undefined;
}

interface ProtectedItem {
  readonly seq: number;
  readonly id: ImageId;
  readonly source: string;
  readonly line: number;
}

interface PatternOrigin {
  readonly rule: number;
  readonly line: number;
}

/** The rules of a checkpoint: which ID they hold, and the records of those they held. */
export class Protection {
  readonly entries: Entries;
  readonly #db: DatabaseSync;
  readonly #resultRows: ResultRows;
  readonly #findTried: StatementSync;
  readonly #insertHeld: StatementSync;
  readonly #countHit: StatementSync;
  #isLoaded = false;
  #hasEntries = false;
  #patterns: PatternSet<PatternOrigin> | undefined;
  #globs: PatternSet<PatternOrigin> | undefined;
  #ruleNames: ReadonlyMap<number, string> = new Map();

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#resultRows = prepareResultRows(db);
    this.entries = new Entries(db);
    this.#findTried = db.prepare('SELECT is_unknown FROM tried WHERE item = ?');
    this.#insertHeld = db.prepare('INSERT OR REPLACE INTO held (item, rule, line, entry) VALUES (?, ?, ?, ?)');
    this.#countHit = db.prepare('UPDATE protect_rule SET held = held + 1, near = near + ? WHERE number = ?');
  }

  /** Rules were added or taken away: they are read again before the next ID is looked up. */
  rulesChanged(): void {
    this.#isLoaded = false;
  }

  get hasRules(): boolean {
    this.#load();
    return this.#hasEntries || this.#patterns !== undefined || this.#globs !== undefined;
  }

  /** @param idKey - how the ID lies in SQLite */
  find(idKey: IdKey): Hit | undefined {
    this.#load();
    const hit = this.#hasEntries ? this.#findEntry(idKey) : undefined;
    if (hit !== undefined || (this.#patterns === undefined && this.#globs === undefined)) return hit;
    const id = idOfKey(idKey);
    return findPattern(id, this.#patterns) ?? findPattern(id, this.#globs);
  }

  /** No ID is looked up for some time: gives the memory of the entries back. */
  release(): void {
    this.entries.release();
  }

  /** Gives an item the outcome `protected`; call it inside a transaction. */
  protect(item: ProtectedItem, { rule, line, nearEntry }: Hit): ProtectedRecord {
    this.#load();
    const isUnknown = this.#findTried.get(item.seq)?.['is_unknown'] === 1;
    this.#resultRows.insertUnsent(item.seq, 'protected', NEVER_MS, isUnknown);
    this.#insertHeld.run(item.seq, rule, line, nearEntry ?? null);
    this.#countHit.run(nearEntry === undefined ? 0 : 1, rule);
    return protectedRecord(item, { rule: this.#ruleNames.get(rule), line, nearEntry, isUnknown });
  }

  #load(): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    const db = this.#db;
    this.#ruleNames = new Map(
      db
        .prepare('SELECT number, name FROM protect_rule')
        .all()
        .map(({ number, name }) => [Number(number), String(name)]),
    );
    this.#hasEntries = db.prepare('SELECT 1 FROM protect_entry LIMIT 1').get() !== undefined;
    this.#patterns = patternSet(db.prepare('SELECT pattern, rule, line FROM protect_pattern ORDER BY rule, line').all(), parsePattern);
    const globs =
      'SELECT glob AS pattern, number AS rule, 0 AS line FROM protect_rule WHERE entries > 0 AND glob IS NOT NULL ORDER BY rule';
    this.#globs = patternSet(db.prepare(globs).all(), parseGlob);
  }

  /** An equal entry, else the first near one. */
  #findEntry(idKey: IdKey): Hit | undefined {
    const entries = this.entries.near(idKey);
    if (entries.length === 0) return undefined;
    const id = idOfKey(idKey);
    const equal = entries.find((entry) => entry.id === id);
    if (equal !== undefined) return { rule: equal.rule, line: equal.line, nearEntry: undefined };
    const near = entries.find(({ isLiteral }) => !isLiteral);
    return near === undefined ? undefined : { rule: near.rule, line: near.line, nearEntry: near.id };
  }
}

function patternSet(rows: readonly Record<string, unknown>[], parse: (text: string) => Pattern): PatternSet<PatternOrigin> | undefined {
  if (rows.length === 0) return undefined;
  return new PatternSet(
    rows.map((row) => [String(row['pattern']), { rule: Number(row['rule']), line: Number(row['line']) }]),
    parse,
  );
}

function findPattern(id: ImageId, patterns: PatternSet<PatternOrigin> | undefined): Hit | undefined {
  if (patterns === undefined) return undefined;
  const equal = patterns.find(id);
  if (equal !== undefined) return { ...equal.value, nearEntry: undefined };
  const near = patterns.findByKey(matchKey(id));
  return near === undefined ? undefined : { ...near.value, nearEntry: near.text };
}

/** @param hit - `rule`: its name; `undefined` where an older version has not recorded it */
export function protectedRecord(
  { id, source, line }: Omit<ProtectedItem, 'seq'>,
  hit: { readonly rule: string | undefined; readonly line: number; readonly nearEntry: string | undefined; readonly isUnknown: boolean },
): ProtectedRecord {
  const rule = hit.rule === undefined || hit.line === 0 ? hit.rule : `${hit.rule}:${hit.line}`;
  const near = hit.nearEntry !== undefined;
  return { outcome: 'protected', id, rule, near, entry: hit.nearEntry, earlierUnknown: hit.isUnknown, source, line };
}
