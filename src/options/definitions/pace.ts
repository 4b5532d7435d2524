import { TIMER_MS_MAX } from '../../domain/clock.ts';

/** How fast requests are sent, and how stubbornly. */
export const PACE_OPTIONS = {
  /** `1000/5m`, `200/s`, `unlimited` */
  rate: {
    name: 'rate',
    argument: 'N/DURATION',
    value: { type: 'rate' },
    help: 'requests allowed on each lane, such as 1200/5m or 200/s; or unlimited',
    defaultText: "1000/5m, which leaves a sixth of the account's quota to others; a batch token's lane 200/s",
    inLibrary: true,
  },
  /** `10%` */
  reserve: {
    name: 'reserve',
    argument: 'P%',
    // With nothing left to use, nothing would ever be sent.
    value: { type: 'percent', max: 95 },
    help: "share of the account's quota that is never used, as far as the API tells what is left",
    default: '10%',
    inLibrary: true,
  },
  batchTokens: {
    name: 'batch-tokens',
    argument: 'N',
    value: { type: 'integer', min: 0, max: 64 },
    help: "delete with N batch tokens, each a lane of its own, instead of the account's quota",
    default: '0',
    inLibrary: true,
  },
  /** `redis://redis.internal:6379`; without a password. */
  quotaRedis: {
    name: 'quota-redis',
    argument: 'URL',
    value: { type: 'redis-url' },
    help: 'share each quota with other processes through this Redis; with a password only as IMAGES_PURGE_QUOTA_REDIS or its _FILE',
    defaultText: 'none',
    inLibrary: true,
  },
  allowParallel: {
    name: 'allow-parallel',
    value: { type: 'flag' },
    help: 'begin although another run on this machine uses the quota of the same account (exit 6)',
    inLibrary: true,
  },
  concurrency: {
    name: 'concurrency',
    argument: 'N',
    value: { type: 'integer', min: 1, max: 4_096 },
    help: 'requests in flight, over all lanes',
    defaultText: '16, or 64 for each batch token',
    inLibrary: true,
  },
  maxAttempts: {
    name: 'max-attempts',
    argument: 'N',
    value: { type: 'integer', min: 1, max: 1_000 },
    help: 'tries for one ID that keeps failing by itself',
    default: '8',
    inLibrary: true,
  },
  /** `30s` */
  timeout: {
    name: 'timeout',
    argument: 'DURATION',
    value: { type: 'duration', maxMs: 3_600_000 },
    help: 'for one request, from connecting to the last byte',
    default: '30s',
    inLibrary: true,
  },
  /** `1h` */
  giveUpAfter: {
    name: 'give-up-after',
    argument: 'DURATION',
    value: { type: 'duration', maxMs: TIMER_MS_MAX as number },
    help: 'end the run after this long without any final answer',
    default: '1h',
    inLibrary: true,
  },
} as const;
