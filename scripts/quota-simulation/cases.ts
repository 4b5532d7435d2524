import type { QuotaCase } from './quota-case.ts';
import type { Target } from './simulate.ts';

export interface JudgedCase {
  readonly given: QuotaCase;
  readonly target: Target;
}

const KNOWN: Target = { efficiencyMin: 0.99, throttledShareMax: 0.0001, penaltiesMax: 0 };
const LESS_THAN_TOLD: Target = { efficiencyMin: 0.95, throttledShareMax: 1, penaltiesMax: Infinity };
const LED_BY_HEADERS: Target = { efficiencyMin: 0.9, throttledShareMax: 0, penaltiesMax: 0 };

const AT_RANDOM = { efficiencyMin: 0, throttledShareMax: 1, penaltiesMax: 0 };

const FIVE_MINUTES_MS = 300_000;
const ACCOUNT = { requests: 1_200, windowMs: FIVE_MINUTES_MS, blockMs: FIVE_MINUTES_MS, burst: 1_200 };
const BATCH_TOKEN = { kind: 'bucket', requests: 200, windowMs: 1_000, blockMs: 0, burst: 20 } as const;
/** More than anybody asks for. */
const NO_QUOTA = { kind: 'bucket', requests: 1e9, windowMs: 1_000, blockMs: 0, burst: 1e9 } as const;
const KINDS = ['fixed', 'sliding', 'bucket'] as const;

const BASE: QuotaCase = {
  name: '',
  hours: 24,
  seed: 1,
  quota: { ...ACCOUNT, kind: 'fixed' },
  sendsHeaders: false,
  rate: { kind: 'limited', requests: 1_200, perMs: FIVE_MINUTES_MS },
  reserveShare: 0.1,
  machines: 1,
  batchLanes: 0,
  concurrency: 16,
  others: undefined,
  drift: 0,
  wallSkewMs: 0,
  latencyMs: [20, 400],
  noise: undefined,
  later: undefined,
};

const judged = (target: Target, given: Partial<QuotaCase>): JudgedCase => ({ target, given: { ...BASE, ...given } });

/** About ten thousand deletes each. */
const AT_RANDOM_RATES: readonly Partial<QuotaCase>[] = [
  { name: '1,000 in 5 min', hours: 0.9, rate: { kind: 'limited', requests: 1_000, perMs: FIVE_MINUTES_MS } },
  { name: '200/s', hours: 0.03, rate: { kind: 'limited', requests: 200, perMs: 1_000 } },
  { name: '2,000/s over ten lanes', hours: 0.01, rate: { kind: 'limited', requests: 200, perMs: 1_000 }, batchLanes: 10, concurrency: 640 },
  { name: 'unlimited', hours: 0.03, rate: { kind: 'unlimited' } },
];

