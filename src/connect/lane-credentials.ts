import type { ImageDeleter } from '../cloudflare/types.ts';

/** What a lane currently deletes with; a new object after each renewal. */
export interface LaneCredentials {
  readonly deleter: ImageDeleter;
  /** Replaced a token that had been refused. */
  readonly isAfterRefusal: boolean;
  /** At least one answer was not a refusal. */
  isProven: boolean;
}
