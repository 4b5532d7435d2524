import { type AnsweredTime, answeredTime, forEachAnswer } from '../../checkpoint/timeline/answers.ts';
import { readMoments } from '../../checkpoint/timeline/moments.ts';
import { readBeside } from '../../checkpoint/file/reader.ts';
import type { Span, Timeline } from '../../report/html/page-facts.ts';
import { Buckets } from './buckets.ts';
import { idleSpans, mergedSpans, timeOfRuns } from './spans.ts';

/** What is not on record shows where so long nothing was answered. */
const GAP_MS_MIN = 60_000;

/** What became of the IDs of these checkpoints, by time. Two passes over the answers, and the same memory however many there are. */
export function readTimeline(paths: readonly string[]): Timeline {
  const moments = paths.map((path) => readBeside(path, readMoments));
  const between = paths.map((path) => readBeside(path, answeredTime)).filter((times) => times !== undefined);
  const isRecorded = moments.every((ofOne) => ofOne !== undefined);
  if (between.length === 0)
    return { answered: undefined, series: undefined, latency: undefined, spans: [], isRecorded, isCut: false, runs: [] };
  const answered = {
    firstMs: Math.min(...between.map(({ firstMs }) => firstMs)),
    lastMs: Math.max(...between.map(({ lastMs }) => lastMs)),
    count: between.reduce((sum, { count }) => sum + count, 0),
  };
  const buckets = bucketsOf(paths, answered);
  const killedAt = (nextBeganMs: number): number =>
    Math.min(buckets.lastAnswerBefore(Math.min(nextBeganMs, answered.lastMs + 1)) ?? answered.firstMs, answered.lastMs, nextBeganMs);
  const times = moments.map((ofOne) => timeOfRuns(ofOne ?? [], killedAt));
  const runs = times.flatMap((time) => time.runs).toSorted((a, b) => a.beganMs - b.beganMs);
  const recorded = times.flatMap((time) => time.spans);
  const unexplained = isRecorded ? idleSpans(runs) : gapsOf(buckets);
  return {
    answered,
    series: buckets.series(),
    latency: buckets.latency(),
    spans: mergedSpans([...recorded, ...unexplained]),
    isRecorded,
    isCut: times.some((time) => time.isCut),
    runs,
  };
}

/** Read again from the beginning where a run begins on a checkpoint meanwhile: half a pass must not be counted. */
function bucketsOf(paths: readonly string[], answered: AnsweredTime): Buckets {
  const all = new Buckets(answered);
  for (const path of paths) {
    const one = readBeside(path, (db) => {
      const buckets = new Buckets(answered);
      forEachAnswer(db, (atMs, outcome, durationMs) => buckets.add(atMs, outcome, durationMs));
      return buckets;
    });
    all.addAll(one);
  }
  return all;
}

function gapsOf(buckets: Buckets): Span[] {
  return buckets.gaps(GAP_MS_MIN).map((gap) => ({ kind: 'gap', ...gap, lane: 'all', times: 1 }));
}
