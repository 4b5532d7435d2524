import type { CloudflareClient } from '../cloudflare/types.ts';
import { type ReadAnswer, readStatsAnswer } from '../answer/answers.ts';
import { retryDelayMs } from '../answer/retry-timing.ts';
import type { Clock } from '../domain/clock.ts';
import type { StopReason } from '../domain/disposition.ts';
import type { Lanes } from '../pace/lanes.ts';
import type { Permit } from '../pace/types.ts';
import type { RunCounters } from '../run/counters.ts';
import { noteExchange } from './exchange-news.ts';

/** What `GET stats` told before the first DELETE. */
export type AccountStats = { readonly kind: 'count'; readonly current: number } | { readonly kind: 'unreadable'; readonly why: string };

export interface StatsEffects {
  readonly client: CloudflareClient;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly random: () => number;
  readonly counters: RunCounters;
  readonly attemptsMax: number;
  readonly halt: AbortSignal;
  readonly stopRun: (reason: StopReason, answer: ReadAnswer) => void;
  readonly onThrottled: (permit: Permit, retryAfterMs: number | undefined) => void;
}

/** Asks once, and again only where there was no answer; `undefined` where the run has been told to end. */
export async function readAccountStats(effects: StatsEffects): Promise<AccountStats | undefined> {
  const { client, lanes, clock, halt, counters } = effects;
  for (let attempt = 1; ;) {
    const permit = halt.aborted ? undefined : await lanes.take();
    if (permit === undefined || halt.aborted) return undefined;
    counters.requests++;
    const exchange = await client.imageStats();
    noteExchange(permit, exchange);
    if (halt.aborted) return undefined;
    const answer = readStatsAnswer(exchange, clock.wallMs());
    switch (answer.kind) {
      case 'count':
        permit.lane.answered(permit);
        return { kind: 'count', current: answer.current };
      case 'unreadable':
        permit.lane.answered(permit);
        return { kind: 'unreadable', why: answer.why };
      case 'stop-run':
        effects.stopRun(answer.reason, answer.answer);
        return undefined;
      case 'throttled':
        effects.onThrottled(permit, answer.retryAfterMs);
        break;
      case 'retry':
        if (attempt >= effects.attemptsMax) return { kind: 'unreadable', why: answer.why };
        counters.retries++;
        await clock.sleep(retryDelayMs(attempt, effects.random), halt);
        attempt++;
    }
  }
}
