import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from '../../support/fast-check.ts';

import { checkWholeDatabase, openDatabase } from '../../../src/checkpoint/file/database.ts';
import { preparePages } from '../../../src/checkpoint/pages.ts';
import { readFacts } from '../../../src/checkpoint/read-facts.ts';
import { checkpointError } from '../../../src/checkpoint/file/sqlite-error.ts';
import { statusJson, statusText } from '../../../src/cli/texts/status-text.ts';
import { readStatus } from '../../../src/inspect/read-status.ts';
import { writeReport } from '../../../src/inspect/write-report.ts';
import { TestCheckpoint } from '../../support/ledger/checkpoint.ts';
import { checkRefusal } from '../expect-user-error.ts';
import type { FuzzTarget } from '../target.ts';

/** A real one, with every kind of row in it. */
function wholeCheckpoint(): Buffer {
  using checkpoint = new TestCheckpoint();
  const ids = ['3f0c8a44-1a2b-4c3d-8e9f-a91e00112233', ...Array.from({ length: 300 }, (_, index) => `shop/image-${index}.jpg`)];
  checkpoint.read(ids, { rejectedLines: [400, 401] });
  checkpoint.record(checkpoint.take(100));
  checkpoint.record(checkpoint.take(50), 'failed', { httpStatus: 400, code: 5400, message: 'Bad image' });
  checkpoint.db.exec('PRAGMA journal_mode = DELETE');
  checkpoint.db.close();
  return readFileSync(checkpoint.path);
}

const WHOLE = wholeCheckpoint();
const folder = mkdtempSync(join(tmpdir(), 'images-purge-fuzz-'));
const path = join(folder, 'ids.csv.checkpoint');

type Damage = { readonly at: number; readonly bytes: Uint8Array };

const damages = fc.record({
  overwritten: fc.array(
    fc.record({
      at: fc.oneof(fc.nat(WHOLE.length - 1), fc.nat(4_096)),
      bytes: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.constantFrom(new Uint8Array(512), new Uint8Array(4_096).fill(0xff)),
      ),
    }),
    { maxLength: 4 },
  ),
  length: fc.oneof(fc.constant(WHOLE.length), fc.constant(WHOLE.length), fc.nat(WHOLE.length)),
});

function damaged(overwritten: readonly Damage[], length: number): Buffer {
  const bytes = Buffer.from(WHOLE);
  for (const { at, bytes: written } of overwritten) bytes.set(written.subarray(0, bytes.length - at), at);
  return bytes.subarray(0, length);
}

async function refusedAtWorst(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    checkRefusal(error, [5]);
  }
}

/** What a run that goes on does before its first DELETE. */
function openToGoOn(): void {
  checkWholeDatabase(path);
  const db = openDatabase(path);
  try {
    readFacts(db);
    preparePages(db).take(500);
  } catch (error) {
    throw checkpointError(error, path);
  } finally {
    db.close();
  }
}

export const checkpointTargets: readonly FuzzTarget[] = [
  {
    name: 'checkpoint',
    share: 0.01,
    property: fc.asyncProperty(damages, async ({ overwritten, length }) => {
      const bytes = damaged(overwritten, length);
      writeFileSync(path, bytes);
      await refusedAtWorst(() => {
        const status = readStatus([path]);
        statusText(status, 0);
        JSON.stringify(statusJson(status));
      });
      for (const format of ['ndjson', 'csv', 'html'] as const)
        await refusedAtWorst(() =>
          writeReport(
            { checkpointPaths: [path], format, outcomes: undefined, outPath: undefined, overwrites: false, price: 5, nowMs: 0 },
            () => Promise.resolve(),
          ),
        );
      assert.ok(readFileSync(path).equals(bytes), 'looking at a checkpoint changed it');
      await refusedAtWorst(openToGoOn);
      for (const suffix of ['-wal', '-shm', '-journal', '.lock']) rmSync(path + suffix, { force: true });
    }),
    close: () => rmSync(folder, { recursive: true, force: true }),
  },
];
