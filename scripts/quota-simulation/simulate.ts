import { shareOfRate } from '../../src/domain/rate.ts';
import { createLane } from '../../src/pace/lane.ts';
import { createLanes, type Lanes } from '../../src/pace/lanes.ts';
import { parseRatelimit } from '../../src/pace/quota/ratelimit-headers.ts';
import type { Lane, Permit } from '../../src/pace/types.ts';
import { seededRandom } from '../../src/simulator/random.ts';
import type { QuotaCase } from './quota-case.ts';
import { type Answer, HOUR_MS, Server } from './server.ts';
import { machineClock, VirtualTime, virtualSpacer } from './virtual-time.ts';

export interface QuotaOutcome {
  /** Deletes done ÷ deletes that the quota allowed, less what others used and the reserve. */
  readonly efficiency: number;
  readonly sent: number;
  readonly done: number;
  readonly throttled: number;
  /** Blocks of the whole account. */
  readonly penalties: number;
  /** The least the server ever told to be left, as a share of the quota; 1 where it tells nothing. */
  readonly leastLeftShare: number;
  /** Deletes done ÷ deletes at full pace in the time in which lanes were not told to wait. */
  readonly paceKept: number;
}

/** What is held to be good enough. */
export interface Target {
  readonly efficiencyMin: number;
  /** Throttled requests in all sent. */
  readonly throttledShareMax: number;
  readonly penaltiesMax: number;
  readonly paceKeptMin?: number;
}

/** Names what an outcome falls short of. */
export function missedTargets(outcome: QuotaOutcome, target: Target): string[] {
  const missed: string[] = [];
  if (!(outcome.efficiency >= target.efficiencyMin)) missed.push('efficiency');
  if (!(outcome.throttled <= outcome.sent * target.throttledShareMax)) missed.push('throttled');
  if (!(outcome.penalties <= target.penaltiesMax)) missed.push('penalties');
  if (!(outcome.paceKept >= (target.paceKeptMin ?? 0))) missed.push('pace');
  return missed;
}

/** Plays one case on virtual time, with the lanes that a real purge has. */
export async function simulateQuota(given: QuotaCase): Promise<QuotaOutcome> {
  const time = new VirtualTime();
  const random = seededRandom(given.seed);
  const endMs = given.hours * HOUR_MS;
  const account = new Server(time, given);
  const halt = new AbortController();
  const isBatch = given.batchLanes > 0;
  const servers: Server[] = isBatch ? [] : [account];
  for (let machine = 0; machine < given.machines; machine++) {
    const clock = machineClock(time, (2 * random() - 1) * given.drift, (2 * random() - 1) * given.wallSkewMs);
    const laneCount = Math.max(given.batchLanes, 1);
    const serverOf = new Map<Lane, Server>();
    const lanes = Array.from({ length: laneCount }, (_, index) => {
      const lane = createLane({
        name: isBatch ? index + 1 : 'account',
        rate: isBatch ? given.rate : shareOfRate(given.rate, machine, given.machines),
        reserveShare: given.reserveShare,
        clock,
        random,
        createSpacer: (intervalMs) => virtualSpacer(clock, intervalMs),
      });
      const server = isBatch ? new Server(time, given) : account;
      if (isBatch) servers.push(server);
      serverOf.set(lane, server);
      return lane;
    });
    const all = createLanes(lanes, halt.signal);
    // Machines are started one after the other.
    time.at(machine * 500 * random(), () => {
      for (let worker = 0; worker < given.concurrency; worker++) void work(all, serverOf, time, random, given);
    });
  }
  if (given.others !== undefined) playOthers(account, given.others, time, random);
  await time.runUntil(endMs);
  halt.abort();
  return outcomeOf(given, servers, endMs);
}

/** One worker: permit, request, answer, without end. */
async function work(
  lanes: Lanes,
  serverOf: ReadonlyMap<Lane, Server>,
  time: VirtualTime,
  random: () => number,
  { latencyMs, sendsHeaders }: QuotaCase,
): Promise<void> {
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => time.at(time.nowMs + ms, resolve));
  const [shortestMs, longestMs] = latencyMs;
  for (let permit = await lanes.take(); permit !== undefined; permit = await lanes.take()) {
    const oneWayMs = (shortestMs + (longestMs - shortestMs) * random() ** 4) / 2;
    await sleep(oneWayMs);
    const answer = serverOf.get(permit.lane)?.request();
    await sleep(oneWayMs);
    if (answer !== undefined) settle(permit, answer, sendsHeaders);
    if (answer?.retryAfterMs !== undefined) serverOf.get(permit.lane)?.waitTold(answer.retryAfterMs);
  }
}

function settle(permit: Permit, answer: Answer, sendsHeaders: boolean): void {
  const { lane } = permit;
  lane.requestEnded(permit, true);
  if (sendsHeaders) lane.quotaReported(permit, parseRatelimit(answer.ratelimit, answer.policy));
  if (answer.retryAfterMs === undefined) lane.answered(permit);
  else lane.throttled(permit, answer.retryAfterMs);
}

function playOthers(server: Server, { burst, everyMs }: { burst: number; everyMs: number }, time: VirtualTime, random: () => number): void {
  const next = (): void => {
    for (let n = 0; n < burst; n++) server.otherRequest();
    time.at(time.nowMs + everyMs * (0.75 + 0.5 * random()), next);
  };
  time.at(everyMs * random(), next);
}

function outcomeOf(given: QuotaCase, servers: readonly Server[], endMs: number): QuotaOutcome {
  const sum = (of: (server: Server) => number): number => servers.reduce((total, server) => total + of(server), 0);
  const { quota } = given;
  const reserved = given.sendsHeaders ? Math.ceil(quota.requests * given.reserveShare) : 0;
  const toldPerMs = given.rate.kind === 'unlimited' ? Infinity : given.rate.requests / given.rate.perMs;
  const allowedPerMs = (given.later === undefined ? [quota] : [quota, given.later]).map(({ requests, windowMs }) =>
    Math.min((requests - reserved) / windowMs, toldPerMs),
  );
  const allowed = servers.length * (allowedPerMs.reduce((sumPerMs, perMs) => sumPerMs + perMs, 0) / allowedPerMs.length) * endMs;
  // Without a rate, its places in flight are what limits a machine.
  const [shortestMs, longestMs] = given.latencyMs;
  const fullPerMs = toldPerMs === Infinity ? given.concurrency / ((shortestMs + longestMs) / 2) : Math.min(...allowedPerMs);
  // Others who use less than what the rate leaves them anyway take nothing from it.
  const free = Math.min(
    allowed,
    given.later === undefined
      ? ((quota.requests - reserved) / quota.windowMs) * endMs * servers.length - sum((server) => server.othersDone)
      : Infinity,
  );
  const least = Math.min(...servers.map((server) => server.leastLeft));
  return {
    efficiency: sum((server) => server.done) / free,
    sent: sum((server) => server.sent),
    done: sum((server) => server.done),
    throttled: sum((server) => server.throttled),
    penalties: sum((server) => server.penalties),
    leastLeftShare: given.sendsHeaders ? least / quota.requests : 1,
    paceKept: sum((server) => server.done) / (fullPerMs * (servers.length * endMs - sum((server) => server.toldWaitMs))),
  };
}
