/**
 * Every request to the API is made here: take a permit of a lane, send, report to the lane, return the answer. Requests differ only in how
 * their answers are read and in what follows from them.
 *
 * @module
 */
import { retryDelayMs } from '../answer/retry-timing.ts';
import type { Exchange } from '../cloudflare/types.ts';
import type { Clock } from '../domain/clock.ts';
import type { Lanes } from '../pace/lanes.ts';
import { parseRatelimit } from '../pace/quota/ratelimit-headers.ts';
import type { Permit } from '../pace/types.ts';
import type { RunCounters } from '../run/counters.ts';

/** What an answer says about its lane, apart from anything else it says. */
export type LaneNews =
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | undefined }
  /** No answer, or one that is retried: it says nothing about the quota. */
  | { readonly kind: 'retry' }
  | { readonly kind: 'answered' };

export type OnThrottled = (permit: Permit, retryAfterMs: number | undefined) => void;

/** Sends one request with a permit. Reports to the lane that the request has ended, and what the answer's headers say about the quota. */
export async function sendWithPermit(permit: Permit, counters: RunCounters, send: () => Promise<Exchange>): Promise<Exchange> {
  counters.requests++;
  const exchange = await send();
  const { lane } = permit;
  lane.requestEnded(permit, exchange.kind === 'answer');
  // The quota of a batch token is known beforehand. What its answers report may be the account's quota.
  const isQuotaOfLane = exchange.kind === 'answer' && lane.name === 'account' && exchange.ratelimit !== undefined;
  if (isQuotaOfLane) lane.quotaReported(permit, parseRatelimit(exchange.ratelimit, exchange.ratelimitPolicy));
  return exchange;
}

/** Tells the lane whether it was throttled; without an answer there is nothing to tell. */
export function tellLane(permit: Permit, news: LaneNews, onThrottled: OnThrottled): void {
  if (news.kind === 'throttled') onThrottled(permit, news.retryAfterMs);
  else if (news.kind === 'answered') permit.lane.answered(permit);
}

/** A request that asks for something, such as the account's stats. */
export interface Question<A extends { readonly kind: string }> {
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

/** Asks once, with a permit that the caller has taken. Returns `undefined` if the answer was no longer needed when it came. */
export async function askWithPermit<A extends { readonly kind: string }>(
  { send, read }: Question<A>,
  permit: Permit,
  { clock, counters, onThrottled, ended }: AskEffects,
): Promise<A | undefined> {
  const exchange = await sendWithPermit(permit, counters, send);
  if (ended.aborted) return undefined;
  const answer = read(exchange, clock.wallMs());
  tellLane(permit, newsOf(answer), onThrottled);
  return answer;
}

export interface AskAgainEffects extends AskEffects {
  readonly lanes: Lanes;
  readonly random: () => number;
  /** After this many failures the last one is returned; `Infinity`: asks until the run ends. */
  readonly attemptsMax: number;
}

/**
 * Asks until there is an answer, at the pace of the lanes. A 429 is waited out and does not count as an attempt.
 *
 * @returns the answer, which is of the kind `retry` after the last attempt; `undefined` if the run is ending
 */
export async function ask<A extends { readonly kind: string }>(question: Question<A>, effects: AskAgainEffects): Promise<A | undefined> {
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
    if (answer?.kind !== 'retry' || attempt >= attemptsMax) return answer;
    counters.retries++;
    await clock.sleep(retryDelayMs(attempt++, random), ended);
  }
}

function newsOf(answer: { readonly kind: string }): LaneNews {
  if (isThrottled(answer)) return answer;
  return answer.kind === 'retry' ? { kind: 'retry' } : { kind: 'answered' };
}

function isThrottled(answer: { readonly kind: string }): answer is LaneNews & { kind: 'throttled' } {
  return answer.kind === 'throttled';
}
