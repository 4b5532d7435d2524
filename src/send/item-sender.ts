import { readAnswer, type ReadAnswer } from '../answer/answers.ts';
import type { ItemResult } from '../checkpoint/results.ts';
import type { Exchange } from '../cloudflare/types.ts';
import type { Connection } from '../connect/connection.ts';
import type { LaneCredentials } from '../connect/lane-credentials.ts';
import { sendWithPermit, tellLane } from '../connect/paced-request.ts';
import type { Second } from '../connect/refusals.ts';
import { absentRuleError, type ErrorContext, refusedError } from '../connect/stop-errors.ts';
import type { StopReason } from '../domain/disposition.ts';
import type { Lane, Permit } from '../pace/types.ts';
import type { RunCounters } from '../run/counters.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { Halt } from '../run/halt.ts';
import type { PaceOptions } from '../run/run-options.ts';
import type { BackingUp, SavingRequest } from './saving/backing-up.ts';
import type { Feed } from './feed.ts';
import type { Work } from './work.ts';
import { nextStep, type NextStep, type Streak } from './next-step.ts';
import type { Outages } from './outages.ts';
import type { Outcomes, Verdict } from './outcomes.ts';
import type { Recorder } from './recorder.ts';

export interface ItemSenderOptions {
  readonly deps: Pick<PurgeDeps, 'clock' | 'random' | 'observer'>;
  readonly halt: Halt;
  readonly connection: Connection;
  readonly pace: PaceOptions;
  readonly counters: RunCounters;
  readonly feed: Feed;
  readonly outages: Outages;
  readonly outcomes: Outcomes;
  readonly recorder: Recorder;
  readonly errorContext: ErrorContext;
  /** `undefined`: images are not saved before they are deleted. */
  readonly backingUp: BackingUp | undefined;
  /** Asks for the same ID again on this lane, or for another where it is not at hand or none is given, with a probe's permit. */
  readonly askAgain: (work: Work | undefined, lane: Lane) => Promise<Second>;
}

/** What came back, and what it was asked with. */
interface Received {
  readonly exchange: Exchange;
  readonly credentials: LaneCredentials;
  /** What it says where the request saves the image; `undefined`: it was the DELETE. */
  readonly saving: ReadAnswer | undefined;
}

/** An ID whose request has been answered. */
interface AnsweredItem {
  readonly work: Work;
  readonly permit: Permit;
  readonly answer: ReadAnswer;
  readonly durationMs: number;
  /** It was its DELETE; else one that saves the image before. */
  readonly isDelete: boolean;
}

/**
 * Sends the next request of one ID, which is its DELETE unless its image is to be saved first, and acts on its answer: for the lane, for
 * the ID, for the run.
 */
export class ItemSender {
  readonly #options: ItemSenderOptions;

  constructor(options: ItemSenderOptions) {
    this.#options = options;
  }

  /** Returns the answer; `undefined` where the request was given up as the run ends. */
  send(work: Work, permit: Permit): Promise<ReadAnswer | undefined> {
    const { counters, connection, backingUp } = this.#options;
    if (backingUp !== undefined && work.saving?.kind !== 'saved') return this.#save(backingUp, work, permit);
    const credentials = connection.credentialsOf(permit.lane);
    counters.inFlight++;
    const send = (): Promise<Exchange> => credentials.deleter.deleteImage(work.id);
    return sendWithPermit(permit, counters, send, (exchange) => {
      counters.inFlight--;
      return this.#handle(work, permit, { exchange, credentials, saving: undefined });
    });
  }

