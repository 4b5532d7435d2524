/** How much of an answer's body is read and kept. */
export interface BodyLimits {
  /** A longer body is discarded. */
  readonly keptBytesMax: number;
  /** A body longer than this is not read to its end. */
  readonly readBytesMax: number;
  /** What the headers say of the body is told with the answer. */
  readonly describes?: true;
}

export interface Endpoint {
  readonly method: 'GET' | 'DELETE' | 'POST';
  /** Path after the root; empty if the caller adds one segment. */
  readonly path: string;
  readonly body: BodyLimits;
}

/** An envelope has a few hundred bytes, an error page of a proxy or of Cloudflare a few thousand. */
export const ENVELOPE: BodyLimits = { keptBytesMax: 64 * 1024, readBytesMax: 1024 * 1024 };

type EndpointName =
  'deleteImage' | 'imageDetails' | 'imageBlob' | 'uploadImage' | 'imageStats' | 'batchToken' | 'verifyToken' | 'listImages';

/** An ID of 1,024 characters stands in the address of each variant, of which there may be a hundred. */
const DETAILS: BodyLimits = { keptBytesMax: 1024 * 1024, readBytesMax: 2 * 1024 * 1024 };

/** Read into a sink, an image may be of any length; without one, its headers are wanted. */
const BLOB: BodyLimits = { ...ENVELOPE, describes: true };

/** 1,000 images with long IDs, metadata and dozens of variants each. What is longer is asked for again in smaller pages. */
const LIST_PAGE: BodyLimits = { keptBytesMax: 16 * 1024 * 1024, readBytesMax: 16 * 1024 * 1024 };

/**
 * Every endpoint that is used, relative to `images/v1` of an account or of the batch host; `listImages` is relative to `images`,
 * `imageBlob` to an image, `verifyToken` to `/user` or to the account.
 */
export const ENDPOINTS: Readonly<Record<EndpointName, Endpoint>> = {
  deleteImage: { method: 'DELETE', path: '', body: ENVELOPE },
  imageDetails: { method: 'GET', path: '', body: DETAILS },
  imageBlob: { method: 'GET', path: 'blob', body: BLOB },
  uploadImage: { method: 'POST', path: '', body: DETAILS },
  imageStats: { method: 'GET', path: 'stats', body: ENVELOPE },
  batchToken: { method: 'GET', path: 'batch_token', body: ENVELOPE },
  verifyToken: { method: 'GET', path: 'tokens/verify', body: ENVELOPE },
  listImages: { method: 'GET', path: 'v2', body: LIST_PAGE },
};
