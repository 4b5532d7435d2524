import { createWriteStream, rmSync, statSync, type WriteStream } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { randomFillSync } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { keyToId } from '../../src/checkpoint/format/id-key.ts';
import { OUTCOME_NUMBER } from '../../src/checkpoint/format/outcomes.ts';
import { EMPTY_SHA256, prepareReportState } from '../../src/checkpoint/report-state.ts';
import { removeDatabase } from '../../src/checkpoint/file/database-files.ts';
import { measure, type Measured } from '../measure.ts';
import { BENCH_ENV, CLI } from '../purge.ts';
import type { Target } from '../target.ts';

const MIB = 1024 * 1024;
const PEAK_MIB_MAX = 256;
const PEAK_MIB_MAX_PROTECTED = 384;
const BYTES_PER_ID_MAX = 64;
const RESUME_MS_MAX = 3_000;
const STATUS_MS_MAX = 300;
/** One row of so many is an ID that was there before. */
const DUPLICATE_EVERY = 100;

interface Form {
  readonly name: string;
  readonly rowsPerSecondMin: number;
  readonly head: string;
  readonly foot: string;
  row(id: string, number: number): string;
}

const LINES: Form = { name: 'lines', rowsPerSecondMin: 150_000, head: '', foot: '', row: (id) => `${id}\n` };
const FORMS: readonly Form[] = [
  LINES,
  {
    name: 'csv',
    rowsPerSecondMin: 120_000,
    head: 'name,id,size\n',
    foot: '',
    row: (id, number) => `photo-${number}.jpg,${id},${number % 100_000}\n`,
  },
  {
    name: 'json',
    rowsPerSecondMin: 80_000,
    head: '{"result":{"images":[',
    foot: ']},"success":true,"errors":[],"messages":[]}\n',
    row: (id, number) =>
      `${number === 0 ? '' : ','}{"id":"${id}","filename":"photo-${number}.jpg","uploaded":"2024-01-02T03:04:05.678Z",` +
      `"requireSignedURLs":false,"variants":["https://imagedelivery.net/account/${id}/public"]}\n`,
  },
];

/** How fast lists are read, how large their checkpoint is, and how soon a run goes on with it. */
export async function benchIntake({ folder, idCount }: { folder: string; idCount: number }): Promise<Target[]> {
  const rows: Target[] = [];
  const path = (form: Form): string => join(folder, `intake.${form.name}`);
  for (const form of FORMS) {
    await writeList(path(form), idCount, form);
    rows.push(...rowsOf(form.name, idCount, form.rowsPerSecondMin, PEAK_MIB_MAX, await plan(path(form), checkpointIn(folder))));
  }
  const held = await plan(path(LINES), checkpointIn(folder), '--exclude', path(LINES));
  // The exclude file is read as the list is: twice as many rows.
  rows.push(...rowsOf('lines, all of them protected', idCount * 2, 100_000, PEAK_MIB_MAX_PROTECTED, held));
  await plan(path(LINES), checkpointIn(folder));
  return [...rows, ...(await goingOn(checkpointIn(folder), idCount))];
}

function checkpointIn(folder: string): string {
  return join(folder, 'intake.checkpoint');
}

async function plan(source: string, checkpoint: string, ...more: readonly string[]): Promise<Measured> {
  removeDatabase(checkpoint);
  rmSync(`${checkpoint}.report.ndjson`, { force: true });
  const args = ['plan', source, '--checkpoint', checkpoint, '--base-url', 'http://127.0.0.1:1/client/v4', '--progress', 'none'];
  return succeeded(await measure(process.execPath, [CLI, ...args, ...more], BENCH_ENV));
}

function succeeded(measured: Measured): Measured {
  if (measured.exitCode !== 0) throw new Error(`images-purge ended with ${measured.exitCode}: ${measured.stderr}`);
  return measured;
}

function rowsOf(what: string, rowCount: number, min: number, mibMax: number, { elapsedMs, peakRssBytes }: Measured): Target[] {
  const perSecond = Math.round((rowCount * 1_000) / elapsedMs);
  const peakMib = peakRssBytes / MIB;
  const count = rowCount.toLocaleString('en');
  console.log(`intake   ${count} rows, ${what}: ${perSecond.toLocaleString('en')}/s, peak ${peakMib.toFixed(0)} MiB`);
  return [
    {
      what: `rows read, ${what}`,
      measured: `${perSecond.toLocaleString('en')}/s`,
      target: `≥ ${min.toLocaleString('en')}/s`,
      isMet: perSecond >= min,
    },
    {
      what: `peak memory, ${count} rows, ${what}`,
      measured: `${peakMib.toFixed(0)} MiB`,
      target: `< ${mibMax} MiB`,
      isMet: peakMib < mibMax,
    },
  ];
}

