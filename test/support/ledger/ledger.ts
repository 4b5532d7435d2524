import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { packIds } from '../../../src/checkpoint/intake/packed-ids.ts';
import type { CheckpointFacts } from '../../../src/checkpoint/facts.ts';
import type { ItemResult } from '../../../src/checkpoint/results.ts';
import type { Ledger, startLedger as StartLedger } from '../../../src/ledger/ledger.ts';
import type { Committed, RunLeft } from '../../../src/ledger/committed.ts';
import { CLI_PATH } from '../cli/cli.ts';
import { DEFINITION, imageId, NO_RUN } from './checkpoint.ts';

/** The built one: a thread from source takes half a second of a core to strip types. For coverage its source, as in {@link CLI_PATH}. */
const LEDGER_PATH = join(CLI_PATH, CLI_PATH.endsWith('.ts') ? '../ledger/ledger.ts' : '../ledger.js');

const built = (await import(LEDGER_PATH)) as { startLedger: typeof StartLedger };
export const startLedger: typeof StartLedger = built.startLedger;

/** The report's line of the row that each test purge rejects. */
export const REJECTED = '.. rejected';

export function resultFor(item: { readonly seq: number }, outcome: ItemResult['outcome'] = 'deleted'): ItemResult {
  const isFailed = outcome === 'failed';
  return {
    seq: item.seq,
    outcome,
    httpStatus: isFailed ? 400 : 200,
    code: isFailed ? 5400 : undefined,
    message: isFailed ? 'Bad "image"' : undefined,
    cfRay: undefined,
    attempts: 1,
    earlierUnknown: false,
    atMs: 5,
    durationMs: 1,
  };
}

/** The real ledger, thread and all, on a checkpoint in a folder of its own. */
export class TestLedger {
  readonly folder: string;
  readonly path: string;
  ledger: Ledger = startLedger();

  constructor(folder: string = mkdtempSync(join(tmpdir(), 'images-purge-ledger-'))) {
    this.folder = folder;
    this.path = join(folder, 'ids.csv.checkpoint');
  }

  get reportPath(): string {
    return `${this.path}.report.ndjson`;
  }

  /** Begins a purge of these IDs, and of a rejected row after them. */
  async begin(ids: readonly string[], reportPath: string = this.reportPath): Promise<void> {
    await this.ledger.ask('lock', this.path, false);
    await this.ledger.ask('create', { ...DEFINITION, job: randomUUID() }, false, 1_000);
    await this.ledger.ask('openReport', reportPath);
    await this.read(ids);
    await this.ledger.ask('finishReading', [{ sizeBytes: 1, sha256: new Uint8Array(32) }], 2_000);
    await this.ledger.ask('endPlan', true);
  }

  async read(ids: readonly string[]): Promise<Committed> {
    await this.ledger.ask('beginReading', [{ name: 'ids.csv', opened: undefined }]);
    return this.ledger.ask('accept', {
      sourceIndex: 0,
      ids: packIds(ids.map(imageId)),
      lines: Float64Array.from(ids, (_, index) => index + 1),
      suspicious: [],
      rejected: [{ raw: '..', reason: 'a dot segment', line: ids.length + 1 }],
      skippedCount: 0,
      otherShardIds: [],
      nowMs: 2_000,
    });
  }

  /** Takes the next IDs and records an outcome for each. */
  async work(count: number, outcome: ItemResult['outcome'] = 'deleted'): Promise<Committed> {
    const items = await this.ledger.takePage(count);
    return this.ledger.record({
      results: items.map((item) => resultFor(item, outcome)),
      tried: [],
      moments: [],
      run: NO_RUN,
      nowMs: 2_000,
    });
  }

  async end(): Promise<RunLeft> {
    const left = await this.ledger.ask('end', { tried: [], moments: [], endedBy: undefined, run: NO_RUN, nowMs: 3_000 }, true);
    await this.ledger.close();
    return left;
  }

  /** Opens the checkpoint to go on, in a new thread; resolves to the first lines for stdout. */
  async resume(reportPath?: string): Promise<Committed> {
    await this.ledger.close();
    this.ledger = startLedger();
    await this.ledger.ask('lock', this.path, false);
    await this.ledger.ask('resume');
    await this.ledger.ask('openReport', reportPath);
    return this.ledger.ask('tellSome');
  }

  /** What a kill at this instant would leave on disk, in another folder. */
  killedNow(): TestLedger {
    const copy = new TestLedger();
    for (const suffix of ['', '-wal', '.report.ndjson']) if (existsSync(this.path + suffix)) cpSync(this.path + suffix, copy.path + suffix);
    return copy;
  }

  facts(): Promise<CheckpointFacts> {
    return this.ledger.ask('facts');
  }

  lines(path: string = this.reportPath): string[] {
    return linesOf(readFileSync(path, 'utf8'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ledger.close().catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** `id outcome` for each line of a report; throws where it ends in half a line. */
export function linesOf(report: string): string[] {
  if (report !== '' && !report.endsWith('\n')) throw new Error('the report ends in half a line');
  return report
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const { id, raw, outcome } = JSON.parse(line) as { id?: string; raw?: string; outcome: string };
      return `${id ?? raw} ${outcome}`;
    });
}
