import type { ReadAnswer } from '../answer/answers.ts';
import type { ApiReader } from '../cloudflare/types.ts';
import type { StopReason, Throttled } from '../domain/disposition.ts';
import { createGiveUpWatch, type GiveUpWatch } from '../pace/give-up.ts';
import { createLanes, type Lanes } from '../pace/lanes.ts';
import type { Lane } from '../pace/types.ts';
import type { RunCounters } from '../run/counters.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { Halt } from '../run/halt.ts';
import type { PaceOptions } from '../run/run-options.ts';
import { type AccountStats, statsQuestion } from './account-stats.ts';
import { createFirstContact, type FirstContact } from './first-contact.ts';
import { findSharedQuota } from './find-shared-quota.ts';
import { LaneMaker } from './lane-maker.ts';
import { ask, type Meaning, type OnThrottled, type Question } from './paced-request.ts';
import type { PermitMemory } from './permit-memory.ts';
import { gaveUpError, refusedError } from './stop-errors.ts';

export interface AccountAccessOptions {
  readonly deps: PurgeDeps;
  readonly halt: Halt;
  readonly counters: RunCounters;
  readonly accountId: string;
  /** The API's root. */
  readonly baseUrl: string;
  readonly pace: PaceOptions;
  /** What earlier runs used of the quota; `NO_PERMIT_MEMORY` where there is no checkpoint. */
  readonly memory: PermitMemory;
  /** To be pasted into a shell; as things stand when it is called. */
  readonly nextCommand: () => string;
  /** IDs deleted by this purge until now, in earlier runs too; `undefined` for a command that deletes nothing. */
  readonly deletedCount: () => number | undefined;
}

/** Read access to the account: its own lane, and what ends a run that cannot continue. Needs no checkpoint. */
export interface AccountAccess {
  readonly reader: ApiReader;
  /** The account's own lane. Every request with the account's credentials takes its permit here. */
  readonly account: Lanes;
  readonly laneMaker: LaneMaker;
  /** Ends the run after too long without a final answer; measures time only while it is started. */
  readonly giveUp: GiveUpWatch;
  /** Handles a 429; `lanes` are those that the run waits for. */
  readonly throttledAmong: (lanes: Lanes) => OnThrottled;
  /** A lane has stopped. The others may already be waiting. */
  readonly laneStopped: (lanes: Lanes) => void;
  readonly stopRun: (reason: StopReason, answer: ReadAnswer) => void;
  /**
   * Asks with the account's credentials on its lane, as often as it takes, while the run is not told to end and `--give-up-after`
   * lasts. Ask one question at a time; each answer to a piece of work, such as a page of a list, is to be a `giveUp.finalAnswer()`.
   *
   * @returns `undefined` where the run ends, through a refusal too; of the kind `retry` after the last attempt
   */
  readonly ask: <A extends Meaning>(question: Question<A>) => Promise<Answered<A> | undefined>;
  /** `GET stats`; `undefined` where its answer, or something else, has ended the run. */
  readonly askStats: () => Promise<AccountStats | undefined>;
  readonly close: () => Promise<void>;
}

/** What is left to a caller of {@link AccountAccess.ask}: a refusal has ended the run, and a 429 has been waited for. */
export type Answered<A extends Meaning> = Exclude<A, Throttled | Refusal>;

interface Refusal {
  readonly kind: 'stop-run';
  readonly reason: StopReason;
  readonly answer: ReadAnswer;
}

