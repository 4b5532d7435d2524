import { storageError } from '../domain/errors.ts';
import { errnoText } from './texts/error-text.ts';

/** The reader of stdout has gone: `| head` has seen enough. */
export class StdoutClosedError extends Error {
  constructor(cause: unknown) {
    super('stdout has closed', { cause });
    this.name = 'StdoutClosedError';
  }
}

export interface StdoutWriter {
  /**
   * Resolves when the stream has taken the text over. Rejects with {@link StdoutClosedError} once it has closed, with a `UserError`
   * where it cannot be written.
   */
  write(text: string): Promise<void>;
  /** Whether the stream still has text that its reader has not taken. */
  isWaiting(): boolean;
}

/** Errors that mean that nobody reads any more; others (a full disk behind `> file`) are told as such. */
const CLOSED_CODES: readonly string[] = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'];

/** One writer for all of stdout: each write waits for the one before it, so a slow reader holds the run back. */
export function createStdoutWriter(stream: NodeJS.WritableStream): StdoutWriter {
  let failure: { readonly error: unknown } | undefined;
  // Without a listener, an EPIPE would end the process in the middle of its work.
  stream.on('error', (error: unknown) => {
    failure ??= { error };
  });
  let waitingCount = 0;
  return {
    isWaiting: () => waitingCount > 0,
    async write(text) {
      if (failure !== undefined) throw asStdoutError(failure.error);
      await new Promise<void>((done, fail) => {
        waitingCount++;
        stream.write(text, (error) => {
          waitingCount--;
          if (error === null || error === undefined) return done();
          failure ??= { error };
          fail(asStdoutError(error));
        });
      });
    },
  };
}

function asStdoutError(error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (CLOSED_CODES.some((closed) => closed === code)) return new StdoutClosedError(error);
  return storageError(
    'STDOUT_UNWRITABLE',
    `stdout cannot be written (${errnoText(error)}).`,
    ['Make room where it leads to, or let it lead elsewhere.'],
    error,
  );
}
