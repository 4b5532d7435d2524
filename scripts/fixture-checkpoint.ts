/**
 * `node scripts/fixture-checkpoint.ts`, after `npm run build`: makes `fixtures/checkpoints` again. The checkpoint of the present
 * format is left by a real run against the simulated API, and written down as SQL too. Those of older formats, which no program
 * writes any more, are made from the SQL that was written down when their format was the present one.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

import { FORMAT_VERSION } from '../src/checkpoint/format/migrations.ts';
import { EXIT } from '../src/domain/errors.ts';
import { startSimulator } from '../src/simulator/simulator.ts';

const FOLDER = fileURLToPath(new URL('../fixtures/checkpoints', import.meta.url));
const CLI = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const ACCOUNT = '0123456789abcdef0123456789abcdef';
const TOKEN = 'fixture-token';
/** Fixed: the checkpoint records the address of the API. */
const PORT = 8_787;
/** The IDs are sent one at a time; this many of `ids.csv` have an answer in the fixture, and seven are left. */
const SENT_COUNT = 4;
const ABSENT_ID = 'shop/absent.jpg';
const REFUSED_ID = 'shop/refused.png';

const nameOf = (version: number): string => `format-${version}.checkpoint`;
const sqlPathOf = (version: number): string => join(FOLDER, `format-${version}.sql`);

/** Runs `delete` in a folder until it stops by itself with work left, and returns the path of the checkpoint. */
async function leaveUnfinished(folder: string, name: string): Promise<string> {
  const sourceIds = readFileSync(join(folder, 'ids.csv'), 'utf8').trimEnd().split('\n');
  const simulator = await startSimulator({
    port: PORT,
    accountId: ACCOUNT,
    apiToken: TOKEN,
    images: { kind: 'list', ids: sourceIds.filter((id) => id !== ABSENT_ID) },
    rules: { poisonIds: [], refusedIds: [REFUSED_ID], firewallIds: [] },
  });
  try {
    // With a rate, so that permits are on record.
    const limits = ['--limit', String(SENT_COUNT), '--concurrency', '1', '--rate', '100/s'];
    const args = ['delete', 'ids.csv', '--exclude', 'keep.txt', '--checkpoint', name, '--base-url', simulator.url, '--yes', ...limits];
    const env = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT, CLOUDFLARE_API_TOKEN: TOKEN };
    const { code, stderr } = await runToEnd(args, folder, env);
    if (code !== EXIT.stoppedByLimit) throw new Error(`the run did not stop at its limit, but with ${String(code)}:\n${stderr}`);
    return join(folder, name);
  } finally {
    await simulator.close();
  }
}

function runToEnd(args: readonly string[], cwd: string, env: Record<string, string>): Promise<{ code: unknown; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { cwd, env }, (error, _, stderr) => resolve({ code: error?.code ?? 0, stderr }));
  });
}

/** The statements that make the same database again. */
function sqlOf(path: string): string {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const pragma = (name: string): string => `PRAGMA ${name} = ${String(db.prepare(`PRAGMA ${name}`).get()?.[name])};`;
    const tables = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY rowid").all();
    const statements = tables.flatMap(({ name, sql }) => [`${String(sql)};`, ...insertsOf(db, String(name))]);
    return [pragma('application_id'), pragma('user_version'), ...statements, pragma('journal_mode'), ''].join('\n');
  } finally {
    db.close();
  }
}

function insertsOf(db: DatabaseSync, table: string): string[] {
  const columns = db.prepare('SELECT name FROM pragma_table_info(?)').all(table);
  const values = columns.map(({ name }) => `quote("${String(name)}")`).join(` || ', ' || `);
  return db
    .prepare(`SELECT ${values} AS literals FROM ${table}`)
    .all()
    .map(({ literals }) => `INSERT INTO ${table} VALUES (${String(literals)});`);
}

function makeFromSql(version: number): void {
  const path = join(FOLDER, nameOf(version));
  rmSync(path, { force: true });
  const db = new DatabaseSync(path);
  try {
    db.exec(readFileSync(sqlPathOf(version), 'utf8'));
  } finally {
    db.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'images-purge-fixture-'));
try {
  for (const name of ['ids.csv', 'keep.txt']) copyFileSync(join(FOLDER, name), join(folder, name));
  const path = await leaveUnfinished(folder, nameOf(FORMAT_VERSION));
  writeFileSync(sqlPathOf(FORMAT_VERSION), sqlOf(path));
  copyFileSync(path, join(FOLDER, nameOf(FORMAT_VERSION)));
  for (let version = 1; version < FORMAT_VERSION; version++) makeFromSql(version);
} finally {
  rmSync(folder, { recursive: true });
}
