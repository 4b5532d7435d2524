/**
 * Every request to the API takes this way: a permit of a lane, the request, what it tells the lane, its answer. What differs between
 * requests is how an answer is read and what follows from it.
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

/** What every answer says of the lane it came on, whatever else it says. */
export type LaneNews =
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | undefined }
  /** No answer, or one that is retried: nothing is known of the quota. */
  | { readonly kind: 'retry' }
  | { readonly kind: 'answered' };

export type OnThrottled = (permit: Permit, retryAfterMs: number | undefined) => void;

/** Sends one request with a permit, and tells the lane that it has ended and what the answer's headers say of the quota. */
export async function sendWithPermit(permit: Permit, counters: RunCounters, send: () => Promise<Exchange>): Promise<Exchange> {
  counters.requests++;
  const exchange = await send();
  const { lane } = permit;
  lane.requestEnded(permit, exchange.kind === 'answer');
  // A batch token has a quota of its own that is known beforehand. What is told there may be the account's.
  const isToldOfLane = exchange.kind === 'answer' && lane.name === 'account' && exchange.ratelimit !== undefined;
  if (isToldOfLane) lane.quotaReported(permit, parseRatelimit(exchange.ratelimit, exchange.ratelimitPolicy));
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
  /** Answers of the kinds `throttled` and `retry` are treated alike for all questions. */
  readonly read: (exchange: Exchange, nowWallMs: number) => A;
}

export interface AskEffects {
  readonly clock: Clock;
  readonly counters: RunCounters;
  readonly onThrottled: OnThrottled;
  /** Aborts when nobody needs the answer any more. */
  readonly ended: AbortSignal;
}

/** Asks once, with a permit that the caller has. Returns `undefined` where the answer came when nobody needed it any more. */
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
  /** Failures to answer after which the last one is returned; `Infinity`: it is asked until the run ends. */
  readonly attemptsMax: number;
}

/**
 * Asks until there is an answer, at the pace of the lanes. A 429 is waited out and counts as no attempt.
 *
 * @returns the answer; one of the kind `retry` after the last attempt; `undefined` where the run has been told to end
 */
export async function ask<A extends { readonly kind: string }>(question: Question<A>, effects: AskAgainEffects): Promise<A | undefined> {
  const { lanes, ended, counters, clock, attemptsMax, random } = effects;
  for (let attempt = 1; ;) {
    const permit = ended.aborted ? undefined : await lanes.take();
    if (permit === undefined) return undefined;
    if (ended.aborted) {
      // It was not used, and the lane counts it as in flight until it is told.
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
