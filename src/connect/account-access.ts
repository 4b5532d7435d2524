import type { StatsAnswer } from '../answer/answers.ts';
import type { ApiReader } from '../cloudflare/types.ts';
import type { Throttled } from '../domain/disposition.ts';
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
import { ask, askAsProbe, isRefused, type Meaning, type OnThrottled, type Question, type Refused } from './paced-request.ts';
import type { PermitMemory } from './permit-memory.ts';
import { createRefusals, type Refusals, type RefusalsOptions, type Second, secondOf } from './refusals.ts';
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
  readonly deletedCount: (() => number) | undefined;
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
  /** Confirms a refusal, where it may be a mistake, before it ends the run. */
  readonly refusals: Refusals;
  /**
   * Asks with the account's credentials on its lane, as often as it takes, while the run is not told to end and `--give-up-after`
   * lasts. Each answer to a piece of work, such as a page of a list, is to be a `giveUp.finalAnswer()`.
   *
   * @param attemptsMax - in place of `--max-attempts`; `Infinity`: for as long as `--give-up-after` lasts
   * @returns `undefined` where the run ends, through a refusal too; of the kind `retry` after the last attempt
   */
  readonly ask: <A extends Meaning>(question: Question<A>, attemptsMax?: number) => Promise<Answered<A> | undefined>;
  /** `GET stats`; `undefined` where its answer, or something else, has ended the run. */
  readonly askStats: () => Promise<AccountStats | undefined>;
  readonly close: () => Promise<void>;
}

/** What is left to a caller of {@link AccountAccess.ask}: a refusal has ended the run, and a 429 has been waited for. */
export type Answered<A extends Meaning> = Exclude<A, Throttled | Refused>;

/** @param reader - asks with the account's own credentials */
export async function openAccount(reader: ApiReader, options: AccountAccessOptions): Promise<AccountAccess> {
  const { deps, halt, accountId, pace, memory } = options;
  const shared = await findSharedQuota(deps, pace);
  const laneMaker = new LaneMaker({ deps, halt, accountId, memory, shared });
  const accountLane = laneMaker.create('account', pace.accountRate, pace.reserveShare);
  const account = createLanes([accountLane], halt.signal);
  const contact = createFirstContact(deps, accountLane);
  const giveUp = createGiveUpWatch({ clock: deps.clock, giveUpAfterMs: pace.giveUpAfterMs, onGiveUp: giveUpIn(options, contact) });
  const laneStopped = (lanes: Lanes): void => giveUp.standsStill(standstillMs(lanes, accountLane));
  const throttledAmong = throttledIn(options, laneStopped);
  const { clock, random } = deps;
  const { counters } = options;
  const effects = { clock, counters, onThrottled: throttledAmong(account) };
  const asking = { ...effects, lanes: account, random, ended: halt.signal, waitOut: contact.waitOut };
  let stats: AccountStats | undefined;
  const inTime = timeOfQuestions(giveUp);
  const refusals = refusalsIn(options, {
    stats: () => stats,
    ask: (question, ended) => askAsProbe(question, account, { ...effects, ended }),
    reader,
    onStandstill: (waitMs) => giveUp.standsStill(waitMs),
  });
  refusals.hold(account.all);

  async function askAccount<A extends Meaning>(
    question: Question<A>,
    attemptsMax: number = pace.attemptsMax,
  ): Promise<Answered<A> | undefined> {
    const answer = await inTime(() => beforeDeleting(() => askUntilAnswered(question, attemptsMax), reader, halt.signal));
    if (answer !== undefined) contact.made();
    return answer;
  }

  /** A refusal that was a mistake is asked again. */
  async function askUntilAnswered<A extends Meaning>(question: Question<A>, attemptsMax: number): Promise<Answered<A> | undefined> {
    for (;;) {
      const answer: A | undefined = await ask(question, { ...asking, attemptsMax });
      if (!isRefused(answer)) return answer as Answered<A> | undefined;
      const { goesOn, second } = await refusals.refusedQuestion({ ...answer, lane: 'account' }, question);
      if (!goesOn || second !== undefined) return second as Answered<A> | undefined;
    }
  }

  return {
    reader,
    account,
    laneMaker,
    giveUp,
    throttledAmong,
    laneStopped,
    refusals,
    ask: askAccount,
    async askStats() {
      const answer = await askAccount(statsQuestion(reader));
      stats = answer?.kind === 'retry' ? { kind: 'unreadable', why: answer.answer.message } : answer;
      return stats;
    },
    async close() {
      giveUp.pause();
      await refusals.close();
      await reader.close();
      await account.close();
      await shared?.close();
    },
  };
}

/** Time counts while a question is open. It does not in between: a person may be asked. */
function timeOfQuestions(giveUp: GiveUpWatch): <T>(question: () => Promise<T>) => Promise<T> {
  let openCount = 0;
  return async (question) => {
    if (openCount++ === 0) giveUp.start();
    try {
      return await question();
    } finally {
      if (--openCount === 0) giveUp.pause();
    }
  };
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
        const untilWallMs = Math.round(clock.wallMs() + waitMs);
        const { name, throttledBy: cause, ratePerSecond: rate } = permit.lane.state();
        const ratePerSecond = rate === Infinity ? undefined : Math.round(rate * 100) / 100;
        observer.event({ kind: 'lane.throttled', lane: name, httpStatus, code, waitMs, untilWallMs, cause, ratePerSecond });
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

function giveUpIn(
  { halt, baseUrl, pace, nextCommand, deletedCount }: AccountAccessOptions,
  contact: FirstContact,
): Parameters<typeof createGiveUpWatch>[0]['onGiveUp'] {
  const asked = deletedCount === undefined ? 'question' : 'ID';
  return (standstill) => halt.fail(gaveUpError(baseUrl, pace.giveUpAfterMs, nextCommand(), standstill, contact.failure, asked));
}

interface RefusalsIn {
  readonly reader: ApiReader;
  /** `undefined` until they have been asked for. */
  readonly stats: () => AccountStats | undefined;
  readonly ask: RefusalsOptions['ask'];
  readonly onStandstill: RefusalsOptions['onStandstill'];
}

function refusalsIn(options: AccountAccessOptions, { reader, stats, ask: askOnce, onStandstill }: RefusalsIn): Refusals {
  const { deps, halt, baseUrl, nextCommand, deletedCount, counters } = options;
  return createRefusals({
    clock: deps.clock,
    observer: deps.observer,
    halt,
    deletedCount,
    ask: askOnce,
    onStandstill,
    // Stats that could not be read before say nothing of a refusal.
    askStats: (ended) => (stats()?.kind === 'count' ? askOnce(statsQuestion(reader), ended).then(secondOfStats) : undefined),
    errorOf: ({ reason, answer }, confirmation) => {
      const context = { baseUrl, nextCommand, deletedCount, counters, stats: stats() ?? { kind: 'unreadable', why: 'refused' } };
      return refusedError(reason, answer, context, confirmation);
    },
  });
}

/** Stats that could be read and cannot be any more are refused, too. */
function secondOfStats(answer: StatsAnswer | undefined): Second {
  return answer?.kind === 'unreadable' ? { kind: 'refused' } : secondOf(answer);
}
