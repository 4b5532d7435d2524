import { createHash } from 'node:crypto';

import type { SimulatedImage } from '../simulator-options.ts';

/** A 1 × 1 GIF. */
const TINY_IMAGE = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** The bytes of an image: those that were said or uploaded, else a tiny picture that is like no other ID's. */
export function originalOf({ id, original }: Pick<SimulatedImage, 'id' | 'original'>): Uint8Array {
  return original ?? Buffer.concat([TINY_IMAGE, createHash('sha256').update(id).digest()]);
}
