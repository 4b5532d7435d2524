import { type Moment, MOMENTS_PER_RUN_MAX } from '../../checkpoint/timeline/moment.ts';
import type { SpanKind } from '../../report/html/page-data.ts';
import type { Run, Span } from '../../report/html/page-facts.ts';

/** The runs of one checkpoint, and what held them up. */
export interface TimeOfRuns {
  readonly runs: readonly Run[];
  readonly spans: readonly Span[];
  /** A run had more than are kept of one. */
  readonly isCut: boolean;
}

/** Throttles that follow each other at once are one time of being throttled. */
const MERGE_MS = 1_000;

const ENDS_WITH: Readonly<Partial<Record<Moment['kind'], { readonly kind: SpanKind; readonly end: Moment['kind'] }>>> = {
  'outage.began': { kind: 'outage', end: 'outage.ended' },
  'refusal.doubted': { kind: 'refusal', end: 'refusal.passed' },
};

/** @param killedAt - of a run that did not write its end: when it ended at the latest, before another one began */
export function timeOfRuns(moments: readonly Moment[], killedAt: (nextBeganMs: number) => number): TimeOfRuns {
  const runs: Run[] = [];
  const spans: Span[] = [];
  let isCut = false;
  const begins = moments.flatMap(({ kind }, at) => (kind === 'run.began' ? [at] : []));
  begins.forEach((begin, nth) => {
    const own = moments.slice(begin, begins[nth + 1]);
    isCut ||= own.length >= MOMENTS_PER_RUN_MAX;
    const beganMs = own[0]?.atMs ?? 0;
    const ending = own.find(({ kind }) => kind === 'run.ended');
    const nextBeganMs = moments[begins[nth + 1] ?? moments.length]?.atMs ?? Infinity;
    // What it has written last is what it was alive at.
    const endedMs = ending?.atMs ?? Math.max(killedAt(nextBeganMs), own.at(-1)?.atMs ?? 0, beganMs);
    runs.push({ beganMs, endedMs: Math.max(endedMs, beganMs), hasEnded: ending !== undefined });
    spans.push(...spansOf(own, endedMs));
  });
  return { runs, spans, isCut };
}

function spansOf(moments: readonly Moment[], runEndedMs: number): Span[] {
  return moments.flatMap((moment, at): Span[] => {
    const { kind, atMs, waitMs } = moment;
    const lane = String(moment.lane ?? 'all');
    if (kind === 'throttled') return [{ kind: 'throttle', fromMs: atMs, toMs: Math.min(atMs + waitMs, runEndedMs), lane, times: 1 }];
    const lasting = ENDS_WITH[kind];
    if (lasting === undefined) return [];
    const end = moments.find((later, place) => place > at && later.kind === lasting.end && later.lane === moment.lane);
    return [{ kind: lasting.kind, fromMs: atMs, toMs: end?.atMs ?? runEndedMs, lane, times: 1 }];
  });
}

/** Spans in the order of time; those of one kind that overlap, on several lanes or in several checkpoints, are one. */
export function mergedSpans(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  const last = new Map<SpanKind, number>();
  for (const span of spans.filter(({ fromMs, toMs }) => toMs >= fromMs).toSorted((a, b) => a.fromMs - b.fromMs)) {
    const at = last.get(span.kind);
    const before = at === undefined ? undefined : merged[at];
    if (at !== undefined && before !== undefined && span.fromMs <= before.toMs + MERGE_MS) {
      const lane = before.lane === span.lane ? span.lane : 'several';
      merged[at] = { ...before, lane, toMs: Math.max(before.toMs, span.toMs), times: before.times + span.times };
    } else last.set(span.kind, merged.push(span) - 1);
  }
  return merged;
}

/** When none of the runs was at work, between the first and the last of them. */
export function idleSpans(runs: readonly Run[]): Span[] {
  const idle: Span[] = [];
  let busyUntilMs: number | undefined;
  for (const { beganMs, endedMs } of runs.toSorted((a, b) => a.beganMs - b.beganMs)) {
    if (busyUntilMs !== undefined && beganMs > busyUntilMs)
      idle.push({ kind: 'idle', fromMs: busyUntilMs, toMs: beganMs, lane: 'all', times: 1 });
    busyUntilMs = Math.max(busyUntilMs ?? endedMs, endedMs);
  }
  return idle;
}
