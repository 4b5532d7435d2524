import { styleText } from 'node:util';

import { formatCount, formatDuration } from '../domain/format.ts';
import type { ProgressSnapshot } from './events.ts';

const BAR_COLUMNS_MAX = 40;
/** What stands beside the bar on its line, at its widest. */
const BESIDE_COLUMNS = 60;
const LANES_SHOWN_MAX = 3;
/** Some terminals say that they are 0 columns wide until they know better. */
const COLUMNS_UNKNOWN = 80;

/** The bar and the two lines under it, none longer than the terminal is wide. */
export function renderBar(snapshot: ProgressSnapshot, columns: number, hasColors: boolean): string {
  const width = columns > 0 ? columns : COLUMNS_UNKNOWN;
  const lines = [firstLine(snapshot, width, hasColors), countsLine(snapshot), lanesLine(snapshot)];
  return lines.filter((line) => line !== '').map((line) => clipped(line, width)).join('\n');
}

function firstLine(snapshot: ProgressSnapshot, columns: number, hasColors: boolean): string {
  const { phase, done, total, perSecond, etaMs, rows, isIntakeComplete } = snapshot;
  if (phase === 'reading' && done === 0) return ` Reading … ${formatCount(rows)} rows, ${formatCount(total)} IDs`;
  const share = total === 0 ? 0 : done / total;
  const width = Math.max(Math.min(BAR_COLUMNS_MAX, columns - BESIDE_COLUMNS), 0);
  const percent = isIntakeComplete ? `${Math.floor(share * 100)} %`.padStart(5) : ' …   ';
  const left = phase === 'stopping' ? 'stopping' : etaMs === undefined ? '' : `${formatDuration(Math.ceil(etaMs / 1_000) * 1_000)} left`;
  const text = `${formatCount(done)} / ${formatCount(total)}${isIntakeComplete ? '' : '+'}`;
  return [percent, bar(share, width, hasColors), text, `${formatCount(Math.round(perSecond))}/s`, left].filter((part) => part !== '').join('  ');
}

function bar(share: number, width: number, hasColors: boolean): string {
  if (width === 0) return '';
  const full = Math.round(Math.min(share, 1) * width);
  const [done, rest] = ['━'.repeat(full), '─'.repeat(width - full)];
  return hasColors ? styleText('cyan', done, { validateStream: false }) + styleText('dim', rest, { validateStream: false }) : done + rest;
}

function countsLine({ deleted, absent, failed, inFlight, retries }: ProgressSnapshot): string {
  return ` deleted ${formatCount(deleted)} · absent ${formatCount(absent)} · failed ${formatCount(failed)} · in flight ${formatCount(inFlight)} · retries ${formatCount(retries)}`;
}

function lanesLine({ lanes }: ProgressSnapshot): string {
  const shown = lanes.slice(0, LANES_SHOWN_MAX).map(({ name, ratePerSecond, pausedForMs }) => {
    if (pausedForMs > 0) return `${name} throttled, ${formatDuration(pausedForMs)} to wait`;
    return ratePerSecond === Infinity ? `${name} unlimited` : `${name} at ${ratePerSecond < 10 ? ratePerSecond.toFixed(1) : formatCount(Math.round(ratePerSecond))}/s`;
  });
  return shown.length === 0 ? '' : ` lanes  ${shown.join(' · ')}${lanes.length > LANES_SHOWN_MAX ? ` · ${lanes.length - LANES_SHOWN_MAX} more` : ''}`;
}

/** Colour codes take no columns; a line with them is clipped only where it is plainly too long. */
function clipped(line: string, columns: number): string {
  // eslint-disable-next-line no-control-regex -- what is looked for is a control sequence
  const visible = line.replaceAll(/\u001b\[\d+m/g, '');
  return visible.length <= columns ? line : visible.slice(0, columns);
}
