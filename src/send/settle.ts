import type { ItemResult } from '../checkpoint/results.ts';
import type { Exchange } from '../cloudflare/types.ts';
import type { AbsentGate } from '../answer/absent-gate.ts';
import { readAnswer, type ReadAnswer } from '../answer/answers.ts';
import { retryDelayMs } from '../answer/retry-timing.ts';
import type { Streaks } from '../answer/streaks.ts';
import type { Clock } from '../domain/clock.ts';
import type { Disposition, StopReason } from '../domain/disposition.ts';
import type { Observer } from '../observe/events.ts';
import type { Lane, Permit } from '../pace/types.ts';
import type { RunCounters } from '../run/counters.ts';
import type { Feed, Work } from './feed.ts';
import type { LaneCredentials } from '../connect/lane-credentials.ts';
import type { Recorder } from './recorder.ts';

/** What settling an answer can set off; each is a decision made elsewhere. */
export interface SettleEffects {
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: Observer;
  readonly counters: RunCounters;
  readonly attemptsMax: number;
  readonly feed: Feed;
  readonly recorder: Recorder;
  readonly absentGate: AbsentGate<ItemResult>;
  readonly streaks: Streaks<HeldFailure>;
  /** During an outage no attempts are counted. */
  readonly isOutage: (lane: Lane) => boolean;
  /** Keeps work whose request failed during an outage for another lane, or until it is over. */
  readonly setAside: (work: Work, lane: Lane) => void;
  readonly onRetryableFailure: (lane: Lane, id: string, message: string) => void;
  readonly onAnswered: (lane: Lane) => void;
  /** A batch token was refused; the ID goes to whichever lane is free. */
  readonly onRefused: (lane: Lane, used: LaneCredentials, answer: ReadAnswer) => void;
  readonly onFinalAnswer: () => void;
  readonly onThrottled: (permit: Permit, retryAfterMs: number | undefined) => void;
  readonly onFailedRecorded: () => void;
  readonly stopRun: (reason: StopReason, answer: ReadAnswer) => void;
  readonly tripAbsentRule: () => void;
}

/** A failure that is believed only once the next answer is of another kind. */
export interface HeldFailure {
  readonly work: Work;
  readonly result: ItemResult;
}

export interface Settler {
  /** Returns whether the API answered at all: `false` for failures that are retried. */
  settle(work: Work, permit: Permit, used: LaneCredentials, exchange: Exchange): boolean;
  /** Settles failures that were held back by a streak that will not go on: as failed, or as pending where they are not believed. */
  endStreaks(areBelieved: boolean): void;
  /** Work whose request was given up or refused: pending, to be remembered as tried where that is so. */
  readonly returned: readonly Work[];
}

type AnsweredDisposition = Exclude<Disposition, { kind: 'retry' | 'throttled' | 'refused' }>;

/** An ID that tokens keep being refused for waits longer each time, so that others show whether it is the token or the ID. */
const REFUSED_DELAY_MS_FIRST = 1_000;
const REFUSED_DELAY_MS_MAX = 60_000;

