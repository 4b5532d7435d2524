import type { ReadAnswer } from '../../../src/answer/answers.ts';
import type { ItemResult } from '../../../src/checkpoint/results.ts';
import type { Exchange } from '../../../src/cloudflare/types.ts';
import type { Connection } from '../../../src/connect/connection.ts';
import { BASE_URL_DEFAULT } from '../../../src/domain/base-url.ts';
import type { Rate } from '../../../src/domain/rate.ts';
import type { HandedOut } from '../../../src/ledger/packed-page.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import type { PurgeEvent } from '../../../src/observe/events.ts';
import { createGiveUpWatch } from '../../../src/pace/give-up.ts';
import { createLane } from '../../../src/pace/lane.ts';
import { createLanes } from '../../../src/pace/lanes.ts';
import type { Lane } from '../../../src/pace/types.ts';
import { createRefusals, type Refusals } from '../../../src/connect/refusals.ts';
import { type RunCounters, createCounters } from '../../../src/run/counters.ts';
import { createMoments } from '../../../src/run/moments.ts';
import type { PurgeDeps } from '../../../src/run/deps.ts';
import { createHalt, type Halt } from '../../../src/run/halt.ts';
import type { ReportToStdout } from '../../../src/run/report-to-stdout.ts';
import type { PaceOptions } from '../../../src/run/run-options.ts';
import { startDeleting } from '../../../src/send/deleting.ts';
import type { BackingUp } from '../../../src/send/saving/backing-up.ts';
import { seededRandom } from '../../../src/simulator/random.ts';
import { imageId } from '../ledger/checkpoint.ts';
import { createVirtualSpacer, VirtualClock } from '../virtual-clock.ts';
import { apiAnswer, REFUSED } from '../answer/api-answer.ts';

export interface VirtualRequest {
  readonly atMs: number;
  /** `undefined`: `GET stats`. */
  readonly id: string | undefined;
}

/** What the API does to a request; `silence` ends with the client's time limit of 30 s. */
export type VirtualAnswer = 'done' | 'silence' | 403 | 503 | { readonly retryAfter: string };

export interface VirtualDeletingOptions {
  readonly idCount: number;
  readonly answer: (request: VirtualRequest) => VirtualAnswer;
  readonly rate?: Rate;
  readonly pace?: Partial<PaceOptions>;
  readonly isStatsPermitted?: boolean;
  /** Images are saved first: two requests before each DELETE, which are always answered, the second so late. */
  readonly savingMs?: number;
}

const NEXT_REQUEST: ReadAnswer = { ...REFUSED, disposition: { kind: 'next-request' } };
const LATENCY_MS = 40;
const TIMEOUT_MS = 30_000;
const STATS = '{"result":{"count":{"current":1000}},"success":true,"errors":[],"messages":[]}';
const FORBIDDEN = '{"result":null,"success":false,"errors":[{"code":10000,"message":"Forbidden"}],"messages":[]}';

/** The sending half of a run, from its feed to its recorder, on virtual time; only checkpoint and API are played. */
export class VirtualDeleting {
  readonly clock: VirtualClock = new VirtualClock();
  readonly requests: VirtualRequest[] = [];
  readonly events: PurgeEvent[] = [];
  readonly outcomes: Map<string, ItemResult['outcome']> = new Map();
  readonly counters: RunCounters = createCounters(0);
  readonly halt: Halt = createHalt({ clock: this.clock, stop: new AbortController().signal }, Infinity);
  isDone = false;
  readonly #options: VirtualDeletingOptions;
  readonly #ids: readonly HandedOut[];

