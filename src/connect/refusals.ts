/**
 * Once is not enough: where IDs were deleted before, one refusal may be a mistake of something between here and the API. It is confirmed
 * before it ends the run: sending stops, and a little later stats and then what was refused are asked again.
 *
 * @module
 */
import type { ReadAnswer } from '../answer/answers.ts';
import { type Confirmation, describeAnswer } from '../answer/stop-texts.ts';
import type { StopReason } from '../domain/disposition.ts';
import type { LaneName } from '../domain/lane.ts';
import type { Lane } from '../pace/types.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { Halt } from '../run/halt.ts';
import { isFailed, isRefused, type Meaning, type Question } from './paced-request.ts';
import { createStrayCount } from './stray-count.ts';

/** An answer of a stop row. */
export interface Refusal {
  readonly reason: StopReason;
  readonly answer: ReadAnswer;
  /** Whose request it answered. */
  readonly lane: LaneName;
  /** When that was sent, monotonic; `undefined` where it waits for its answer before anything else is asked. */
  readonly sentAtMs?: number;
  /** Ends what was refused; else the run ends with the refusal. */
  readonly end?: () => void;
}

/** What the second answer says. */
export type Second =
  /** It is no refusal: the first one was a mistake. */
  | { readonly kind: 'well' }
  /** A 429: its lane waits, then the same is asked again. */
  | { readonly kind: 'throttled' }
  /** No answer, or one that is retried, says neither that all is well nor that it is not. `retryAfterMs`: what it asked to wait. */
  | { readonly kind: 'unanswered'; readonly retryAfterMs?: number | undefined }
  /** Without an answer of its own the first one stands. */
  | { readonly kind: 'refused'; readonly reason?: StopReason; readonly answer?: ReadAnswer };

export interface Refusals {
  /** A refusal was neither confirmed nor found to be a mistake: what the API said of single IDs may be wrong, too. */
  readonly isUnconfirmed: boolean;
  /**
   * Ends the run, now or once it is confirmed, or finds that it was a mistake.
   *
   * @param again - asks once what was refused, with a probe's permit
   * @returns `true` once sending goes on, so that what was refused can be asked again; `false` where the run ends
   */
  refused(refusal: Refusal, again: () => Promise<Second>): Promise<boolean>;
  /** The same for a question; its second answer where there is one, and whether to ask once more where there is none. */
  refusedQuestion<A extends Meaning>(refusal: Refusal, question: Question<A>): Promise<{ readonly goesOn: boolean; readonly second?: A }>;
  /** Sending stops on these lanes while a refusal is confirmed. */
  hold(lanes: readonly Lane[]): void;
  /** Nothing is left to send: a confirmation under way ends without an answer. Resolves when its last request has ended. */
  close(): Promise<void>;
}

export interface RefusalsOptions extends Pick<PurgeDeps, 'clock' | 'observer'> {
  readonly halt: Pick<Halt, 'signal' | 'fail'>;
  /** IDs deleted by this purge until now, in earlier runs too; `undefined` for a command that deletes nothing. */
  readonly deletedCount: (() => number) | undefined;
  /** Asks for the account's stats, with a probe's permit; `undefined` where they could not be read before. */
  readonly askStats: (ended: AbortSignal) => Promise<Second> | undefined;
  /** Asks a question once, with a probe's permit; `undefined` where the answer is not needed any more. */
  readonly ask: <A extends Meaning>(question: Question<A>, ended: AbortSignal) => Promise<A | undefined>;
  /** Nothing is sent for so long, since a second answer said so. */
  readonly onStandstill: (waitMs: number) => void;
  readonly errorOf: (refusal: Pick<Refusal, 'reason' | 'answer'>, confirmation: Confirmation) => Error;
}

/** How long nothing is sent before a refusal is confirmed. Where the confirmation is not answered, the wait doubles. */
export const CONFIRM_DELAY_MS_FIRST = 5_000;
const CONFIRM_DELAY_MS_MAX = 60_000;

export function createRefusals(options: RefusalsOptions): Refusals {
  return new RefusalCheck(options);
}

class RefusalCheck implements Refusals {
  readonly #options: RefusalsOptions;
  readonly #closed = new AbortController();
  readonly #ended: AbortSignal;
  readonly #strays = createStrayCount();
  #lanes: readonly Lane[] = [];
  #current: Promise<boolean> | undefined;
  /** When sending last went on: what was refused of earlier requests is the same mistake. */
  #wentOnAtMs = -Infinity;
  #isUnconfirmed = false;
  /** A refusal has ended the run, or it was told that one came too late for that. */
  #isTold = false;

  constructor(options: RefusalsOptions) {
    this.#options = options;
    this.#ended = AbortSignal.any([options.halt.signal, this.#closed.signal]);
  }

  get isUnconfirmed(): boolean {
    return this.#isUnconfirmed;
  }

  hold(lanes: readonly Lane[]): void {
    this.#lanes = lanes;
  }

