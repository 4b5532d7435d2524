/** `account`, or the number of a batch token's lane, from 1. */
export type LaneName = 'account' | number;

/** What throttles a lane: nothing yet, its own speed, or something that a slower lane would meet as well. */
export type ThrottleCause = 'none' | 'unknown' | 'speed' | 'random';

/** Why a lane may not send: its host does not answer, it has no token at the moment, or a refusal is being confirmed. */
export type HoldReason = 'outage' | 'token' | 'refusal';
