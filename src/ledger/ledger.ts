import { Worker } from 'node:worker_threads';

import { packResults } from '../checkpoint/packed-results.ts';
import type { ResultBatch } from '../checkpoint/results.ts';
import type { Committed } from './committed.ts';
import type { Question, Reply } from './messages.ts';
import type { ArgumentsOf, OperationName, ResultOf } from './operations.ts';
import { type HandedOut, unpackPage } from './packed-page.ts';
import { fromPlain } from './plain-error.ts';
import { holdWal, type WalHolder } from '../checkpoint/file/wal-holder.ts';

/** The main thread's end of the ledger: checkpoint and report, in a thread of their own. */
export interface Ledger {
  /** Asks for one operation; they are carried out one at a time, in order. Rejects with a `UserError` or a bug. */
  ask<K extends OperationName>(operation: K, ...args: ArgumentsOf<K>): Promise<ResultOf<K>>;
  /** The next pending items, durably marked as sent. */
  takePage(countMax: number): Promise<HandedOut[]>;
  record(batch: ResultBatch): Promise<Committed>;
  /** From now on a sudden end of the process leaves the WAL beside the checkpoint, which must be open. */
  holdWal(path: string): void;
  /** Closes checkpoint and lock and ends the thread. */
  close(options?: { readonly removeCheckpoint: boolean }): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Old-generation heap of the thread, which holds only pages, batches and the rows of a transaction. */
const HEAP_MB_MAX = 96;

export function startLedger(): Ledger {
  // The URL is not an import: scripts/build.ts puts the thread where it is found by this path.
  const isSource = import.meta.url.endsWith('.ts');
  const worker = new Worker(new URL(isSource ? './thread.ts' : './thread.js', import.meta.url), {
    name: 'ledger',
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX, maxYoungGenerationSizeMb: 16 },
  });
  const waiting = new Map<number, Waiting>();
  let questionCount = 0;
  let death: Error | undefined;
  let walHolder: WalHolder | undefined;

  worker.on('message', (reply: Reply) => {
    const asked = waiting.get(reply.number);
    waiting.delete(reply.number);
    if (asked === undefined) throw new Error(`the ledger answered question ${reply.number}, which nobody asked`);
    if (reply.kind === 'result') asked.resolve(reply.result);
    else asked.reject(reply.kind === 'user-error' ? fromPlain(reply.error) : reply.error);
  });
  worker.on('error', (error) => die(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => die(new Error('the ledger’s thread has ended')));

  function die(error: Error): void {
    death ??= error;
    for (const asked of waiting.values()) asked.reject(death);
    waiting.clear();
  }

  function ask<K extends OperationName>(operation: K, ...args: ArgumentsOf<K>): Promise<ResultOf<K>> {
    if (death !== undefined) return Promise.reject(death);
    const question: Question = { number: ++questionCount, operation, args };
    return new Promise((resolve, reject) => {
      waiting.set(question.number, { resolve: resolve as (result: unknown) => void, reject });
      worker.postMessage(question);
    });
  }

  return {
    ask,
    takePage: async (countMax) => unpackPage(await ask('takePage', countMax)),
    record: (batch) => ask('record', { ...batch, results: packResults(batch.results) }),
    holdWal(path) {
      walHolder = holdWal(path);
    },
    async close(options) {
      walHolder?.release();
      walHolder = undefined;
      if (death !== undefined) return;
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      try {
        await ask('close', options?.removeCheckpoint ?? false);
      } finally {
        await ended;
      }
    },
  };
}
