import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import type { ExcludeFile } from '../facts.ts';
import { isNewerRule } from '../../domain/spelling/newer-rule.ts';
import type { RuleHits } from '../../domain/summary.ts';
import type { Entries } from './entries.ts';
import type { ProtectedBatch, RuleName } from './protected-batch.ts';

/** Adds rows of exclude files to what protects; call it inside a transaction. Rows that are known already change nothing. */
export function addProtected(db: DatabaseSync, batches: Iterable<ProtectedBatch>, entries: Entries): void {
  const insertPattern = db.prepare('INSERT OR IGNORE INTO protect_pattern (pattern, rule, line) VALUES (?, ?, ?)');
  const rules = new Map<string, { readonly number: number; rowCount: number }>();
  for (const { rule, rowCount, ids, idLines, patterns, patternLines } of batches) {
    const known = rules.get(rule.path) ?? { number: numberOf(db, rule), rowCount: 0 };
    rules.set(rule.path, known);
    known.rowCount += rowCount;
    ids.forEach((id, index) => entries.add(id, known.number, idLines[index] ?? 0));
    patterns.forEach((pattern, index) => insertPattern.run(pattern, known.number, patternLines[index] ?? 0));
  }
  // An entry stays in force when it is taken out of its file, so the count never falls.
  const count = db.prepare('UPDATE protect_rule SET entries = max(entries, ?) WHERE number = ?');
  for (const { number, rowCount } of rules.values()) count.run(rowCount, number);
}

function numberOf(db: DatabaseSync, { name, path, isLiteral, column, glob }: RuleName): number {
  db.prepare(
    `INSERT INTO protect_rule (name, path, is_literal, column_name, glob, entries, held, near) VALUES (?, ?, ?, ?, ?, 0, 0, 0)
    ON CONFLICT (path) DO UPDATE SET name = iif(excluded.name = path, name, excluded.name),
      is_literal = min(is_literal, excluded.is_literal), column_name = excluded.column_name`,
  ).run(name, path, isLiteral ? 1 : 0, column ?? null, glob ?? null);
  return Number(db.prepare('SELECT number FROM protect_rule WHERE path = ?').get(path)?.['number']);
}

/** Puts a rule on record that has no entries of its own there, and how many it has elsewhere. @returns its number */
export function recordRule(db: DatabaseSync, rule: RuleName, entryCount: number): number {
  const number = numberOf(db, rule);
  db.prepare('UPDATE protect_rule SET entries = ? WHERE number = ?').run(entryCount, number);
  return number;
}

/** Call it inside a transaction. A rule that has held an ID stays on record by its name, without entries. */
export function dropRules(db: DatabaseSync, keptPaths: readonly string[]): void {
  const rules = db.prepare('SELECT number, path FROM protect_rule').all();
  for (const { number } of rules.filter(({ path }) => !keptPaths.includes(String(path)))) {
    for (const table of ['protect_entry', 'protect_pattern']) db.prepare(`DELETE FROM ${table} WHERE rule = ?`).run(Number(number));
    db.prepare('UPDATE protect_rule SET entries = 0 WHERE number = ?').run(Number(number));
    db.prepare('DELETE FROM protect_rule WHERE number = ? AND held = 0').run(Number(number));
  }
}

/** The exclude files whose entries are in force. */
export function readExcludeFiles(db: DatabaseSync): ExcludeFile[] {
  const rows = db
    .prepare('SELECT path, is_literal, column_name FROM protect_rule WHERE entries > 0 AND glob IS NULL ORDER BY number')
    .all()
    .filter(({ path }) => !isNewerRule(String(path)));
  const files = rows.map((row) => ({
    path: String(row['path']),
    isGone: !existsSync(String(row['path'])),
    isLiteral: row['is_literal'] === 1,
    column: typeof row['column_name'] === 'string' ? row['column_name'] : null,
  }));
  // Older checkpoints that are only read keep protected IDs elsewhere.
  const isOlder = db.prepare('SELECT 1 FROM protect LIMIT 1').get() !== undefined;
  return isOlder ? [...files, { path: '', isLiteral: false, column: null, isGone: false }] : files;
}

/** The patterns of `--exclude-id` that are in force. */
export function readExcludeIds(db: DatabaseSync): string[] {
  const rows = db.prepare('SELECT glob FROM protect_rule WHERE entries > 0 AND glob IS NOT NULL ORDER BY number').all();
  return rows.map(({ glob }) => String(glob));
}

/** Each rule with how many rows it has, how many IDs it holds, and how many of those by a spelling near an entry's. */
export function readRules(db: DatabaseSync): RuleHits[] {
  const rows = db.prepare('SELECT name, entries, held, near FROM protect_rule ORDER BY number').all();
  return rows.map((row) => ({
    rule: String(row['name']),
    entries: Number(row['entries']),
    held: Number(row['held']),
    near: Number(row['near']),
  }));
}