  /** The place in flight is given back only once what came is on disk, or is dropped. */
  async #save(backingUp: BackingUp, work: Work, permit: Permit): Promise<ReadAnswer | undefined> {
    const { counters, connection, halt, feed } = this.#options;
    const credentials = connection.credentialsOf(permit.lane);
    let received: Received;
    counters.inFlight++;
    try {
      const request = await this.#nextRequest(backingUp, work, permit);
      if (request === undefined) return undefined;
      const exchange = await sendWithPermit(permit, counters, request.send, (one) => one);
      received = { exchange, credentials, saving: await request.keep(exchange) };
    } catch (error) {
      // The ID stays pending: what is not in the backup is not deleted.
      feed.putBack(work);
      halt.fail(error);
      return undefined;
    } finally {
      counters.inFlight--;
      feed.nudge();
    }
    return this.#handle(work, permit, received);
  }

  /** `undefined` where the run has been told to end meanwhile. The permit is given back unless a request is to be sent with it. */
  async #nextRequest(backingUp: BackingUp, work: Work, permit: Permit): Promise<SavingRequest | undefined> {
    const { halt, feed } = this.#options;
    let isToBeSent = false;
    try {
      const request = await backingUp.nextRequest(work);
      isToBeSent = !halt.signal.aborted;
      if (isToBeSent) return request;
      await request.drop();
      feed.putBack(work);
      return undefined;
    } finally {
      if (!isToBeSent) permit.lane.requestEnded(permit, false);
    }
  }

  /** Ends the run if a verdict on all answers so far requires it. */
  apply(verdict: Verdict, answer: ReadAnswer | undefined): void {
    const { halt, errorContext, counters, pace } = this.#options;
    if (counters.failed > pace.failureCountMax) halt.end({ kind: 'limit', option: '--max-failures' });
    if (verdict === 'too-many-absent') halt.end({ kind: 'limit', option: '--max-absent' });
    if (verdict === 'account-doubted') halt.fail(absentRuleError(errorContext));
    if (verdict === 'address-doubted' && answer !== undefined) halt.fail(refusedError('address', answer, errorContext));
  }

  #handle(work: Work, permit: Permit, { exchange, credentials, saving }: Received): ReadAnswer | undefined {
    const { deps, pace, outages, outcomes } = this.#options;
    const { lane } = permit;
    const isDelete = saving === undefined;
    if (exchange.kind === 'no-answer' && exchange.reason === 'aborted') {
      work.isUnknown ||= isDelete;
      outcomes.leavePending(work);
      return undefined;
    }
    const answer = saving ?? readAnswer(exchange, lane.name === 'account' ? 'account' : 'batch', deps.clock.wallMs());
    // The failure that begins an outage still counts as an attempt.
    const isOutage = outages.isActive(lane) || outages.isUnreachedBy(answer.disposition);
    const step = nextStep(work, answer, { attemptsMax: pace.attemptsMax, random: deps.random, isOutage });
    this.#tell(work, permit, credentials, answer, step.kind === 'fail-for-good');
    this.#take(step, { work, permit, answer, durationMs: exchange.durationMs, isDelete });
    return answer;
  }

  /** What an answer says of its lane, of the lane's credentials and of the time until the run gives up. */
  #tell(work: Work, permit: Permit, credentials: LaneCredentials, answer: ReadAnswer, isGivenUp: boolean): void {
    const { outages, connection } = this.#options;
    const { lane } = permit;
    const { disposition } = answer;
    tellLane(permit, disposition, connection.onThrottled);
    if (disposition.kind === 'throttled') return;
    if (disposition.kind === 'retry') return outages.onFailure(lane, { id: work.id, isGivenUp, message: answer.message, disposition });
    // Answers of another request between them are no sign that DELETEs do not fail in a row, and no final ones.
    if (disposition.kind === 'next-request') return;
    outages.onAnswered(lane);
    if (disposition.kind === 'refused') return connection.refused(lane, credentials, answer, this.#asksAgain(work, lane));
    // A firewall answers before anyone has looked at the credentials.
    if (disposition.kind !== 'fail-item' || disposition.streak !== 'firewall') credentials.isProven = true;
    if (disposition.kind !== 'stop-run') connection.giveUp.finalAnswer();
  }

  #take(step: NextStep, item: AnsweredItem): void {
    const { feed, outages } = this.#options;
    const { work, isDelete } = item;
    switch (step.kind) {
      case 'finish':
        return this.#finish(item, step.outcome, step.streak);
      case 'fail-for-good':
        work.isUnknown ||= isDelete;
        return this.#finish(item, 'failed', 'none');
      case 'retry':
        return this.#retry(item, step.delayMs);
      case 'wait-out-outage':
        work.isUnknown ||= isDelete;
        if (outages.isTotal()) return feed.setAside(work, step.waitMs);
        return step.waitMs === 0 ? feed.putBack(work) : feed.retryLater(work, step.waitMs);
      case 'send-next':
      case 'send-again':
        return feed.putBack(work);
      case 'send-with-new-token':
        work.refusals = (work.refusals ?? 0) + 1;
        return step.delayMs === 0 ? feed.putBack(work) : feed.retryLater(work, step.delayMs);
      case 'stop-run':
        feed.putBack(work);
        return this.#refused(step.reason, item);
    }
  }

  /** The ID is pending. Whether the run ends is decided once the refusal is confirmed. */
  #refused(reason: StopReason, { work, permit: { lane, sentAtMs }, answer }: AnsweredItem): void {
    const { connection } = this.#options;
    const askAgain = this.#asksAgain(work, lane);
    let isTokenNew = false;
    const again = (): Promise<Second> => {
      if (!isTokenNew) connection.renewToken(lane);
      isTokenNew = true;
      return askAgain();
    };
    void connection.access.refusals.refused({ reason, answer, lane: lane.name, sentAtMs }, again);
  }

  /** Where the ID has failed since, others are asked for: it may fail by itself, and an outage is not to use up its attempts. */
  #asksAgain(work: Work, lane: Lane): () => Promise<Second> {
    const { attempts } = work;
    return () => this.#options.askAgain(work.attempts === attempts ? work : undefined, lane);
  }

  #retry({ work, answer, isDelete }: AnsweredItem, delayMs: number): void {
    const { feed, recorder, counters, deps } = this.#options;
    work.isUnknown ||= isDelete;
    work.attempts++;
    counters.retries++;
    const { id, seq, attempts, isUnknown } = work;
    const { httpStatus, message } = answer;
    recorder.addTried({ seq, attempts, isUnknown });
    deps.observer.event({ kind: 'item.retried', id, attempt: attempts, delayMs, httpStatus, message });
    feed.retryLater(work, delayMs);
  }

  #finish({ work, answer, durationMs, isDelete }: AnsweredItem, outcome: ItemResult['outcome'], streak: Streak): void {
    work.attempts++;
    const { seq, attempts, isUnknown: earlierUnknown } = work;
    const { httpStatus, code, cfRay } = answer;
    const message = outcome === 'failed' && !isDelete ? `not backed up: ${answer.message}` : answer.message;
    const atMs = this.#options.deps.clock.wallMs();
    const result: ItemResult = { seq, outcome, httpStatus, code, message, cfRay, attempts, earlierUnknown, atMs, durationMs };
    this.apply(this.#options.outcomes.add(work, result, streak), answer);
  }
}
