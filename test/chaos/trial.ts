import { mixedFaults } from '../../src/simulator/faults.ts';
import { NO_FAULTS, type SimulatorOptions } from '../../src/simulator/simulator-options.ts';
import type { Draw } from './draw.ts';
import type { DrawnInput } from './input.ts';

/** How one run of a trial is disturbed. */
export type Disturbance =
  | { readonly kind: 'none' }
  /** When so many more requests have come in at the server. */
  | { readonly kind: 'at-request'; readonly count: number; readonly signals: readonly NodeJS.Signals[]; readonly apartMs: number }
  /** So long after the start of the process. */
  | { readonly kind: 'after'; readonly delayMs: number; readonly signals: readonly NodeJS.Signals[]; readonly apartMs: number };

/** For a while every DELETE meets the same fault, whether or not its work was done. */
export interface DrawnOutage {
  readonly fault: 'status500' | 'resetBefore' | 'resetAfter' | 'lostAnswer';
  /** Begins after so many more requests. */
  readonly afterRequests: number;
  readonly lastsMs: number;
}

/** What somebody does to the report before a run. */
export type Tampering = 'remove' | 'cut' | 'append' | 'overwrite';

export interface DrawnRun {
  readonly command: 'plan' | 'delete' | 'resume';
  readonly options: readonly string[];
  readonly disturbance: Disturbance;
  readonly outage: DrawnOutage | undefined;
  readonly tampering: Tampering | undefined;
}

export interface DrawnTrial {
  readonly simulator: Partial<SimulatorOptions>;
  /** Given to each run of both commands. */
  readonly common: readonly string[];
  /** Given to each `delete`; `resume` has them on record. */
  readonly ofDelete: readonly string[];
  readonly batchTokenCount: number;
  readonly concurrency: number;
  readonly expectsAbsent: boolean;
  readonly isReportToStdout: boolean;
  readonly runs: readonly DrawnRun[];
  /** From this run on these are excluded too; one beyond the last: never. */
  readonly lateExcludeFrom: number;
  readonly retriesFailed: boolean;
  /** Where each image is saved before it is deleted; `undefined`: nowhere. */
  readonly backup: string | undefined;
}

const SIZES = [
  [0, 60],
  [20, 300],
  [300, 1_500],
  [300, 1_500],
  [1_500, 4_000],
  [6_000, 11_000],
] as const;

export function drawSize(draw: Draw): number {
  const [min, max] = draw.pick(SIZES);
  return draw.between(min, max);
}