  constructor(options: VirtualDeletingOptions) {
    this.#options = options;
    this.#ids = Array.from({ length: options.idCount }, (_, index) => ({
      seq: index + 1,
      id: imageId(`image-${index + 1}`),
      attempts: 0,
      isUnknown: false,
    }));
    const { isStatsPermitted = true } = options;
    const pace = { concurrency: 16, attemptsMax: 8, giveUpAfterMs: 3_600_000, ...this.#pace() } as PaceOptions;
    const deleting = startDeleting({
      deps: {
        clock: this.clock,
        random: seededRandom(1),
        observer: { event: (event) => void this.events.push(event) },
      } as Partial<PurgeDeps> as PurgeDeps,
      halt: this.halt,
      ledger: this.#createLedger(),
      connection: this.#createConnection(pace),
      pace,
      counters: this.counters,
      moments: createMoments({ event: () => undefined }, this.clock),
      stdoutReport: { add: () => undefined, whenRoom: () => undefined } as Partial<ReportToStdout> as ReportToStdout,
      backingUp: options.savingMs === undefined ? undefined : this.#createBackingUp(options.savingMs),
      errorContext: {
        baseUrl: BASE_URL_DEFAULT,
        nextCommand: () => 'images-purge resume x',
        accountId: 'a'.repeat(32),
        stats: isStatsPermitted ? { kind: 'count', current: 1_000 } : { kind: 'unreadable', why: 'HTTP 403' },
        deletedCount: () => 0,
        counters: this.counters,
      },
      isAbsentBelieved: true,
    });
    void deleting.done.then(() => (this.isDone = true));
    deleting.feed.moreAccepted();
    deleting.feed.intakeEnded();
  }

  /** Lets time pass until all work is done, or the run has ended; at most so much of it. */
  async untilDone(msMax = 86_400_000): Promise<void> {
    for (const stepMs = 1_000; !this.isDone && this.clock.monotonicMs() < msMax;) await this.clock.advance(stepMs);
  }

  count(outcome: ItemResult['outcome']): number {
    return [...this.outcomes.values()].filter((one) => one === outcome).length;
  }

  /** Requests from one time to another, the first inclusive. */
  requestsIn(fromMs: number, toMs: number): readonly VirtualRequest[] {
    return this.requests.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  }

  #pace(): Partial<PaceOptions> {
    const { rate = { kind: 'unlimited' }, pace } = this.#options;
    return { rate, batchTokenCount: 0, sendCountMax: Infinity, failureCountMax: Infinity, absentMax: { kind: 'none' }, ...pace };
  }

  #createBackingUp(savingMs: number): BackingUp {
    const backingUp: Partial<BackingUp> = {
      nextRequest(work) {
        const isFirst = work.saving === undefined;
        const durationMs = isFirst ? LATENCY_MS : savingMs;
        const keep = (): Promise<ReadAnswer> => {
          work.saving = isFirst ? { kind: 'told', image: {} } : { kind: 'saved' };
          return Promise.resolve(NEXT_REQUEST);
        };
        const send = (): Promise<Exchange> => clock.sleep(durationMs).then(() => apiAnswer({ durationMs }));
        return Promise.resolve({ send, keep, drop: () => Promise.resolve() });
      },
    };
    const { clock } = this;
    return backingUp as BackingUp;
  }

  #createLedger(): Ledger {
    let handedOut = 0;
    const ledger: Partial<Ledger> = {
      takePage: (countMax) => Promise.resolve(this.#ids.slice(handedOut, (handedOut += countMax))),
      record: ({ results }) => {
        for (const { seq, outcome } of results) this.outcomes.set(`image-${seq}`, outcome);
        return Promise.resolve({ stdoutText: '', lineCount: 0, failure: undefined });
      },
    };
    return ledger as Ledger;
  }

  #createConnection({ rate, giveUpAfterMs }: PaceOptions): Connection {
    const { clock, halt } = this;
    const createSpacer = (intervalMs: number): ReturnType<typeof createVirtualSpacer> => createVirtualSpacer(clock, intervalMs);
    const lane = createLane({ name: 'account', rate, reserveShare: 0, clock, random: seededRandom(2), createSpacer });
    const lanes = createLanes([lane], halt.signal);
    const credentials = { deleter: { deleteImage: (id: string) => this.#exchange(id) }, isAfterRefusal: false, isProven: true };
    const giveUp = createGiveUpWatch({
      clock,
      giveUpAfterMs,
      onGiveUp: () => halt.end({ kind: 'stop-requested', request: { exitCode: 130, name: 'gave up' } }),
    });
    giveUp.start();
    const connection = {
      access: {
        account: lanes,
        reader: { imageStats: () => this.#exchange(undefined) },
        refusals: this.#createRefusals(lanes.all),
      },
      lanes,
      credentialsOf: () => credentials,
      renewToken: () => undefined,
      onThrottled: () => undefined,
      giveUp,
      abortAll: () => undefined,
    };
    return connection as unknown as Connection;
  }

  /** Stats are not asked for: a refusal is confirmed by IDs alone. */
  #createRefusals(lanes: readonly Lane[]): Refusals {
    const refusals = createRefusals({
      clock: this.clock,
      observer: { event: (event) => void this.events.push(event) },
      halt: this.halt,
      deletedCount: () => this.counters.deleted,
      askStats: () => undefined,
      ask: () => Promise.reject(new Error('no question is refused here')),
      onStandstill: () => undefined,
      errorOf: () => new Error('refused'),
    });
    refusals.hold(lanes);
    return refusals;
  }

  async #exchange(id: string | undefined): Promise<Exchange> {
    const request = { atMs: this.clock.monotonicMs(), id };
    this.requests.push(request);
    const answer = this.#options.answer(request);
    const durationMs = answer === 'silence' ? TIMEOUT_MS : LATENCY_MS;
    await this.clock.sleep(durationMs);
    if (answer === 'silence') return { kind: 'no-answer', reason: 'timeout', code: 'timeout', message: 'no answer', durationMs };
    const [httpStatus, body] = wireOf(answer);
    return apiAnswer({ httpStatus, body, retryAfter: typeof answer === 'object' ? answer.retryAfter : undefined, durationMs });
  }
}

function wireOf(answer: Exclude<VirtualAnswer, 'silence'>): readonly [httpStatus: number, body: string] {
  if (answer === 'done') return [200, STATS];
  return answer === 403 ? [403, FORBIDDEN] : [503, 'Service Unavailable'];
}
