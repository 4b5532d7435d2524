import pLimit from 'p-limit';

import { type ReadAnswer, readTokenAnswer, type TokenAnswer } from '../answer/answers.ts';
import type { ApiReader, BatchHost, BatchToken } from '../cloudflare/types.ts';
import type { Throttled } from '../domain/disposition.ts';
import { createAlarm } from '../pace/alarm.ts';
import type { Lanes } from '../pace/lanes.ts';
import { renewAfterMs, renewAgainAfterMs } from '../pace/token-life.ts';
import type { Lane } from '../pace/types.ts';
import type { RunCounters } from '../run/counters.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { BatchMember } from './batch-member.ts';
import type { LaneCredentials } from './lane-credentials.ts';
import { ask, isRefused, type OnThrottled, type Question, type Refused } from './paced-request.ts';
import type { Refusals, Second } from './refusals.ts';

export interface BatchLanesOptions {
  readonly deps: Pick<PurgeDeps, 'clock' | 'random' | 'observer' | 'onSecret'>;
  readonly halt: AbortSignal;
  readonly reader: ApiReader;
  readonly host: BatchHost;
  /** The account's own lane: tokens are asked for at its pace. */
  readonly account: Lanes;
  readonly lanes: readonly Lane[];
  readonly counters: RunCounters;
  readonly attemptsMax: number;
  /** The lane deletes with this token from now on. */
  readonly onToken: (lane: Lane, token: BatchToken) => void;
  readonly onThrottled: OnThrottled;
  /** A lane has closed, or cannot send until its token is renewed. */
  readonly onLaneStopped: () => void;
  readonly refusals: Refusals;
  /** The last lane has closed. */
  readonly onNoneLeft: (answer: ReadAnswer) => void;
  readonly onError: (error: unknown) => void;
}

/** Tokens asked for at a time. The first is there as soon as with more, and a purge of 64 tokens does not begin with a burst. */
const TOKEN_REQUESTS_MAX = 8;

const TAKEN = 'the API gave a token that another lane has already';

type Fetched =
  | { readonly kind: 'token'; readonly token: BatchToken }
  | { readonly kind: 'none'; readonly answer: ReadAnswer }
  | { readonly kind: 'ended' };

/** Lanes that delete on the batch host, each with a token that is kept fresh. */
export class BatchLanes {
  readonly #options: BatchLanesOptions;
  readonly #question: Question<TokenAnswer>;
  readonly #closed = new AbortController();
  /** Aborts when no more tokens are needed. */
  readonly #ended: AbortSignal;
  readonly #members: readonly BatchMember[];

  constructor(options: BatchLanesOptions) {
    this.#options = options;
    this.#question = { send: () => options.reader.batchToken(), read: readTokenAnswer };
    this.#ended = AbortSignal.any([options.halt, this.#closed.signal]);
    this.#members = options.lanes.map((lane) => this.#createMember(lane));
  }

  /** Asks for all tokens; resolves when the first has arrived, or when none will. */
  begin(): Promise<void> {
    return new Promise((resolve) => {
      const limit = pLimit(TOKEN_REQUESTS_MAX);
      let missing = this.#members.length;
      const fetchFirst = async (member: BatchMember): Promise<void> => {
        const fetched = await this.#fetchToken(this.#options.attemptsMax);
        missing--;
        if (fetched.kind === 'token') {
          if (this.#isTaken(fetched.token, member)) this.#close(member, TAKEN, undefined);
          else this.#use(member, fetched.token, false);
        } else if (fetched.kind === 'none') this.#close(member, 'the API gave it no token', fetched.answer);
        if (fetched.kind !== 'none' || missing === 0) resolve();
      };
      for (const member of this.#members) this.#run(limit(fetchFirst, member));
    });
  }

  /** What a lane deletes with at present. */
  credentialsOf(lane: Lane): LaneCredentials {
    const { credentials } = this.#memberOf(lane);
    if (credentials === undefined) throw new Error(`lane ${lane.name} was used before it had a token`);
    return credentials;
  }

  /**
   * A token was refused. It is renewed once; if the new token is refused as well, the lane closes.
   *
   * @param again - asks once what was refused, with a probe's permit
   */
  refused(lane: Lane, used: LaneCredentials, answer: ReadAnswer, again: () => Promise<Second>): void {
    const member = this.#memberOf(lane);
    // The request was sent before the renewal and answered after it.
    if (member.credentials !== used || lane.isClosed || (member.lastChance !== undefined && member.isRenewing)) return;
    member.again = again;
    if (used.isAfterRefusal && !used.isProven) return this.#refusedForGood(member, 'its renewed token was refused as well', answer);
    this.#replace(member, answer);
  }

  /** Another token before the next request, though nobody refused this one. */
  renewNow(lane: Lane): void {
    lane.hold('token');
    this.#run(this.#renew(this.#memberOf(lane)));
  }

  close(): void {
    this.#closed.abort();
    for (const { alarm } of this.#members) alarm.close();
  }

  #createMember(lane: Lane): BatchMember {
    lane.hold('token');
    const alarm = createAlarm(this.#options.deps.clock, () => this.#run(this.#renew(this.#memberOf(lane))));
    return {
      lane,
      alarm,
      token: undefined,
      credentials: undefined,
      isRenewing: false,
      refusal: undefined,
      lastChance: undefined,
      again: undefined,
    };
  }

  /** Nothing is sent on the lane until it has another token. */
  #replace(member: BatchMember, answer: ReadAnswer): void {
    member.refusal ??= answer;
    member.lane.hold('token');
    this.#options.onLaneStopped();
    this.#run(this.#renew(member));
  }

  /** The lane closes. Where no other is left, that would end the run, so it is confirmed before. */
  #refusedForGood(member: BatchMember, why: string, answer: ReadAnswer): void {
    const { again, lane, lastChance = why } = member;
    const isLast = this.#members.every((other) => other === member || other.lane.isClosed);
    const end = (): void => this.#close(member, lastChance, answer);
    if (!isLast || member.lastChance !== undefined || again === undefined) return end();
    member.lastChance = why;
    const confirmed = this.#options.refusals.refused({ reason: 'credentials', answer, lane: lane.name, end }, again);
    if (lane.isClosed) return;
    this.#replace(member, answer);
    this.#run(confirmed.then(() => (member.lastChance = undefined)));
  }

  #memberOf(lane: Lane): BatchMember {
    const member = this.#members.find((one) => one.lane === lane);
    if (member === undefined) throw new Error(`lane ${lane.name} has no batch token`);
    return member;
  }