/** A purge of which half is done: `resume` to its first DELETE, `status`, and the size once all is done. */
async function goingOn(checkpoint: string, idCount: number): Promise<Target[]> {
  const half = Math.floor(idCount / 2);
  finishUpTo(checkpoint, half);
  const server = await startCountingServer();
  try {
    retarget(checkpoint, server.url);
    const resume = (): Promise<Measured> =>
      measure(process.execPath, [CLI, 'resume', checkpoint, '--yes', '--limit', '1', '--progress', 'none', '--expect-absent'], BENCH_ENV);
    // It writes the report of what is done, which the next one finds as it is to be.
    await resume();
    server.forget();
    const startedMs = performance.now();
    await resume();
    const resumeMs = server.firstDeleteMs() - startedMs;
    const status = succeeded(await measure(process.execPath, [CLI, 'status', checkpoint], BENCH_ENV));
    finishUpTo(checkpoint, Infinity);
    const bytes = statSync(checkpoint).size / idCount;
    console.log(`intake   resume ${resumeMs.toFixed(0)} ms, status ${status.elapsedMs.toFixed(0)} ms, ${bytes.toFixed(1)} bytes an ID`);
    const ms = (what: string, value: number, max: number): Target => ({
      what: `${what}, half of ${idCount.toLocaleString('en')} IDs done`,
      measured: `${value.toFixed(0)} ms`,
      target: `< ${max} ms`,
      isMet: value < max,
    });
    return [
      ms('resume to its first DELETE', resumeMs, RESUME_MS_MAX),
      ms('status', status.elapsedMs, STATUS_MS_MAX),
      {
        what: 'checkpoint of a finished purge',
        measured: `${bytes.toFixed(1)} bytes an ID`,
        target: `≤ ${BYTES_PER_ID_MAX}`,
        isMet: bytes <= BYTES_PER_ID_MAX,
      },
    ];
  } finally {
    await server.close();
  }
}

async function writeList(path: string, count: number, form: Form): Promise<void> {
  const file = createWriteStream(path);
  file.write(form.head);
  const kept: string[] = [];
  const bytes = new Uint8Array(16);
  for (let number = 0; number < count;) {
    let text = '';
    for (const end = Math.min(count, number + 1_000); number < end; number++) {
      const before = number % DUPLICATE_EVERY === DUPLICATE_EVERY - 1 ? kept[(number * 7_919) % kept.length] : undefined;
      const id = before ?? keyToId(randomFillSync(bytes));
      // Those that are met again stand all over the list.
      if (before === undefined && number % 97 === 0) kept.push(id);
      text += form.row(id, number);
    }
    await written(file, text);
  }
  file.end(form.foot);
  await once(file, 'close');
}

async function written(file: WriteStream, text: string): Promise<void> {
  if (!file.write(text)) await once(file, 'drain');
}

/** Gives pending items up to a number the outcome `deleted`: to delete them would take an hour. */
function finishUpTo(checkpoint: string, last: number): void {
  const db = new DatabaseSync(checkpoint);
  db.exec('BEGIN');
  db.prepare(
    `INSERT INTO result (item, outcome, http_status, attempts, at_ms, duration_ms, is_unknown)
    SELECT seq, ${OUTCOME_NUMBER.deleted}, 200, 1, ?, 20, 0 FROM item
    WHERE seq <= ? AND NOT EXISTS (SELECT 1 FROM result WHERE item = seq)`,
  ).run(Date.now(), last);
  db.exec('UPDATE tally SET deleted = (SELECT count(*) FROM result); UPDATE state SET is_plan = 0, is_confirmed = 1');
  prepareReportState(db)({ offsetBytes: 0, sha256: EMPTY_SHA256, unreported: [], mustRewrite: true });
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
}

function retarget(checkpoint: string, url: string): void {
  const db = new DatabaseSync(checkpoint);
  db.prepare("UPDATE definition SET json = json_set(json, '$.baseUrl', ?)").run(url);
  db.close();
}

async function startCountingServer(): Promise<{
  url: string;
  forget: () => void;
  firstDeleteMs: () => number;
  close: () => Promise<void>;
}> {
  let firstMs = Number.NaN;
  const server = createServer(({ method }, response) => {
    if (method === 'DELETE' && Number.isNaN(firstMs)) firstMs = performance.now();
    response.setHeader('content-type', 'application/json');
    response.end('{"result":{"count":{"current":1,"allowed":2}},"success":true,"errors":[],"messages":[]}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`,
    forget: () => (firstMs = Number.NaN),
    firstDeleteMs: () => firstMs,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
