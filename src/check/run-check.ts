import { type CountAnswer, readBatchTokenAnswer, readCountAnswer, readVerifyAnswer } from '../answer/check-answers.ts';
import { describeAnswer } from '../answer/stop-texts.ts';
import type { ReadAnswer } from '../answer/answers.ts';
import type { ApiReader, TokenOwner } from '../cloudflare/types.ts';
import type { AccountAccess } from '../connect/account-access.ts';
import { connectToRead } from '../connect/connect-to-read.ts';
import { createCounters } from '../run/counters.ts';
import type { PurgeDeps } from '../run/deps.ts';
import { createHalt, type Halt, outcomeOf, type RunOutcome } from '../run/halt.ts';
import type { ApiOptions, PaceOptions } from '../run/run-options.ts';
import { inactiveTokenError, unansweredError, unreadableError } from './check-errors.ts';
import type { BatchTokenState, CredentialFacts, Findings, ImageCount, TokenState } from './findings.ts';
import { createObserving, type Observing } from './observing.ts';

export interface CheckOptions {
  readonly api: Omit<ApiOptions, 'batchBaseUrl'>;
  readonly credentials: CredentialFacts;
  readonly pace: PaceOptions;
  /** The same check again, to be pasted into a shell. */
  readonly command: string;
}

export interface CheckResult extends RunOutcome {
  readonly findings: Findings;
}

/** Of one question. A check is run again by the person who reads it, so it need not be stubborn. */
const ATTEMPTS_MAX = 3;

/** Codes that say that the credentials are no good at all: whatever is asked with them next counts as one more failure to log in. */
const HOPELESS_CODES: readonly unknown[] = [1000, 6003, 6103, 6111, 9103, 9106, 9109, 10502];

/** Asks the account, three or four requests in all, what a purge would meet. Deletes nothing. */
export async function runCheck(options: CheckOptions, deps: PurgeDeps): Promise<CheckResult> {
  const halt = createHalt(deps, Infinity);
  const counters = createCounters(deps.clock.monotonicMs());
  const access = await connectToRead({ ...options, attemptsMax: ATTEMPTS_MAX }, deps, halt, counters);
  const check = new Check(options, deps, access, halt);
  try {
    await check.ask();
  } finally {
    await access.close();
    halt.release();
  }
  halt.throwBug();
  return { ...outcomeOf(halt.ending), findings: check.findings(counters.requests) };
}

/** The questions, one after another; what one answers decides whether the next is asked. */
class Check {
  readonly #options: CheckOptions;
  readonly #deps: PurgeDeps;
  readonly #access: AccountAccess;
  readonly #reader: ApiReader;
  readonly #halt: Halt;
  readonly #observing: Observing = createObserving();
  #images: ImageCount = NOT_REACHED;
  #token: TokenState = NOT_REACHED;
  #batchToken: BatchTokenState = NOT_REACHED;

  constructor(options: CheckOptions, deps: PurgeDeps, access: AccountAccess, halt: Halt) {
    this.#options = options;
    this.#deps = deps;
    this.#access = access;
    this.#reader = access.reader;
    this.#halt = halt;
  }

  async ask(): Promise<void> {
    const refusal = await this.#askCount();
    if (this.#halt.signal.aborted) return;
    if (refusal !== undefined && HOPELESS_CODES.includes(refusal.code)) {
      this.#token = notAsked('the credentials were refused');
    } else await this.#askToken();
    if (this.#halt.signal.aborted) return;
    if (this.#token.kind === 'verified' && this.#token.status !== 'active') {
      this.#batchToken = notAsked('the token is not active');
      return this.#halt.fail(inactiveTokenError(this.#token.status, this.#options));
    }
    if (refusal !== undefined) {
      this.#batchToken = notAsked('the images cannot be read');
      return this.#halt.fail(unreadableError(refusal, this.#token, this.#options));
    }
    await this.#askBatchToken();
  }

  findings(requestCount: number): Findings {
    const { api, credentials } = this.#options;
    return {
      accountId: api.accountId,
      baseUrl: api.baseUrl,
      credentials,
      token: this.#token,
      images: this.#images,
      batchToken: this.#batchToken,
      observed: this.#observing.observed,
      requestCount,
    };
  }

  /** Returns what refused to let the images be read. */
  async #askCount(): Promise<ReadAnswer | undefined> {
    const question = this.#observing.of({ send: () => this.#reader.imageStats(), read: readCountAnswer });
    const answer = await this.#access.ask<CountAnswer>({
      send: question.send,
      read: (exchange, nowWallMs) => {
        const read = question.read(exchange, nowWallMs);
        // It ends the check before it comes back from here.
        if (read.kind === 'stop-run') this.#images = notTold(read.answer);
        return read;
      },
    });
    if (answer === undefined) return undefined;
    this.#access.giveUp.finalAnswer();
    if (answer.kind === 'count') {
      this.#images = answer;
      return undefined;
    }
    this.#images = notTold(answer.answer);
    if (answer.kind === 'unreadable') return answer.answer;
    this.#halt.fail(unansweredError(answer.answer, ATTEMPTS_MAX, this.#options));
    return undefined;
  }

  async #askToken(): Promise<void> {
    const { kind, owner } = this.#options.credentials;
    if (kind === 'key') {
      this.#token = notAsked('only tokens can be verified');
      return;
    }
    // Without a prefix nothing shows whose it is; most are a user's. The API knows it only where it belongs.
    const owners: readonly TokenOwner[] = owner === undefined ? ['user', 'account'] : [owner];
    for (const asked of owners) {
      this.#token = await this.#verify(asked);
      if (this.#token.kind !== 'not-told' || this.#halt.signal.aborted) return;
    }
  }

  async #verify(owner: TokenOwner): Promise<TokenState> {
    const standstill = this.#standstill();
    if (standstill !== undefined) return standstill;
    const answer = await this.#access.ask(this.#observing.of({ send: () => this.#reader.verifyToken(owner), read: readVerifyAnswer }));
    if (answer === undefined) return NOT_REACHED;
    this.#access.giveUp.finalAnswer();
    return answer.kind === 'verified' ? { ...answer, owner } : notTold(answer.answer);
  }

  async #askBatchToken(): Promise<void> {
    const standstill = this.#standstill();
    if (standstill !== undefined) {
      this.#batchToken = standstill;
      return;
    }
    const answer = await this.#access.ask(this.#observing.of({ send: () => this.#reader.batchToken(), read: readBatchTokenAnswer }));
    if (answer === undefined) return;
    this.#access.giveUp.finalAnswer();
    if (answer.kind !== 'token') {
      this.#batchToken = notTold(answer.answer);
      return;
    }
    this.#deps.onSecret?.(answer.token.secretText());
    this.#batchToken = { kind: 'token', lifetimeMs: answer.token.lifetimeMs };
  }

  /** What is left of the quota is for others. Nobody waits minutes for the rest of a check. */
  #standstill(): (BatchTokenState & TokenState) | undefined {
    const isShort = this.#access.account.states().some(({ yieldingForMs }) => yieldingForMs > 0);
    return isShort ? notAsked('what is left of the account’s quota is kept for others (--reserve)') : undefined;
  }
}

const NOT_REACHED = { kind: 'not-asked', why: 'the check ended before' } as const;

function notAsked(why: string): { readonly kind: 'not-asked'; readonly why: string } {
  return { kind: 'not-asked', why };
}

function notTold(answer: ReadAnswer): { readonly kind: 'not-told'; readonly why: string } {
  return { kind: 'not-told', why: describeAnswer(answer) };
}
