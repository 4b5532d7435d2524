/**
 * The ledger's own thread: SQLite's and the report's synchronous calls happen here, so that the main thread is free for
 * HTTP.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads';

import { checkpointError } from '../checkpoint/file/sqlite-error.ts';
import { UserError } from '../domain/errors.ts';
import { CheckpointPlace } from './checkpoint-place.ts';
import type { Question, Reply } from './messages.ts';
import { carryOut } from './operations.ts';
import { toPlain } from './plain-error.ts';

const port = parentPort;
if (port === null) throw new Error('ledger/thread must be started as a worker thread');
const place = new CheckpointPlace();

port.on('message', (question: Question) => {
  port.postMessage(answer(question));
  if (question.operation === 'close') port.close();
});

function answer({ number, operation, args }: Question): Reply {
  try {
    return { number, kind: 'result', result: carryOut(place, operation, args) };
  } catch (thrown) {
    const error = checkpointError(thrown, place.path);
    return error instanceof UserError ? { number, kind: 'user-error', error: toPlain(error) } : { number, kind: 'bug', error };
  }
}
