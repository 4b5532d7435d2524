/**
 * Every request to the API is made here: take a permit of a lane, send, report to the lane, return the answer. Requests differ only in how
 * their answers are read and in what follows from them.
 *
 * @module
 */
import type { ReadAnswer } from '../answer/answers.ts';
import { waitBeforeRetryMs } from '../answer/retry-timing.ts';
import type { Exchange } from '../cloudflare/types.ts';
import type { Clock } from '../domain/clock.ts';
import type { StopReason, Throttled } from '../domain/disposition.ts';
import type { Lanes } from '../pace/lanes.ts';
import { parseRatelimit } from '../pace/quota/ratelimit-headers.ts';
import type { Permit } from '../pace/types.ts';
import type { RunCounters } from '../run/counters.ts';

export type OnThrottled = (permit: Permit, throttled: Throttled) => void;

/**
 * One request that has been given a permit: counts it, and tells the lane when it has ended and what the answer's headers say of the
 * quota, before the answer is used. One promise for each request, since tens of thousands are sent in a second.
 */
export function sendWithPermit<T>(
  permit: Permit,
  counters: RunCounters,
  send: () => Promise<Exchange>,
  use: (exchange: Exchange) => T,
): Promise<T> {
  counters.requests++;
  return send().then((exchange) => {
    endRequest(permit, exchange);
    return use(exchange);
  });
}

function endRequest(permit: Permit, exchange: Exchange): void {
  const { lane } = permit;
  lane.requestEnded(permit, exchange.kind === 'answer');
  // A batch token has a quota of its own that is known beforehand. What is told there may be the account's.
  const isOfAccount = exchange.kind === 'answer' && lane.name === 'account' && exchange.ratelimit !== undefined;
  if (isOfAccount) lane.quotaReported(permit, parseRatelimit(exchange.ratelimit, exchange.ratelimitPolicy));
}

/** What an answer means, by its kind: `throttled` and `retry` say the same of a lane for every request. */
export interface Meaning {
  readonly kind: string;
}

/** No answer that says anything of what was asked. */
export interface Failed extends Meaning {
  readonly kind: 'retry';
  readonly retryAfterMs: number | undefined;
  readonly answer: ReadAnswer;
}

/** An answer of a stop row. */
export interface Refused extends Meaning {
  readonly kind: 'stop-run';
  readonly reason: StopReason;
  readonly answer: ReadAnswer;
}

export function isRefused(meaning: Meaning | undefined): meaning is Refused {
  return meaning?.kind === 'stop-run';
}

/** Tells a lane whether it was throttled. A request that is to be tried again tells nothing of the quota. */
export function tellLane(permit: Permit, meaning: Meaning, onThrottled: OnThrottled): void {
  if (isThrottled(meaning)) onThrottled(permit, meaning);
  else if (meaning.kind !== 'retry') permit.lane.answered(permit);
}

/** A request that asks for something, such as the account's stats. */
export interface Question<A extends Meaning> {
  readonly send: () => Promise<Exchange>;
  /** Answers of the kinds `throttled` and `retry` are treated the same way for all questions. */
  readonly read: (exchange: Exchange, nowWallMs: number) => A;
}

export interface AskEffects {
  readonly clock: Clock;
  readonly counters: RunCounters;
  readonly onThrottled: OnThrottled;
  /** Aborts when the answer is no longer needed. */
  readonly ended: AbortSignal;
}

/** Asks once, with a permit that the caller has. Returns `undefined` where the answer came when nobody needed it any more. */
export function askWithPermit<A extends Meaning>(
  { send, read }: Question<A>,
  permit: Permit,
  { clock, counters, onThrottled, ended }: AskEffects,
): Promise<A | undefined> {
  return sendWithPermit(permit, counters, send, (exchange) => {
    if (ended.aborted) return undefined;
    const answer = read(exchange, clock.wallMs());
    tellLane(permit, answer, onThrottled);
    return answer;
  });
}

/** Asks once, with a probe's permit: also while the lanes are held. Returns `undefined` where the answer is not needed any more. */
export async function askAsProbe<A extends Meaning>(question: Question<A>, lanes: Lanes, effects: AskEffects): Promise<A | undefined> {
  const permit = await lanes.takeProbe(undefined, effects.ended);
  return permit === undefined ? undefined : askWithPermit(question, permit, effects);
}

export interface AskAgainEffects extends AskEffects {
  readonly lanes: Lanes;
  readonly random: () => number;
  /** After this many failures the last one is returned; `Infinity`: asks until the run ends. */
  readonly attemptsMax: number;
  /** Waits out a failure that is no attempt; `false` where it is one. */
  readonly waitOut?: (failed: Failed, ended: AbortSignal) => Promise<boolean>;
}

/**
 * Asks until there is an answer, at the pace of the lanes. A 429 is waited out and does not count as an attempt.
 *
 * @returns the answer, which is of the kind `retry` after the last attempt; `undefined` if the run is ending
 */
export async function ask<A extends Meaning>(question: Question<A>, effects: AskAgainEffects): Promise<Exclude<A, Throttled> | undefined> {
  const { lanes, ended, counters, clock, attemptsMax, random } = effects;
  for (let attempt = 1; ;) {
    const permit = ended.aborted ? undefined : await lanes.take();
    if (permit === undefined) return undefined;
    if (ended.aborted) {
      // The permit was not used. The lane counts it as in flight until its request has ended.
      permit.lane.requestEnded(permit, false);
      return undefined;
    }
    const answer = await askWithPermit(question, permit, effects);
    if (answer?.kind === 'throttled') continue;
    const failed = answer !== undefined && isFailed(answer) ? answer : undefined;
    if (failed !== undefined && (await effects.waitOut?.(failed, ended)) === true) continue;
    if (failed === undefined || attempt >= attemptsMax) return answer as Exclude<A, Throttled> | undefined;
    counters.retries++;
    await clock.sleep(waitBeforeRetryMs(attempt++, failed.retryAfterMs, random), ended);
  }
}

export function isFailed(meaning: Meaning): meaning is Failed {
  return meaning.kind === 'retry';
}

function isThrottled(meaning: Meaning): meaning is Throttled {
  return meaning.kind === 'throttled';
}
