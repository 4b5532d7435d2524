import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { idToKey } from '../../src/checkpoint/format/id-key.ts';
import { OUTCOME_NUMBER } from '../../src/checkpoint/format/outcomes.ts';
import { itemSum } from '../../src/checkpoint/format/sound-item.ts';
import { SIMULATOR_DEFAULTS } from '../../src/simulator/simulator-options.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { measure } from '../measure.ts';
import { CLI } from '../purge.ts';
import type { Target } from '../target.ts';

const MIB = 1024 * 1024;
const MIB_MAX = 256;

/** Time and peak memory of `verify`: so many purged IDs, in an account that holds as many other images. */
export async function benchVerify({ folder, idCount }: { folder: string; idCount: number }): Promise<Target[]> {
  const simulator = await startSimulator({ images: { kind: 'numbered', count: idCount } });
  const { accountId, apiToken } = SIMULATOR_DEFAULTS;
  const checkpoint = join(folder, 'verify.checkpoint');
  const command = (...args: readonly string[]) =>
    measure(process.execPath, [CLI, ...args], { CLOUDFLARE_ACCOUNT_ID: accountId, CLOUDFLARE_API_TOKEN: apiToken });
  try {
    const source = join(folder, 'verify.csv');
    writeFileSync(source, `id\n${purgedId(0)}\n`);
    const planned = await command('plan', source, '--checkpoint', checkpoint, '--base-url', simulator.url);
    if (planned.exitCode !== 0) throw new Error(`images-purge plan ended with ${planned.exitCode}: ${planned.stderr}`);
    finish(checkpoint, idCount);
    const { exitCode, stderr, peakRssBytes, elapsedMs } = await command('verify', checkpoint, '--rate', 'unlimited');
    if (exitCode !== 0) throw new Error(`images-purge verify ended with ${exitCode}: ${stderr}`);
    const count = idCount.toLocaleString('en');
    const peakMib = peakRssBytes / MIB;
    const measured = `${peakMib.toFixed(0)} MiB, ${(elapsedMs / 1000).toFixed(1)} s without a pace`;
    console.log(`verify   ${count} IDs: ${measured}`);
    const what = `peak memory, verify of ${count} IDs among as many images`;
    return [{ what, measured, target: `< ${MIB_MAX} MiB`, isMet: peakMib < MIB_MAX }];
  } finally {
    await simulator.close();
  }
}

/** In ascending order, which is the quickest to write; the account's list, which is looked up among them, is in none. */
function purgedId(number: number): string {
  return `${number.toString(16).padStart(8, '0')}-1111-4000-8000-000000000000`;
}

/** Makes of the plan of the first ID the checkpoint of a finished purge of so many: to read and to delete them would take half an hour. */
function finish(checkpoint: string, idCount: number): void {
  const db = new DatabaseSync(checkpoint);
  const { seq, source } = db.prepare('SELECT seq, source FROM item').get() as { seq: number; source: number };
  const item = db.prepare('INSERT INTO item (seq, id, source, line, sum) VALUES (?, ?, ?, ?, ?)');
  const result = db.prepare(
    'INSERT INTO result (item, outcome, http_status, attempts, at_ms, duration_ms, is_unknown) VALUES (?, ?, 200, 1, ?, 20, 0)',
  );
  const atMs = Date.now();
  db.exec('BEGIN');
  for (let number = 0; number < idCount; number++) {
    const key = idToKey(purgedId(number));
    if (number > 0) item.run(seq + number, key, source, number + 2, itemSum(seq + number, key));
    result.run(seq + number, OUTCOME_NUMBER.deleted, atMs);
  }
  db.prepare('UPDATE tally SET rows = ?, accepted = ?, deleted = ?').run(idCount, idCount, idCount);
  db.prepare('UPDATE state SET is_plan = 0, is_confirmed = 1, next_seq = ?, finished_at_ms = ?').run(seq + idCount, atMs);
  db.exec('COMMIT');
  db.close();
}