/** @param reader - asks with the account's own credentials */
export async function openAccount(reader: ApiReader, options: AccountAccessOptions): Promise<AccountAccess> {
  const { deps, halt, accountId, pace, memory } = options;
  const shared = await findSharedQuota(deps, pace);
  const laneMaker = new LaneMaker({ deps, halt, accountId, memory, shared });
  const accountLane = laneMaker.create('account', pace.accountRate, pace.reserveShare);
  const account = createLanes([accountLane], halt.signal);
  const contact = createFirstContact(deps, accountLane);
  const { onGiveUp, stopRun } = endingsOf(options, contact);
  const giveUp = createGiveUpWatch({ clock: deps.clock, giveUpAfterMs: pace.giveUpAfterMs, onGiveUp });
  const laneStopped = (lanes: Lanes): void => giveUp.standsStill(standstillMs(lanes, accountLane));
  const throttledAmong = throttledIn(options, laneStopped);
  const { clock, random } = deps;
  const { attemptsMax } = pace;
  const { counters } = options;
  const asking = {
    lanes: account,
    clock,
    random,
    counters,
    attemptsMax,
    ended: halt.signal,
    onThrottled: throttledAmong(account),
    waitOut: contact.waitOut,
  };
  const askAccount: AccountAccess['ask'] = async <A extends Meaning>(question: Question<A>) => {
    giveUp.start();
    const answer = await beforeDeleting(() => ask(question, asking), reader, halt.signal);
    // Time does not count until the next question: a person may be asked in between.
    giveUp.pause();
    if (answer !== undefined) contact.made();
    if (answer === undefined || !isRefusal(answer)) return answer as Answered<A> | undefined;
    stopRun(answer.reason, answer.answer);
    return undefined;
  };
  return {
    reader,
    account,
    laneMaker,
    giveUp,
    throttledAmong,
    laneStopped,
    stopRun,
    ask: askAccount,
    async askStats() {
      const answer = await askAccount(statsQuestion(reader));
      return answer?.kind === 'retry' ? { kind: 'unreadable', why: answer.answer.message } : answer;
    },
    async close() {
      giveUp.pause();
      await reader.close();
      await account.close();
      await shared?.close();
    },
  };
}

function isRefusal(meaning: Meaning): meaning is Refusal {
  return meaning.kind === 'stop-run';
}

/** Runs work that only reads. Its requests are aborted when the run ends: nothing is lost without their answers. */
export async function beforeDeleting<T>(work: () => Promise<T>, reader: ApiReader, halt: AbortSignal): Promise<T> {
  const onHalt = (): void => reader.abortAll();
  halt.addEventListener('abort', onHalt, { once: true });
  try {
    return await work();
  } finally {
    halt.removeEventListener('abort', onHalt);
  }
}

function throttledIn({ deps, counters }: AccountAccessOptions, laneStopped: (lanes: Lanes) => void): AccountAccess['throttledAmong'] {
  const { observer, clock } = deps;
  return (lanes) =>
    (permit, { retryAfterMs, httpStatus, code }) => {
      counters.throttled++;
      const { isNews, waitMs } = permit.lane.throttled(permit, retryAfterMs);
      if (isNews) {
        const untilWallMs = clock.wallMs() + waitMs;
        observer.event({ kind: 'lane.throttled', lane: permit.lane.name, httpStatus, code, waitMs, untilWallMs });
      }
      laneStopped(lanes);
    };
}

/** How long nothing can be sent because the API asks to wait. A lane that waits does not stop the run while another one sends. */
function standstillMs(lanes: Lanes, account: Lane): number {
  const standing = lanes.open.map((lane) => lane.state());
  // If no lane is left, the run has ended for another reason.
  if (standing.length === 0) return 0;
  // A lane without a token gets one at the account's pace.
  return Math.min(
    ...standing.map(({ pausedForMs, held }) => (held.includes('token') ? Math.max(account.state().pausedForMs, pausedForMs) : pausedForMs)),
  );
}

function endingsOf(
  { halt, baseUrl, pace, nextCommand, deletedCount }: AccountAccessOptions,
  contact: FirstContact,
): {
  readonly onGiveUp: Parameters<typeof createGiveUpWatch>[0]['onGiveUp'];
  readonly stopRun: AccountAccess['stopRun'];
} {
  const stats = { kind: 'unreadable', why: 'refused' } as const;
  const asked = (): 'ID' | 'question' => (deletedCount() === undefined ? 'question' : 'ID');
  return {
    onGiveUp: (standstill) => halt.fail(gaveUpError(baseUrl, pace.giveUpAfterMs, nextCommand(), standstill, contact.failure, asked())),
    stopRun: (reason, answer) => halt.fail(refusedError(reason, answer, { baseUrl, nextCommand, deletedCount, stats })),
  };
}