  #run(work: Promise<unknown>): void {
    void work.catch(this.#options.onError);
  }

  /** @param attemptsMax - gives up after this many failures; `Infinity`: asks until the run ends */
  async #fetchToken(attemptsMax: number): Promise<Fetched> {
    const { deps, account, counters, onThrottled, refusals } = this.#options;
    const { clock, random } = deps;
    const asking = { lanes: account, clock, random, counters, onThrottled, ended: this.#ended, attemptsMax };
    for (;;) {
      const answer = await ask(this.#question, asking);
      if (!isRefused(answer)) return this.#fetched(answer);
      const { goesOn, second } = await refusals.refusedQuestion({ ...answer, lane: 'account' }, this.#question);
      if (!goesOn) return { kind: 'ended' };
      if (second !== undefined) return this.#fetched(second as Exclude<TokenAnswer, Throttled | Refused>);
    }
  }

  #fetched(answer: Exclude<TokenAnswer, Throttled | Refused> | undefined): Fetched {
    const { onSecret } = this.#options.deps;
    switch (answer?.kind) {
      case undefined:
        return { kind: 'ended' };
      case 'token':
        onSecret?.(answer.token.secretText());
        return answer;
      case 'none':
        return answer;
      case 'retry':
        return { kind: 'none', answer: answer.answer };
    }
  }

  /** The same token for two lanes would be one quota used twice. */
  #isTaken(token: BatchToken, by: BatchMember): boolean {
    return this.#members.some((other) => other !== by && !other.lane.isClosed && other.token?.isSameAs(token) === true);
  }

  #use(member: BatchMember, token: BatchToken, isAfterRefusal: boolean): void {
    const { host, onToken, deps } = this.#options;
    const isNew = member.token?.isSameAs(token) !== true;
    if (isNew || isAfterRefusal) member.credentials = { deleter: host.withToken(token), isAfterRefusal, isProven: false };
    member.token = token;
    onToken(member.lane, token);
    const afterMs = isNew ? renewAfterMs(token.lifetimeMs) : renewAgainAfterMs(token.lifetimeMs);
    member.alarm.cancel();
    if (afterMs !== undefined) member.alarm.ringAt(deps.clock.monotonicMs() + afterMs);
    member.lane.release('token');
  }

  /** @param answer - the API's reason, if it gave one: the run ends with it when the last lane closes */
  #close({ lane, alarm }: BatchMember, why: string, answer: ReadAnswer | undefined): void {
    alarm.close();
    if (lane.isClosed) return;
    this.#run(lane.close());
    this.#options.deps.observer.event({ kind: 'lane.closed', lane: lane.name, why });
    if (answer !== undefined && this.#members.every((member) => member.lane.isClosed)) this.#options.onNoneLeft(answer);
    this.#options.onLaneStopped();
  }

  async #renew(member: BatchMember): Promise<void> {
    if (member.isRenewing || member.lane.isClosed || this.#ended.aborted) return;
    member.isRenewing = true;
    const fetched = await this.#fetchToken(Infinity);
    member.isRenewing = false;
    if (fetched.kind === 'ended' || member.lane.isClosed) return;
    if (fetched.kind === 'none') this.#notRenewed(member);
    else this.#renewed(member, fetched.token);
  }

  #notRenewed(member: BatchMember): void {
    const { refusal, alarm, token, lane } = member;
    if (refusal !== undefined) return this.#close(member, 'its token was refused, and there is no other', refusal);
    lane.release('token');
    // The old token has not expired yet.
    alarm.ringAt(this.#options.deps.clock.monotonicMs() + renewAgainAfterMs(token?.lifetimeMs));
  }

  #renewed(member: BatchMember, token: BatchToken): void {
    const { refusal, lane } = member;
    const isSame = member.token?.isSameAs(token) === true;
    if (refusal !== undefined && isSame && member.lastChance === undefined) {
      member.refusal = undefined;
      return this.#refusedForGood(member, 'its token was refused, and the API gave the same again', refusal);
    }
    if (this.#isTaken(token, member)) return this.#close(member, TAKEN, refusal);
    member.refusal = undefined;
    this.#use(member, token, refusal !== undefined);
    this.#options.deps.observer.event({ kind: 'lane.renewed', lane: lane.name, why: refusal === undefined ? 'ahead' : 'refused' });
  }
}
