/**
 * The ledger's own thread: SQLite's and the report's synchronous calls happen here, so that the main thread is free for
 * HTTP.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads';

import { checkpointError } from '../checkpoint/file/sqlite-error.ts';
import { UserError } from '../domain/errors.ts';
import { type Question, type Reply, toPlain } from './messages.ts';
import { LedgerOperations } from './operations.ts';

const port = parentPort;
if (port === null) throw new Error('ledger/thread must be started as a worker thread');
const operations = new LedgerOperations();

port.on('message', (question: Question) => {
  port.postMessage(answer(question));
  if (question.operation === 'close') port.close();
});

function answer({ number, operation, args }: Question): Reply {
  try {
    const method = operations[operation] as (...args: readonly unknown[]) => unknown;
    return { number, kind: 'result', result: method.apply(operations, [...args]) };
  } catch (thrown) {
    const error = checkpointError(thrown, operations.path);
    return error instanceof UserError ? { number, kind: 'user-error', error: toPlain(error) } : { number, kind: 'bug', error };
  }
}
