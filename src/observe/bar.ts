import { styleText } from 'node:util';

import { progressText } from '../text/progress-text.ts';
import { formatCount, formatDuration, perSecondText } from '../text/format.ts';
import type { LaneProgress, ProgressSnapshot, SweepProgress } from './events.ts';

const BAR_COLUMNS_MAX = 40;
/** What stands beside the bar on its line, at its widest. */
const BESIDE_COLUMNS = 60;
const LANES_SHOWN_MAX = 4;
/** A shorter wait is part of the pace. */
const YIELDING_SHOWN_MS = 2_000;
const RANDOM_PAUSE_SHOWN_MS = 10_000;

/** The bar and the two lines under it, none longer than the terminal is wide. */
export function renderBar(snapshot: ProgressSnapshot, columns: number, hasColors: boolean): string {
  const { sweep, phase } = snapshot;
  const lines =
    sweep === undefined || phase === 'stopping'
      ? [firstLine(snapshot, columns, hasColors), countsLine(snapshot), lanesLine(snapshot)]
      : [sweepLine(sweep, columns), lanesLine(snapshot)];
  return lines
    .filter((line) => line !== '')
    .map((line) => clipped(line, columns))
    .join('\n');
}

/** Nothing is deleted meanwhile. */
function sweepLine({ reason, noun, found, ...progress }: SweepProgress, columns: number): string {
  const looked = noun === 'image' ? 'read' : 'asked for';
  return progressText(progress, noun, `${looked}, ${formatCount(found)} ${reason === 'newer' ? 'newer' : 'to be looked at'}`, columns);
}

function firstLine(snapshot: ProgressSnapshot, columns: number, hasColors: boolean): string {
  const { phase, done, total, perSecond, etaMs, rows, isIntakeComplete } = snapshot;
  if (phase === 'reading' && done === 0) return ` Reading … ${formatCount(rows)} rows, ${formatCount(total)} IDs`;
  const share = total === 0 ? 0 : done / total;
  const width = Math.max(Math.min(BAR_COLUMNS_MAX, columns - BESIDE_COLUMNS), 0);
  const percent = isIntakeComplete ? `${Math.floor(share * 100)} %`.padStart(5) : ' …   ';
  const left = phase === 'stopping' ? 'stopping' : etaMs === undefined ? '' : `${formatDuration(Math.ceil(etaMs / 1_000) * 1_000)} left`;
  const text = `${formatCount(done)} / ${formatCount(total)}${isIntakeComplete ? '' : '+'}`;
  return [percent, bar(share, width, hasColors), text, `${formatCount(Math.round(perSecond))}/s`, left]
    .filter((part) => part !== '')
    .join('  ');
}

function bar(share: number, width: number, hasColors: boolean): string {
  if (width === 0) return '';
  const full = Math.round(Math.min(share, 1) * width);
  const [done, rest] = ['━'.repeat(full), '─'.repeat(width - full)];
  return hasColors ? styleText('cyan', done, { validateStream: false }) + styleText('dim', rest, { validateStream: false }) : done + rest;
}

function countsLine({ deleted, absent, failed, inFlight, retries }: ProgressSnapshot): string {
  const counts = Object.entries({ deleted, absent, failed, 'in flight': inFlight, retries });
  return ` ${counts.map(([name, count]) => `${name} ${formatCount(count)}`).join(' · ')}`;
}

/** Lanes in the same state share a place: `1–9 at 200/s · 10 throttled, 18 s to wait`. */
function lanesLine({ lanes }: ProgressSnapshot): string {
  const groups: { readonly state: string; first: LaneProgress; last: LaneProgress }[] = [];
  for (const lane of lanes) {
    const state = laneState(lane);
    const before = groups.at(-1);
    if (before?.state === state) before.last = lane;
    else groups.push({ state, first: lane, last: lane });
  }
  const shown = groups
    .slice(0, LANES_SHOWN_MAX)
    .map(({ state, first, last }) => `${first === last ? String(first.name) : `${String(first.name)}–${String(last.name)}`} ${state}`);
  return shown.length === 0 ? '' : ` lanes  ${shown.join(' · ')}${groups.length > LANES_SHOWN_MAX ? ' · …' : ''}`;
}

function laneState({ ratePerSecond, pausedForMs, throttledBy, yieldingForMs, held, isClosed }: LaneProgress): string {
  if (isClosed) return 'closed';
  if (held.includes('outage')) return 'does not answer';
  if (held.includes('refusal')) return 'was refused, asks again';
  if (held.includes('token')) return 'waits for a token';
  const pace = ratePerSecond === Infinity ? 'unlimited' : `at ${perSecondText(ratePerSecond)}`;
  // Many short pauses would flicker.
  if (throttledBy === 'random' && pausedForMs < RANDOM_PAUSE_SHOWN_MS) return `${pace}, throttled at random`;
  if (pausedForMs > 0) return `throttled, ${formatDuration(Math.ceil(pausedForMs / 1_000) * 1_000)} to wait`;
  if (yieldingForMs > YIELDING_SHOWN_MS)
    return `leaves what is left to others, ${formatDuration(Math.ceil(yieldingForMs / 1_000) * 1_000)} to wait`;
  return throttledBy === 'speed' ? `${pace}, about what the API allows` : pace;
}

/** Colour codes take no columns; a line with them is clipped only where it is plainly too long. */
function clipped(line: string, columns: number): string {
  // eslint-disable-next-line no-control-regex -- what is looked for is a control sequence
  const visible = line.replaceAll(/\u001b\[\d+m/g, '');
  return visible.length <= columns ? line : visible.slice(0, columns);
}