  refused(refusal: Refusal, again: () => Promise<Second>): Promise<boolean> {
    const { halt, clock, deletedCount } = this.#options;
    if (isFinal(refusal.answer) || (deletedCount?.() ?? 0) === 0) return this.#end(refusal, 'none');
    if (this.#current !== undefined) return this.#current;
    if ((refusal.sentAtMs ?? Infinity) < this.#wentOnAtMs) return Promise.resolve(true);
    this.#isUnconfirmed = true;
    // The run ends for another reason: nothing can be asked any more.
    if (halt.signal.aborted) return this.#leaveUnconfirmed(refusal.answer);
    if (this.#strays.add(clock.monotonicMs()) === 'too-many') return this.#end(refusal, 'too-many');
    this.#current = this.#confirm(refusal, again).finally(() => (this.#current = undefined));
    return this.#current;
  }

  async refusedQuestion<A extends Meaning>(refusal: Refusal, question: Question<A>): Promise<{ goesOn: boolean; second?: A }> {
    let second: A | undefined;
    const again = async (): Promise<Second> => {
      second = await this.#options.ask(question, this.#ended);
      return secondOf(second);
    };
    const goesOn = await (this.#isPartOfCheck(refusal) ? this.#askUntilAnswered(refusal, again) : this.refused(refusal, again));
    return second === undefined ? { goesOn } : { goesOn, second };
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#current;
  }

  /**
   * A question that is refused while something else is confirmed does not wait for that: what is confirmed may wait for its answer, as a
   * DELETE does for its token.
   */
  #isPartOfCheck({ answer }: Refusal): boolean {
    return this.#current !== undefined && !isFinal(answer);
  }

  #end(refusal: Refusal, confirmation: Confirmation): Promise<false> {
    const { halt, errorOf } = this.#options;
    this.#isTold = true;
    if (refusal.end === undefined) halt.fail(errorOf(refusal, confirmation));
    else refusal.end();
    return Promise.resolve(false);
  }

  #leaveUnconfirmed(answer: ReadAnswer): Promise<false> {
    if (this.#isTold) return Promise.resolve(false);
    this.#isTold = true;
    const message = `the API refused a request as the run ended (${describeAnswer(answer)}); it was not asked whether that lasts`;
    this.#options.observer.event({ kind: 'warning', code: 'REFUSAL_UNCONFIRMED', message });
    return Promise.resolve(false);
  }

  async #confirm(refusal: Refusal, again: () => Promise<Second>): Promise<boolean> {
    const { clock, observer, halt } = this.#options;
    const { lane, answer } = refusal;
    const { httpStatus, code, message } = answer;
    const lanes = this.#lanes;
    for (const one of lanes) one.hold('refusal');
    const deleted = this.#options.deletedCount?.() ?? 0;
    observer.event({ kind: 'refusal.doubted', lane, httpStatus, code, message, deleted, waitMs: CONFIRM_DELAY_MS_FIRST });
    try {
      const isMistake = await this.#askUntilAnswered(refusal, () => this.#askBoth(again));
      if (isMistake) this.#goOn();
      return isMistake;
    } catch (bug) {
      halt.fail(bug);
      return false;
    } finally {
      this.#wentOnAtMs = clock.monotonicMs();
      for (const one of lanes) one.release('refusal');
    }
  }

  /** Returns whether the refusal was a mistake; else the run ends. */
  async #askUntilAnswered(refusal: Refusal, ask: () => Promise<Second>): Promise<boolean> {
    const { clock, observer, onStandstill } = this.#options;
    let delayMs = CONFIRM_DELAY_MS_FIRST;
    for (let waitMs = delayMs; ;) {
      await clock.sleep(waitMs, this.#ended);
      const second: Second = this.#ended.aborted ? { kind: 'unanswered' } : await untilNotThrottled(ask);
      if (second.kind === 'refused') return this.#end({ ...refusal, ...second }, 'refused-again');
      if (second.kind === 'well') return true;
      if (this.#ended.aborted) return false;
      delayMs = Math.min(delayMs * 2, CONFIRM_DELAY_MS_MAX);
      const toldMs = second.kind === 'unanswered' ? (second.retryAfterMs ?? 0) : 0;
      waitMs = Math.max(delayMs, toldMs);
      observer.event({ kind: 'refusal.unanswered', waitMs });
      if (toldMs >= delayMs) onStandstill(waitMs);
    }
  }

  /** Both are well, or what the first of them says that is not. */
  async #askBoth(again: () => Promise<Second>): Promise<Second> {
    const stats = await untilNotThrottled(() => this.#options.askStats(this.#ended) ?? Promise.resolve<Second>({ kind: 'well' }));
    return stats.kind === 'well' ? untilNotThrottled(again) : stats;
  }

  #goOn(): void {
    this.#isUnconfirmed = false;
    this.#options.observer.event({ kind: 'refusal.passed', ...this.#strays.told() });
  }
}

function isFinal({ disposition }: ReadAnswer): boolean {
  return (disposition.kind === 'stop-run' || disposition.kind === 'refused') && disposition.finalCode !== undefined;
}

/** The lane of a throttled request waits before it gives the next permit; where the run ends, it gives none. */
async function untilNotThrottled(ask: () => Promise<Second>): Promise<Second> {
  for (;;) {
    const second = await ask();
    if (second.kind !== 'throttled') return second;
  }
}

/** What the second answer to a question says of the first. */
export function secondOf(meaning: Meaning | undefined): Second {
  if (isRefused(meaning)) return { kind: 'refused', reason: meaning.reason, answer: meaning.answer };
  if (meaning === undefined) return { kind: 'unanswered' };
  if (isFailed(meaning)) return { kind: 'unanswered', retryAfterMs: meaning.retryAfterMs };
  return { kind: meaning.kind === 'throttled' ? 'throttled' : 'well' };
}