/** Turns each answer into what happens next: the only place where an ID gets its outcome. */
export function createSettler(effects: SettleEffects): Settler {
  const { feed, recorder, absentGate, streaks, counters } = effects;
  const returned: Work[] = [];

  function settle(work: Work, permit: Permit, used: LaneCredentials, exchange: Exchange): boolean {
    if (exchange.kind === 'no-answer' && exchange.reason === 'aborted') {
      work.isUnknown = true;
      returned.push(work);
      return false;
    }
    const { lane } = permit;
    const answer = readAnswer(exchange, lane.name === 'account' ? 'account' : 'batch', effects.clock.wallMs());
    const { disposition } = answer;
    if (disposition.kind === 'retry') {
      settleRetryable(work, lane, answer, exchange.durationMs);
      return false;
    }
    if (disposition.kind === 'throttled') {
      feed.putBack(work);
      effects.onThrottled(permit, disposition.retryAfterMs);
      return true;
    }
    lane.answered(permit);
    effects.onAnswered(lane);
    if (disposition.kind === 'refused') {
      settleRefused(work, lane, used, answer);
      return true;
    }
    used.isProven = true;
    settleAnswered(work, disposition, answer, exchange.durationMs);
    return true;
  }

  function settleAnswered(work: Work, disposition: AnsweredDisposition, answer: ReadAnswer, durationMs: number): void {
    switch (disposition.kind) {
      case 'done':
        believeStreaks();
        return settleDone(work, disposition.outcome, answer, durationMs);
      case 'fail-item':
        return settleFailed(work, disposition.streak, answer, durationMs);
      case 'stop-run':
        returned.push(work);
        return effects.stopRun(disposition.reason, answer);
    }
  }

  function settleRefused(work: Work, lane: Lane, used: LaneCredentials, answer: ReadAnswer): void {
    effects.onRefused(lane, used, answer);
    work.refusals = (work.refusals ?? 0) + 1;
    if (work.refusals === 1) return feed.putBack(work);
    feed.retryLater(work, Math.min(REFUSED_DELAY_MS_FIRST * 2 ** (work.refusals - 2), REFUSED_DELAY_MS_MAX));
  }

  function settleRetryable(work: Work, lane: Lane, answer: ReadAnswer, durationMs: number): void {
    const wasOutage = effects.isOutage(lane);
    work.isUnknown = true;
    effects.onRetryableFailure(lane, work.id, answer.message ?? `HTTP ${answer.httpStatus ?? 'none'}`);
    if (wasOutage) return effects.setAside(work, lane);
    work.attempts++;
    if (work.attempts >= effects.attemptsMax) {
      believeStreaks();
      return record(work, resultOf(work, 'failed', answer, durationMs));
    }
    counters.retries++;
    recorder.addTried({ seq: work.seq, attempts: work.attempts, isUnknown: true });
    const delayMs = retryDelayMs(work.attempts, effects.random);
    effects.observer.event({
      kind: 'item.retried',
      id: work.id,
      attempt: work.attempts,
      delayMs,
      httpStatus: answer.httpStatus,
      message: answer.message,
    });
    feed.retryLater(work, delayMs);
  }

  function settleDone(work: Work, outcome: 'deleted' | 'absent', answer: ReadAnswer, durationMs: number): void {
    effects.onFinalAnswer();
    work.attempts++;
    const result = resultOf(work, outcome, answer, durationMs);
    if (outcome === 'deleted') {
      absentGate.deletedAnswered();
      return record(work, result);
    }
    switch (absentGate.absent(result, work.isUnknown).kind) {
      case 'record':
        return record(work, result);
      case 'hold':
        return;
      case 'trip':
        return effects.tripAbsentRule();
    }
  }

  function settleFailed(work: Work, streak: 'none' | 'not-found' | 'firewall', answer: ReadAnswer, durationMs: number): void {
    effects.onFinalAnswer();
    work.attempts++;
    const result = resultOf(work, 'failed', answer, durationMs);
    if (streak === 'none') {
      believeStreaks();
      return record(work, result);
    }
    const held = streaks.failItem(streak, { work, result });
    for (const failure of held.toRecord) record(failure.work, failure.result);
    if (held.kind === 'hold') return;
    giveBack(held.held);
    effects.stopRun('address', answer);
  }

  /** Failures that were not believed: like the answer that stops a run, they count no attempt. */
  function giveBack(held: readonly HeldFailure[]): void {
    for (const { work } of held) {
      work.attempts--;
      returned.push(work);
    }
  }

  function believeStreaks(): void {
    for (const failure of streaks.otherFinalAnswer()) record(failure.work, failure.result);
  }

  function record(work: Work, result: ItemResult): void {
    counters[result.outcome]++;
    recorder.add(result);
    if (result.outcome !== 'failed') return;
    effects.observer.event({ kind: 'item.failed', id: work.id, httpStatus: result.httpStatus, code: result.code, message: result.message });
    effects.onFailedRecorded();
  }

  function resultOf(work: Work, outcome: ItemResult['outcome'], answer: ReadAnswer, durationMs: number): ItemResult {
    const { httpStatus, code, message, cfRay } = answer;
    return {
      seq: work.seq,
      outcome,
      httpStatus,
      code,
      message,
      cfRay,
      attempts: work.attempts,
      isUnknown: work.isUnknown,
      atMs: effects.clock.wallMs(),
      durationMs,
    };
  }

  function endStreaks(areBelieved: boolean): void {
    if (areBelieved) believeStreaks();
    else giveBack(streaks.otherFinalAnswer());
  }

  return { settle, endStreaks, returned };
}
