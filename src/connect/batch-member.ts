import type { ReadAnswer } from '../answer/answers.ts';
import type { BatchToken } from '../cloudflare/types.ts';
import type { Alarm } from '../pace/alarm.ts';
import type { Lane } from '../pace/types.ts';
import type { LaneCredentials } from './lane-credentials.ts';
import type { Second } from './refusals.ts';

/** A lane with its token. */
export interface BatchMember {
  readonly lane: Lane;
  /** Rings when the token is to be renewed. */
  readonly alarm: Alarm;
  token: BatchToken | undefined;
  credentials: LaneCredentials | undefined;
  isRenewing: boolean;
  /** The answer that refused the token in use; nothing is sent until there is another. */
  refusal: ReadAnswer | undefined;
  /**
   * It is the last lane, and it is being confirmed that its token is refused: any token will do, the same again too. The lane closes for
   * this reason; `undefined` where it is not so.
   */
  lastChance: string | undefined;
  /** Asks once more what was refused last. */
  again: (() => Promise<Second>) | undefined;
}
