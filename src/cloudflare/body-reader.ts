import type { BodyLimits } from './endpoints.ts';
import type { BodyFacts, BodySink } from './types.ts';

/** First size of the buffer for a body that comes in several pieces; it doubles when it is full. */
const ROOMY_BYTES_MIN = 64 * 1024;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Takes in the body of one answer: keeps it up to a limit, or hands it to a sink. */
export class BodyReader {
  readonly #limits: BodyLimits;
  readonly #sink: BodySink | undefined;
  #isStreamed = false;
  #facts: Omit<BodyFacts, 'readBytes'> | undefined;
  /** What has been read of the body; `undefined` once it is too long to be kept. */
  #kept: Buffer | undefined;
  #readBytes = 0;

  /** @param sink - takes the whole body of a 200, however long it is */
  constructor(limits: BodyLimits, sink: BodySink | undefined) {
    this.#limits = limits;
    this.#sink = sink;
  }

  get isStreamed(): boolean {
    return this.#isStreamed;
  }

  begin(httpStatus: number, headers: Headers): void {
    this.#isStreamed = this.#sink !== undefined && httpStatus === 200;
    if (this.#limits.describes === true) this.#facts = { ...described(headers), isStreamed: this.#isStreamed };
  }

  /** `enough`: the rest is not to be read. A promise: nothing more is to come until it resolves; where it rejects, nothing more at all. */
  take(chunk: Buffer): 'more' | 'enough' | Promise<void> {
    this.#readBytes += chunk.length;
    if (this.#isStreamed) return this.#sink?.write(chunk) ?? 'more';
    if (this.#readBytes > this.#limits.readBytesMax) {
      this.#kept = undefined;
      return 'enough';
    }
    if (this.#readBytes > this.#limits.keptBytesMax) this.#kept = undefined;
    else this.#keep(chunk);
    return 'more';
  }

  /** In place of one that did not come. */
  replaceBy(text: string): void {
    this.#kept = Buffer.from(text);
    this.#readBytes = this.#kept.length;
  }

  /** `undefined` where it was too long to be kept, or was handed to the sink. */
  text(): string | undefined {
    return this.#readBytes === 0 ? '' : this.#kept?.toString('utf8', 0, this.#readBytes);
  }

  facts(): BodyFacts | undefined {
    return this.#facts === undefined ? undefined : { ...this.#facts, readBytes: this.#readBytes };
  }

  /**
   * Most bodies come in one piece, which is kept as it is. Several pieces are copied into one buffer, because each piece keeps all that
   * was read from the socket with it in memory, and a server may send kilobytes of chunk extensions around each byte.
   */
  #keep(chunk: Buffer): void {
    const heldBytes = this.#readBytes - chunk.length;
    if (this.#kept === undefined) {
      this.#kept = chunk;
      return;
    }
    if (this.#kept.length < this.#readBytes || heldBytes === this.#kept.length) {
      const roomyBytes = Math.max(this.#readBytes, heldBytes * 2, ROOMY_BYTES_MIN);
      const roomy = Buffer.allocUnsafe(Math.min(roomyBytes, this.#limits.keptBytesMax));
      this.#kept.copy(roomy);
      this.#kept = roomy;
    }
    chunk.copy(this.#kept, heldBytes);
  }
}

function described(headers: Headers): Omit<BodyFacts, 'readBytes' | 'isStreamed'> {
  const text = (name: string): string | undefined => (Array.isArray(headers[name]) ? headers[name].join(', ') : headers[name]);
  const length = text('content-length');
  const toldBytes = length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
  return {
    contentType: text('content-type')?.split(';', 1)[0]?.trim().toLowerCase(),
    toldBytes,
    // With neither, the end of the connection is the end of the body: a part of it would look like the whole.
    isEndKnown: toldBytes !== undefined || /\bchunked\s*$/i.test(text('transfer-encoding') ?? ''),
    isEncoded: !['identity', ''].includes(text('content-encoding')?.trim().toLowerCase() ?? ''),
  };
}
