import { type PresenceAnswer, readPresenceAnswer } from '../answer/presence-answer.ts';
import type { AccountAccess } from '../connect/account-access.ts';
import type { ImageId } from '../domain/image-id.ts';
import { ListStopped } from '../list/pages.ts';

export interface PresenceOptions {
  /** Asks for as long as `--give-up-after` lasts. */
  readonly access: Pick<AccountAccess, 'ask' | 'reader' | 'giveUp'>;
  readonly halt: AbortSignal;
  /** So often an image is asked for that is answered, but without saying anything. */
  readonly attemptsMax: number;
}

/** What is known of an image that was asked for. */
export type Presence = Extract<PresenceAnswer, { kind: 'there' | 'gone' | 'unclear' }>;

/**
 * Whether an image is there, by its own GET. One that is answered with errors alone does not keep the others waiting; an API that does
 * not answer is waited for.
 *
 * @throws {@link ListStopped} where the run was told to end
 */
export async function askPresence(id: ImageId, { access, halt, attemptsMax }: PresenceOptions): Promise<Presence> {
  let attempts = 0;
  const answer = await access.ask<PresenceAnswer>({
    send: () => access.reader.imageDetails(id),
    read(exchange, nowWallMs) {
      const read = readPresenceAnswer(exchange, id, nowWallMs);
      const isRefusedAgain = read.kind === 'retry' && exchange.kind === 'answer' && ++attempts >= attemptsMax;
      return isRefusedAgain ? { kind: 'unclear', answer: read.answer } : read;
    },
  });
  if (answer === undefined || halt.aborted || answer.kind === 'retry') throw new ListStopped();
  access.giveUp.finalAnswer();
  return answer;
}
