import { createHash } from 'node:crypto';

import type { Readable } from 'node:stream';

import type { ImageId } from '../domain/image-id.ts';
import type { Redact } from '../text/redact.ts';

/** The account's credentials. Never printed, never stored. */
export type Credentials =
  { readonly kind: 'token'; readonly token: string } | { readonly kind: 'key'; readonly email: string; readonly key: string };

/** A user's token, or an account's own. */
export type TokenOwner = 'user' | 'account';

/** Takes a body as it comes, so that it need not be held in memory. */
export interface BodySink {
  /** `undefined`: there is room for more. A promise: there is once it resolves; where it rejects, the rest is not wanted. */
  readonly write: (chunk: Uint8Array) => Promise<void> | undefined;
}

/** A body to be sent. */
export interface UploadBody {
  readonly headers: Readonly<Record<string, string>>;
  /** @param onPassed - is told how many bytes have been handed over each time */
  readonly open: (onPassed: (bytes: number) => void) => Readable;
}

/** What an answer's headers say of its body, and how much of it has come. */
export interface BodyFacts {
  /** In lower case, without parameters. */
  readonly contentType: string | undefined;
  /** `Content-Length` */
  readonly toldBytes: number | undefined;
  /** A body that is cut off would not pass for a whole one. */
  readonly isEndKnown: boolean;
  /** Compressed on the way, which nobody asked for. */
  readonly isEncoded: boolean;
  /** It was handed to a sink. */
  readonly isStreamed: boolean;
  readonly readBytes: number;
}

/** An answer as it was received, read to its end. */
export interface ApiAnswer {
  readonly kind: 'answer';
  readonly httpStatus: number;
  /** `undefined` if it was too long: its beginning alone could be misread. */
  readonly body: string | undefined;
  /** Only of an endpoint whose limits ask for them. */
  readonly bodyFacts?: BodyFacts | undefined;
  /** Several of them joined by commas. */
  readonly retryAfter: string | undefined;
  /** `Ratelimit` and `Ratelimit-Policy`, several of them joined. */
  readonly ratelimit: string | undefined;
  readonly ratelimitPolicy: string | undefined;
  /** The server's time, as it wrote it. */
  readonly date: string | undefined;
  readonly cfRay: string | undefined;
  /** Must be applied to any part of `body` or `cfRay` that is kept or shown: they may repeat the credentials. */
  readonly redact: Redact;
  readonly durationMs: number;
}

/** A request that ended without a whole answer. Whether the work was done is unknown. */
export interface NoAnswer {
  readonly kind: 'no-answer';
  readonly reason: 'timeout' | 'connection' | 'aborted' | 'broken-answer' | 'proxy-refused';
  /** What kept it away: `ECONNRESET`, `timeout`. */
  readonly code: string;
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

/** Reads single images with the account's credentials. */
export interface ImageReader {
  /** `GET …/images/v1/{one segment}` */
  imageDetails(id: ImageId): Promise<Exchange>;
  /** `GET …/images/v1/{one segment}/blob`. @param sink - takes the bytes of the image; without it only the beginning is read */
  imageBlob(id: ImageId, sink?: BodySink): Promise<Exchange>;
}

/** Uploads images with the account's credentials. */
export interface ImageUploader {
  /** `POST …/images/v1` */
  uploadImage(upload: UploadBody): Promise<Exchange>;
}

/** Requests that change nothing. Each call is one exchange without retry, pacing or redirect. Network errors are returned, not thrown. */
export interface ApiReader extends ImageReader {
  /** `GET {base}/accounts/{account}/images/v1/stats` */
  imageStats(): Promise<Exchange>;
  /** `GET {base}/accounts/{account}/images/v1/batch_token` */
  batchToken(): Promise<Exchange>;
  /** `GET {base}/user/tokens/verify`, or `GET {base}/accounts/{account}/tokens/verify` for a token that the account owns */
  verifyToken(owner: TokenOwner): Promise<Exchange>;
  /** `GET {base}/accounts/{account}/images/v2?{query}`. @param query - percent-encoded, without the question mark */
  listImages(query: string): Promise<Exchange>;
  /** Aborts all requests in flight; each ends as `no-answer` with the reason `aborted`. */
  abortAll(): void;
  close(): Promise<void>;
}

/** All endpoints that are used with the account's credentials. */
export interface CloudflareClient extends ApiReader, ImageDeleter, ImageUploader {}

/** The batch host: one pool of connections, a token for each lane. */
export interface BatchHost {
  withToken(token: BatchToken): ImageDeleter;
  abortAll(): void;
  close(): Promise<void>;
}

/** A batch token. Its text is never printed by accident; only the sender and the code that redacts logs ask for it. */
export class BatchToken {
  readonly #text: string;
  /** How long it was valid when it was issued, in milliseconds; `undefined` if the answer did not say. */
  readonly lifetimeMs: number | undefined;

  constructor(text: string, lifetimeMs: number | undefined) {
    this.#text = text;
    this.lifetimeMs = lifetimeMs;
  }

  /** Identifies the token without revealing it. */
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