/** Every case that `npm run simulate:quota` plays. */
export const CASES: readonly JudgedCase[] = [
  ...KINDS.map((kind) => judged(KNOWN, { name: `alone, ${kind}`, quota: { ...ACCOUNT, kind } })),
  ...KINDS.map((kind) =>
    judged(KNOWN, {
      name: `alone, ${kind}, clock off by 200 ppm and an hour`,
      quota: { ...ACCOUNT, kind },
      rate: { kind: 'limited', requests: 1_199, perMs: FIVE_MINUTES_MS },
      drift: 0.0002,
      wallSkewMs: 3_600_000,
    }),
  ),
  ...[1, 10, 64].map((batchLanes) =>
    judged(KNOWN, {
      name: `${batchLanes} batch lanes`,
      hours: 0.05,
      quota: BATCH_TOKEN,
      rate: { kind: 'limited', requests: 200, perMs: 1_000 },
      batchLanes,
      concurrency: 64 * batchLanes,
    }),
  ),
  ...[4, 16].flatMap((machines) =>
    KINDS.map((kind) => judged(KNOWN, { name: `${machines} machines, ${kind}`, machines, quota: { ...ACCOUNT, kind } })),
  ),
  ...KINDS.map((kind) =>
    judged(LESS_THAN_TOLD, { name: `900 where 1,200 was told, ${kind}`, quota: { ...ACCOUNT, kind, requests: 900, burst: 900 } }),
  ),
  ...KINDS.map((kind) =>
    judged(LESS_THAN_TOLD, { name: `500 where 1,200 was told, ${kind}`, quota: { ...ACCOUNT, kind, requests: 500, burst: 500 } }),
  ),
  judged(LESS_THAN_TOLD, {
    name: '150/s where 200/s was told, 10 batch lanes',
    hours: 0.5,
    quota: { ...BATCH_TOKEN, requests: 150 },
    rate: { kind: 'limited', requests: 200, perMs: 1_000 },
    batchLanes: 10,
    concurrency: 640,
    latencyMs: [20, 100],
  }),
  ...KINDS.map((kind) => judged(LED_BY_HEADERS, { name: `headers, alone, ${kind}`, sendsHeaders: true, quota: { ...ACCOUNT, kind } })),
  ...KINDS.map((kind) =>
    judged(LED_BY_HEADERS, {
      name: `headers say 900, ${kind}`,
      sendsHeaders: true,
      quota: { ...ACCOUNT, kind, requests: 900, burst: 900 },
    }),
  ),
  ...KINDS.map((kind) =>
    judged(LED_BY_HEADERS, {
      name: `headers, unlimited rate, ${kind}`,
      sendsHeaders: true,
      rate: { kind: 'unlimited' },
      quota: { ...ACCOUNT, kind },
    }),
  ),
  ...KINDS.map((kind) =>
    judged(LED_BY_HEADERS, {
      name: `headers, others take a fifth in bursts, ${kind}`,
      sendsHeaders: true,
      quota: { ...ACCOUNT, kind },
      others: { burst: 80, everyMs: 100_000 },
    }),
  ),
  ...KINDS.map((kind) =>
    judged(LED_BY_HEADERS, {
      name: `headers, others take half in bursts, ${kind}`,
      sendsHeaders: true,
      quota: { ...ACCOUNT, kind },
      others: { burst: 50, everyMs: 25_000 },
    }),
  ),
  ...[2, 4, 16].flatMap((machines) =>
    KINDS.map((kind) =>
      judged(LED_BY_HEADERS, {
        name: `headers, ${machines} machines that know nothing of each other, ${kind}`,
        sendsHeaders: true,
        machines,
        rate: { kind: 'limited', requests: 1_200 * machines, perMs: FIVE_MINUTES_MS },
        quota: { ...ACCOUNT, kind },
        concurrency: 4,
      }),
    ),
  ),
  ...AT_RANDOM_RATES.flatMap((given) =>
    [
      [0.001, 0.95],
      [0.003, 0.9],
      [0.01, 0.8],
      [0.05, 0.5],
    ].map(([share = 0, paceKeptMin = 0]) =>
      judged(
        { ...AT_RANDOM, paceKeptMin },
        {
          ...given,
          name: `${share * 100} % throttled at random, ${given.name ?? ''}`,
          quota: NO_QUOTA,
          latencyMs: [20, 20],
          noise: { share, retryAfterMs: 1_000 },
        },
      ),
    ),
  ),
  ...KINDS.flatMap((kind) =>
    [900, 500].map((requests) =>
      judged(
        { efficiencyMin: 0.9, throttledShareMax: 1, penaltiesMax: Infinity },
        {
          name: `0.3 % at random beside ${requests} where 1,200 was told, ${kind}`,
          quota: { ...ACCOUNT, kind, requests, burst: requests },
          noise: { share: 0.003, retryAfterMs: 1_000 },
        },
      ),
    ),
  ),
  ...KINDS.map((kind) =>
    judged(LESS_THAN_TOLD, {
      name: `150/s where 200/s was told, no block, ${kind}`,
      hours: 1,
      quota: { kind, requests: 150, windowMs: 1_000, blockMs: 0, burst: 150 },
      rate: { kind: 'limited', requests: 200, perMs: 1_000 },
      concurrency: 64,
      latencyMs: [20, 100],
    }),
  ),
  ...KINDS.map((kind) =>
    judged(
      { efficiencyMin: 0.5, throttledShareMax: 1, penaltiesMax: 0 },
      {
        name: `0.3 % at random beside 150/s where 200/s was told, ${kind}`,
        hours: 0.5,
        quota: { kind, requests: 150, windowMs: 1_000, blockMs: 0, burst: 150 },
        rate: { kind: 'limited', requests: 200, perMs: 1_000 },
        concurrency: 64,
        latencyMs: [20, 100],
        noise: { share: 0.003, retryAfterMs: 1_000 },
      },
    ),
  ),
  ...[undefined, { share: 0.003, retryAfterMs: 1_000 }].flatMap((noise) =>
    KINDS.flatMap((kind) =>
      [
        [600, 1_200],
        [1_200, 600],
      ].map(([before = 0, after = 0]) =>
        judged(
          { efficiencyMin: 0.7, throttledShareMax: 1, penaltiesMax: Infinity },
          {
            name: `${noise === undefined ? '' : '0.3 % at random beside '}${before} until noon, ${after} after it, ${kind}`,
            quota: { ...ACCOUNT, kind, requests: before, burst: before },
            later: { ...ACCOUNT, kind, requests: after, burst: after },
            noise,
          },
        ),
      ),
    ),
  ),
];
