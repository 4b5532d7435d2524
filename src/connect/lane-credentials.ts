import type { ImageDeleter } from '../cloudflare/types.ts';

/** What a lane deletes with at present; another object after each renewal. */
export interface LaneCredentials {
  readonly deleter: ImageDeleter;
  /** Came after the one before had been refused. */
  readonly isAfterRefusal: boolean;
  /** Some answer was no refusal. */
  isProven: boolean;
}
