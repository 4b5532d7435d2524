import type { BatchHost, BatchToken, CloudflareClient } from '../cloudflare/types.ts';
import { type ReadAnswer, readTokenAnswer } from '../answer/answers.ts';
import { retryDelayMs } from '../answer/retry-timing.ts';
import type { StopReason } from '../domain/disposition.ts';
import { type Alarm, createAlarm } from '../pace/alarm.ts';
import type { Lanes } from '../pace/lanes.ts';
import { renewAfterMs, renewAgainAfterMs } from '../pace/token-life.ts';
import type { Lane, Permit } from '../pace/types.ts';
import type { RunCounters } from '../run/counters.ts';
import { noteExchange } from './exchange-news.ts';
import type { LaneCredentials } from './lane-credentials.ts';
import type { PurgeDeps } from '../run/deps.ts';

/** Lanes that delete on the batch host, each with a token that is kept fresh. */
export interface BatchLanes {
  /** Asks for all tokens; resolves when the first is there, or none will come. */
  readonly begin: () => Promise<void>;
  readonly credentialsOf: (lane: Lane) => LaneCredentials;
  /** A token was refused: it is renewed once, and a lane whose new token is refused as well closes. */
  readonly refused: (lane: Lane, used: LaneCredentials, answer: ReadAnswer) => void;
  readonly close: () => void;
}

export interface BatchLanesOptions {
  readonly deps: PurgeDeps;
  readonly halt: AbortSignal;
  readonly client: CloudflareClient;
  readonly host: BatchHost;
  /** The account's own lane: tokens are asked for at its pace. */
  readonly account: Lanes;
  readonly lanes: readonly Lane[];
  readonly counters: RunCounters;
  readonly attemptsMax: number;
  /** The lane deletes with this token from now on. */
  readonly onToken: (lane: Lane, token: BatchToken) => void;
  readonly onThrottled: (permit: Permit, retryAfterMs: number | undefined) => void;
  /** A lane has closed, or cannot go on before its token is renewed. */
  readonly onLaneStopped: () => void;
  readonly onStopRun: (reason: StopReason, answer: ReadAnswer) => void;
  /** The last lane has closed. */
  readonly onNoneLeft: (answer: ReadAnswer) => void;
  readonly onError: (error: unknown) => void;
}

interface Member {
  readonly lane: Lane;
  readonly alarm: Alarm;
  token: BatchToken | undefined;
  credentials: LaneCredentials | undefined;
  isRenewing: boolean;
  /** The answer that refused the token in use; nothing is sent until there is another. */
  refusal: ReadAnswer | undefined;
}

const TAKEN = 'the API gave a token that another lane has already';

type Fetched =
  | { readonly kind: 'token'; readonly token: BatchToken }
  | { readonly kind: 'none'; readonly answer: ReadAnswer }
  | { readonly kind: 'ended' };

