import { createHash } from 'node:crypto';

import type { ImageId } from '../domain/image-id.ts';
import type { Redact } from '../text/redact.ts';

/** Who asks. Never printed, never stored. */
export type Credentials =
  { readonly kind: 'token'; readonly token: string } | { readonly kind: 'key'; readonly email: string; readonly key: string };

/** An answer as it came over the wire, read to its end. */
export interface ApiAnswer {
  readonly kind: 'answer';
  readonly httpStatus: number;
  /** `undefined` where it was longer than its endpoint's answers are: its beginning would say what the whole does not. */
  readonly body: string | undefined;
  readonly retryAfter: string | undefined;
  /** `Ratelimit` and `Ratelimit-Policy`, several of them joined. */
  readonly ratelimit: string | undefined;
  readonly ratelimitPolicy: string | undefined;
  /** The server's own time, as it wrote it. */
  readonly date: string | undefined;
  readonly cfRay: string | undefined;
  /** Body and `cfRay` are as they came and may repeat the credentials: what is taken out of them to be kept or shown goes through this. */
  readonly redact: Redact;
  readonly durationMs: number;
}

/** A request that ended without a whole answer. Whether the work was done is unknown. */
export interface NoAnswer {
  readonly kind: 'no-answer';
  readonly reason: 'timeout' | 'connection' | 'aborted' | 'broken-answer' | 'proxy-refused';
  /** For people and reports, e.g. `ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:9`; holds no credential. */
  readonly message: string;
  readonly durationMs: number;
}

export type Exchange = ApiAnswer | NoAnswer;

/** Deletes with one lane's credentials. */
export interface ImageDeleter {
  /** `DELETE …/images/v1/{one segment}` */
  deleteImage(id: ImageId): Promise<Exchange>;
}

/** What asks the API and changes nothing. Each call is one exchange: no retry, no pacing, no redirect. It never throws for the network. */
export interface ApiReader {
  /** `GET {base}/accounts/{account}/images/v1/stats` */
  imageStats(): Promise<Exchange>;
  /** `GET {base}/accounts/{account}/images/v1/batch_token` */
  batchToken(): Promise<Exchange>;
  /** Gives up what is in flight; each of those ends as `no-answer` with reason `aborted`. */
  abortAll(): void;
  close(): Promise<void>;
}

/** All endpoints that are used with the account's credentials. */
export interface CloudflareClient extends ApiReader, ImageDeleter {}

/** The batch host: one pool of connections, a token for each lane. */
export interface BatchHost {
  withToken(token: BatchToken): ImageDeleter;
  abortAll(): void;
  close(): Promise<void>;
}

/** A batch token. It prints as nothing: only who sends it, and who keeps it out of logs, asks for its text. */
export class BatchToken {
  readonly #text: string;
  /** Milliseconds it was good for when it was given out; `undefined` where the answer did not say. */
  readonly lifetimeMs: number | undefined;

  constructor(text: string, lifetimeMs: number | undefined) {
    this.#text = text;
    this.lifetimeMs = lifetimeMs;
  }

  /** Names the token without telling it. */
  fingerprint(): string {
    return createHash('sha256').update(this.#text).digest('hex').slice(0, 32);
  }

  secretText(): string {
    return this.#text;
  }

  isSameAs(other: BatchToken): boolean {
    return this.#text === other.#text;
  }
}
