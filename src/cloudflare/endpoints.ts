/** Every endpoint that is used, under the root of the images of one account or of the batch host. */

/** How much of an answer's body is of use. */
export interface BodyLimits {
  /** A longer body is thrown away. */
  readonly keptBytesMax: number;
  /** A body longer than this is not read to its end. */
  readonly readBytesMax: number;
}

export interface Endpoint {
  readonly method: 'GET' | 'DELETE';
  /** Behind the root; empty where it is one segment that the caller names. */
  readonly path: string;
  readonly body: BodyLimits;
}

/** An envelope has a few hundred bytes, a page of a proxy or the edge some thousands. */
export const ENVELOPE: BodyLimits = { keptBytesMax: 64 * 1024, readBytesMax: 1024 * 1024 };

export const ENDPOINTS: Readonly<Record<'deleteImage' | 'imageStats' | 'batchToken', Endpoint>> = {
  deleteImage: { method: 'DELETE', path: '', body: ENVELOPE },
  imageStats: { method: 'GET', path: 'stats', body: ENVELOPE },
  batchToken: { method: 'GET', path: 'batch_token', body: ENVELOPE },
};
