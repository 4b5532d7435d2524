import type { Exchange } from '../cloudflare/types.ts';
import type { Meaning, Question } from '../connect/paced-request.ts';
import { parseRatelimit, type RatelimitView } from '../pace/quota/ratelimit-headers.ts';
import type { Observed } from './findings.ts';

export interface Observing {
  readonly observed: Observed;
  /** The same question; what its answer tells of time and quota is kept. */
  readonly of: <A extends Meaning>(question: Question<A>) => Question<A>;
}

/** `Date` is cut to whole seconds: on average it is half a second behind. */
const DATE_CUT_MS = 500;

export function createObserving(): Observing {
  const durationsMs: number[] = [];
  let quickestMs = Infinity;
  let clockSkewMs: number | undefined;
  let policies: readonly RatelimitView[] = [];

  function note(exchange: Exchange, nowWallMs: number): void {
    if (exchange.kind !== 'answer') return;
    const { date, durationMs, ratelimit, ratelimitPolicy } = exchange;
    durationsMs.push(durationMs);
    const told = parseRatelimit(ratelimit, ratelimitPolicy);
    if (told.length > 0) policies = told;
    const serverMs = Date.parse(date ?? '');
    if (Number.isNaN(serverMs) || durationMs >= quickestMs) return;
    quickestMs = durationMs;
    clockSkewMs = Math.round(nowWallMs - durationMs / 2 - (serverMs + DATE_CUT_MS));
  }

  return {
    get observed() {
      return { durationsMs, clockSkewMs, policies };
    },
    of: ({ send, read }) => ({
      send,
      read(exchange, nowWallMs) {
        note(exchange, nowWallMs);
        return read(exchange, nowWallMs);
      },
    }),
  };
}