export function drawTrial(draw: Draw, input: DrawnInput, seed: number): DrawnTrial {
  const ids = [...input.truth.accepted, ...input.truth.protected];
  const isSmall = ids.length <= 400;
  const someIds = (countMax: number): string[] =>
    ids.length === 0 ? [] : Array.from({ length: draw.below(countMax + 1) }, () => draw.pick(ids));
  const isAny = draw.chance(0.6);
  const expectsAbsent = !isAny || draw.chance(0.3);
  const batchTokenCount = draw.chance(0.25) ? draw.between(1, 3) : 0;
  const concurrency = draw.pick([1, 4, 16, 16, 50, 64]);
  const rate = ids.length > 0 && draw.chance(0.25) ? `${draw.between(Math.max(50, Math.ceil(ids.length / 3)), 3_000)}/s` : 'unlimited';
  const isReportToStdout = draw.chance(0.12);
  // By the seed, so that what else is drawn stays the same. An image takes three requests then, and each of them is looked at.
  const backup = seed % 4 === 1 && batchTokenCount === 0 && ids.length <= 400 ? 'saved' : undefined;
  const lanes = batchTokenCount > 0 ? ['--batch-tokens', String(batchTokenCount)] : [];
  return {
    simulator: {
      images: isAny ? { kind: 'any' } : { kind: 'list', ids: ids.filter(() => draw.chance(0.85)) },
      faults: draw.chance(0.4)
        ? NO_FAULTS
        : { ...mixedFaults(draw.pick([0.02, 0.05, 0.15])), throttle429: isSmall && draw.chance(0.3) ? 0.004 : 0 },
      // A batch host's 403 is about the token, in whatever form: an ID that its firewall dislikes would end every run (exit 3).
      rules: { poisonIds: someIds(2), refusedIds: someIds(3), firewallIds: batchTokenCount > 0 ? [] : someIds(1) },
      isStatsPermitted: !draw.chance(0.15),
      latencyMs: draw.pick(isSmall ? [0, 3, 10, 30] : [0, 0, 1, 3]),
      batchTokenRate: 1_000_000,
      logLengthMax: Infinity,
      // By the seed, so that what else is drawn stays the same. Each takes 5 s, and the fifth within an hour ends a run.
      ...(seed % 8 === 3 ? { strayRefusalEach: Math.max(100, Math.ceil(ids.length / 2)) } : {}),
      seed,
    },
    // A bench that is itself killed leaves a command without a server: it gives up soon.
    common: [
      '--give-up-after',
      '2m',
      '--rate',
      rate,
      '--concurrency',
      String(concurrency),
      '--max-attempts',
      String(draw.between(2, 4)),
      ...lanes,
      ...(isReportToStdout ? ['--report', '-'] : []),
      ...(expectsAbsent ? ['--expect-absent'] : []),
    ],
    ofDelete: [
      ...input.excludes.flatMap((file) => ['--exclude', file]),
      ...(input.shard === undefined ? [] : ['--shard', `${input.shard.index}/${input.shard.count}`]),
      ...(draw.chance(0.2) ? ['--min-ids', '0', '--max-deletes', '1000000'] : []),
      ...(backup === undefined ? [] : ['--backup', backup]),
      // By the seed, as above; an account of any image has no list.
      ...(!isAny && seed % 3 === 1 ? ['--verify'] : []),
      // The sweep alone: the simulator's images are older than a day. Half of them beside `--backup`.
      ...(!isAny && seed % 2 === 1 ? ['--protect-newer-than', '1d'] : []),
    ],
    batchTokenCount,
    backup,
    concurrency,
    expectsAbsent,
    isReportToStdout,
    runs: Array.from({ length: draw.between(1, 7) }, (_, index) => drawRun(draw, index, ids.length, isReportToStdout)),
    lateExcludeFrom: draw.chance(0.2) ? draw.below(4) + 1 : Infinity,
    retriesFailed: draw.chance(0.4),
  };
}

function drawRun(draw: Draw, index: number, idCount: number, isReportToStdout: boolean): DrawnRun {
  const isPlan = index === 0 && draw.chance(0.1);
  return {
    command: isPlan ? 'plan' : index > 0 && draw.chance(0.4) ? 'resume' : 'delete',
    options: isPlan ? [] : drawLimit(draw, idCount),
    disturbance: drawDisturbance(draw, idCount),
    outage: draw.chance(0.12)
      ? {
          fault: draw.pick(['status500', 'resetBefore', 'resetAfter', 'lostAnswer'] as const),
          afterRequests: draw.below(Math.max(Math.ceil(idCount * 0.5), 1)),
          lastsMs: draw.between(100, 1_500),
        }
      : undefined,
    tampering:
      index > 0 && !isReportToStdout && draw.chance(0.12) ? draw.pick(['remove', 'cut', 'append', 'overwrite'] as const) : undefined,
  };
}

function drawLimit(draw: Draw, idCount: number): string[] {
  if (draw.chance(0.2)) return ['--limit', String(draw.between(1, Math.max(idCount, 1)))];
  if (draw.chance(0.08)) return ['--max-duration', `${draw.between(100, 800)}ms`];
  return draw.chance(0.06) ? ['--max-failures', String(draw.below(3))] : [];
}

function drawDisturbance(draw: Draw, idCount: number): Disturbance {
  if (draw.chance(0.08)) return { kind: 'none' };
  const signals = draw.pick<NodeJS.Signals[]>([
    ['SIGKILL'],
    ['SIGKILL'],
    ['SIGKILL'],
    ['SIGKILL'],
    ['SIGTERM'],
    ['SIGINT'],
    ['SIGINT', 'SIGKILL'],
    ['SIGTERM', 'SIGINT'],
  ]);
  const apartMs = draw.below(60);
  if (draw.chance(0.35)) return { kind: 'after', delayMs: draw.between(100, 900), signals, apartMs };
  return { kind: 'at-request', count: draw.below(Math.max(Math.ceil(idCount * 0.6), 2)) + 1, signals, apartMs };
}
