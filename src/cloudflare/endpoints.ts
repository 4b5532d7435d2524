/** How much of an answer's body is read and kept. */
export interface BodyLimits {
  /** A longer body is discarded. */
  readonly keptBytesMax: number;
  /** A body longer than this is not read to its end. */
  readonly readBytesMax: number;
}

export interface Endpoint {
  readonly method: 'GET' | 'DELETE';
  /** Path after the root; empty if the caller adds one segment. */
  readonly path: string;
  readonly body: BodyLimits;
}

/** An envelope has a few hundred bytes, an error page of a proxy or of Cloudflare a few thousand. */
export const ENVELOPE: BodyLimits = { keptBytesMax: 64 * 1024, readBytesMax: 1024 * 1024 };

/**
 * Every endpoint that is used, relative to the root of the images of an account or of the batch host; `verifyToken` is relative to
 * `/user` or to the account.
 */
export const ENDPOINTS: Readonly<Record<'deleteImage' | 'imageStats' | 'batchToken' | 'verifyToken', Endpoint>> = {
  deleteImage: { method: 'DELETE', path: '', body: ENVELOPE },
  imageStats: { method: 'GET', path: 'stats', body: ENVELOPE },
  batchToken: { method: 'GET', path: 'batch_token', body: ENVELOPE },
  verifyToken: { method: 'GET', path: 'tokens/verify', body: ENVELOPE },
};