export function createBatchLanes(options: BatchLanesOptions): BatchLanes {
  const { deps, halt, client, host, account, counters } = options;
  const { clock, random, observer } = deps;
  const closed = new AbortController();
  const ended = AbortSignal.any([halt, closed.signal]);
  const members: readonly Member[] = options.lanes.map((lane) => {
    lane.hold('token');
    return {
      lane,
      alarm: createAlarm(clock, () => run(renew(memberOf(lane)))),
      token: undefined,
      credentials: undefined,
      isRenewing: false,
      refusal: undefined,
    };
  });

  function memberOf(lane: Lane): Member {
    const member = members.find((one) => one.lane === lane);
    if (member === undefined) throw new Error(`lane ${lane.name} has no batch token`);
    return member;
  }

  const run = (work: Promise<unknown>): void => void work.catch(options.onError);

  /** @param attemptsMax - failures to answer after which there is none to be had; `Infinity`: it is asked until the run ends */
  async function fetchToken(attemptsMax: number): Promise<Fetched> {
    for (let attempt = 1; ;) {
      const permit = await account.take();
      if (permit === undefined || ended.aborted) return { kind: 'ended' };
      counters.requests++;
      const exchange = await client.batchToken();
      noteExchange(permit, exchange);
      if (ended.aborted) return { kind: 'ended' };
      const answer = readTokenAnswer(exchange, clock.wallMs());
      if (answer.kind === 'throttled') {
        options.onThrottled(permit, answer.retryAfterMs);
        continue;
      }
      if (answer.kind !== 'retry') permit.lane.answered(permit);
      switch (answer.kind) {
        case 'token':
          deps.onSecret?.(answer.token.secretText());
          return answer;
        case 'none':
          return answer;
        case 'stop-run':
          options.onStopRun(answer.reason, answer.answer);
          return { kind: 'ended' };
        case 'retry':
          if (attempt >= attemptsMax) return { kind: 'none', answer: answer.answer };
          counters.retries++;
          await clock.sleep(retryDelayMs(attempt++, random), ended);
      }
    }
  }

  /** The same token for two lanes would be one quota used twice. */
  const isTaken = (token: BatchToken, by: Member): boolean =>
    members.some((other) => other !== by && !other.lane.isClosed && other.token?.isSameAs(token) === true);

  function use(member: Member, token: BatchToken, isAfterRefusal: boolean): void {
    const isNew = member.token?.isSameAs(token) !== true;
    if (isNew) member.credentials = { deleter: host.withToken(token), isAfterRefusal, isProven: false };
    member.token = token;
    options.onToken(member.lane, token);
    const afterMs = isNew ? renewAfterMs(token.lifetimeMs) : renewAgainAfterMs(token.lifetimeMs);
    member.alarm.cancel();
    if (afterMs !== undefined) member.alarm.ringAt(clock.monotonicMs() + afterMs);
    member.lane.release('token');
  }

  /** @param answer - why, where the API said so: it ends the run with the last lane */
  function close({ lane, alarm }: Member, why: string, answer: ReadAnswer | undefined): void {
    alarm.close();
    if (lane.isClosed) return;
    run(lane.close());
    observer.event({ kind: 'lane.closed', lane: lane.name, why });
    if (answer !== undefined && members.every((member) => member.lane.isClosed)) options.onNoneLeft(answer);
    options.onLaneStopped();
  }

  async function renew(member: Member): Promise<void> {
    if (member.isRenewing || member.lane.isClosed || ended.aborted) return;
    member.isRenewing = true;
    const fetched = await fetchToken(Infinity);
    member.isRenewing = false;
    const { refusal, lane, alarm } = member;
    if (fetched.kind === 'ended' || lane.isClosed) return;
    if (fetched.kind === 'none') {
      if (refusal !== undefined) return close(member, 'its token was refused, and there is no other', refusal);
      // Ahead of its end the old token is still good.
      return alarm.ringAt(clock.monotonicMs() + renewAgainAfterMs(member.token?.lifetimeMs));
    }
    if (refusal !== undefined && member.token?.isSameAs(fetched.token) === true)
      return close(member, 'its token was refused, and the API gave the same again', refusal);
    if (isTaken(fetched.token, member)) return close(member, TAKEN, refusal);
    member.refusal = undefined;
    use(member, fetched.token, refusal !== undefined);
    observer.event({ kind: 'lane.renewed', lane: lane.name, why: refusal === undefined ? 'ahead' : 'refused' });
  }

  return {
    begin() {
      return new Promise((resolve) => {
        let missing = members.length;
        const fetchFirst = async (member: Member): Promise<void> => {
          const fetched = await fetchToken(options.attemptsMax);
          missing--;
          if (fetched.kind === 'token') {
            if (isTaken(fetched.token, member)) close(member, TAKEN, undefined);
            else use(member, fetched.token, false);
          } else if (fetched.kind === 'none') close(member, 'the API gave it no token', fetched.answer);
          if (fetched.kind !== 'none' || missing === 0) resolve();
        };
        for (const member of members) run(fetchFirst(member));
      });
    },
    credentialsOf(lane) {
      const { credentials } = memberOf(lane);
      if (credentials === undefined) throw new Error(`lane ${lane.name} was used before it had a token`);
      return credentials;
    },
    refused(lane, used, answer) {
      const member = memberOf(lane);
      // Sent before the renewal, answered after it.
      if (member.credentials !== used || lane.isClosed) return;
      if (used.isAfterRefusal && !used.isProven) return close(member, 'its renewed token was refused as well', answer);
      member.refusal ??= answer;
      lane.hold('token');
      options.onLaneStopped();
      run(renew(member));
    },
    close() {
      closed.abort();
      for (const { alarm } of members) alarm.close();
    },
  };
}
