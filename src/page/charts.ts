import uPlot from 'uplot';

import type { Series } from '../report/html/page-data.ts';
import { utc } from '../report/html/times.ts';
import { byId, countText, durationText, element, rateText, shortCount } from './elements.ts';

const HEIGHT = 180;
/** Of a page of A4: the browser lays out for paper only after it has been told what to print. */
const PRINT_WIDTH = 660;
const AXIS_WIDTH = 62;
const SYNC_KEY = 'time';
const GAP_BUCKETS_MAX = 2;
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the library's enum is of types alone, so its number stands here
const LOGARITHMIC = 3 as uPlot.Scale.Distr.Logarithmic;

interface Line {
  readonly name: string;
  /** The part of `--colour-…` in the style sheet. */
  readonly colour: string;
  readonly values: readonly (number | null | undefined)[];
  readonly isFilled?: boolean;
  readonly dash?: number[];
}

interface Chart {
  readonly id: string;
  readonly lines: readonly Line[];
  readonly text: (value: number) => string;
  readonly axisText: (value: number) => string;
  /** Latencies differ by orders of magnitude. */
  readonly isLogarithmic?: boolean;
}

/** Draws all charts, and again where colours or width become others: on paper, in the dark. */
export function drawCharts(series: Series): void {
  const times = series.deleted.map((_, at) => (series.startMs + at * series.bucketMs) / 1_000);
  let drawn: uPlot[] = [];
  const draw = (width?: number): void => {
    for (const chart of drawn) chart.destroy();
    drawn = chartsOf(series).flatMap((chart) => drawOne(chart, series, times, width));
  };
  draw();
  fillNumbers(series, times);

  byId('zoom-out')?.addEventListener('click', () => {
    for (const chart of drawn) chart.setScale('x', { min: times[0] ?? 0, max: times.at(-1) ?? 0 });
  });
  for (const query of ['(prefers-color-scheme: dark)', 'print']) matchMedia(query).addEventListener('change', () => draw(printWidth()));
  addEventListener('beforeprint', () => draw(PRINT_WIDTH));
  addEventListener('afterprint', () => draw());
  addEventListener('resize', () => {
    for (const chart of drawn) {
      const width = printWidth() ?? chart.root.parentElement?.clientWidth;
      if (width !== undefined && width !== chart.width) chart.setSize({ width, height: HEIGHT });
    }
  });
}

function printWidth(): number | undefined {
  return matchMedia('print').matches ? PRINT_WIDTH : undefined;
}

function chartsOf({ deleted, absent, failed, rate, p50, p95, p99 }: Series): Chart[] {
  return [
    {
      id: 'progress',
      text: countText,
      axisText: shortCount,
      lines: [
        { name: 'deleted', colour: 'deleted', values: addedUp(deleted), isFilled: true },
        { name: 'absent', colour: 'absent', values: addedUp(absent) },
        { name: 'failed', colour: 'failed', values: addedUp(failed) },
      ],
    },
    { id: 'rate', text: rateText, axisText: rateText, lines: [{ name: 'answered', colour: 'rate', values: rate, isFilled: true }] },
    {
      id: 'latency',
      text: durationText,
      axisText: durationText,
      isLogarithmic: true,
      lines: [
        { name: 'half', colour: 'p50', values: joined(p50) },
        { name: '95 %', colour: 'p95', values: joined(p95), dash: [6, 3] },
        { name: '99 %', colour: 'p99', values: joined(p99), dash: [2, 3] },
      ],
    },
  ];
}

function addedUp(counts: readonly number[]): number[] {
  let sum = 0;
  return counts.map((count) => (sum += count));
}

/**
 * A line goes on over a bucket or two without an answer, and breaks where there were none for longer. The library draws on over
 * `undefined`. A logarithm has no 0.
 */
function joined(values: readonly (number | null)[]): (number | null | undefined)[] {
  return values.map((value, at) => {
    if (value !== null) return Math.max(value, 1);
    const [before, after] = [values.slice(Math.max(at - GAP_BUCKETS_MAX, 0), at), values.slice(at + 1, at + 1 + GAP_BUCKETS_MAX)];
    const nextTo = before.toReversed().findIndex((near) => near !== null) + after.findIndex((near) => near !== null);
    const isShort = [before, after].every((side) => side.some((near) => near !== null)) && nextTo < GAP_BUCKETS_MAX;
    return isShort ? undefined : null;
  });
}

function drawOne(chart: Chart, series: Series, times: readonly number[], width?: number): uPlot[] {
  const place = document.querySelector<HTMLElement>(`[data-chart="${chart.id}"]`);
  if (place === null) return [];
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const options: uPlot.Options = {
    width: width ?? place.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC'),
    legend: { show: false },
    cursor: { sync: { key: SYNC_KEY }, drag: { x: true, y: false }, points: { size: 6 } },
    padding: [8, 28, 0, 0],
    scales: { x: { time: true }, y: chart.isLogarithmic === true ? { distr: LOGARITHMIC, range: withRoom } : { range: fromZero } },
    axes: axesOf(chart, colour),
    series: [
      {},
      ...chart.lines.map(({ colour: name, isFilled, dash }) => ({
        stroke: colour(name),
        width: 1.75,
        points: { show: false },
        ...(isFilled === true ? { fill: `${colour(name)}2e` } : {}),
        ...(dash === undefined ? {} : { dash }),
      })),
    ],
    hooks: {
      drawClear: [(plot) => shade(plot, series, colour)],
      setCursor: [(plot) => readOut(chart, series, plot.cursor.idx)],
      setScale: [(plot, key) => key === 'x' && offerZoomOut(plot, times)],
    },
  };
  return [new uPlot(options, [[...times], ...chart.lines.map(({ values }) => [...values])], place)];
}

function axesOf(chart: Chart, colour: (name: string) => string): uPlot.Axis[] {
  const axis = { stroke: colour('faint'), grid: { stroke: colour('grid'), width: 1 }, ticks: { stroke: colour('grid'), width: 1 } };
  // The library takes `null` for a line that is not drawn; its types do not know it.
  const labelled = (_: uPlot, splits: number[]): number[] => splits.map((value) => (isLabelled(chart, value) ? value : null) as number);
  return [
    { ...axis, values: axisTimes },
    {
      ...axis,
      size: AXIS_WIDTH,
      grid: { ...axis.grid, filter: labelled },
      ticks: { ...axis.ticks, filter: labelled },
      filter: (_, splits) => splits,
      values: (_, splits) => splits.map((value) => (isLabelled(chart, value) ? chart.axisText(value) : '')),
    },
  ];
}

function fromZero(_: uPlot, __: number, max: number): uPlot.Range.MinMax {
  return [0, Math.max(max * 1.05, 1)];
}

function withRoom(_: uPlot, min: number, max: number): uPlot.Range.MinMax {
  return uPlot.rangeLog(min / 1.3, max * 1.3, 10, false);
}

/** `03:00`, and the day where it is another one: in the order in which dates are written everywhere else on the page. */
function axisTimes(_: uPlot, splits: readonly number[], __: number, ___: number, stepSeconds: number): string[] {
  let day = '';
  return splits.map((seconds) => {
    const text = utc(seconds * 1_000, true);
    const time = stepSeconds < 1 ? text.slice(11, 21) : stepSeconds < 60 ? text.slice(11, 19) : text.slice(11, 16);
    const isOtherDay = text.slice(0, 10) !== day;
    day = text.slice(0, 10);
    return isOtherDay ? `${time}\n${day}` : time;
  });
}

/** Of a logarithmic axis 1, 2, 5 and their tens: its other lines stand too close for texts. */
function isLabelled({ isLogarithmic }: Chart, value: number): boolean {
  return isLogarithmic !== true || /^[125](?:e|$)/.test(value.toExponential().replace('.0', ''));
}

/** What held the purge up, behind the lines; at least so wide that it is seen. */
function shade(plot: uPlot, { spans }: Series, colour: (name: string) => string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { kind, fromMs, toMs } of spans) {
    const from = plot.valToPos(fromMs / 1_000, 'x', true);
    const to = plot.valToPos(toMs / 1_000, 'x', true);
    ctx.fillStyle = colour(`span-${kind}`);
    ctx.fillRect(from, bbox.top, Math.max(to - from, devicePixelRatio), bbox.height);
  }
  ctx.restore();
}

function readOut({ id, lines, text }: Chart, { startMs, bucketMs }: Series, at: number | null | undefined): void {
  const readout = document.querySelector(`[data-readout="${id}"]`);
  if (readout === null) return;
  if (at === null || at === undefined) {
    readout.textContent = '';
    return;
  }
  const values = lines.map(({ name, values: all }) => {
    const value = all[at];
    return `${name} ${value === null || value === undefined ? '–' : text(value)}`;
  });
  readout.textContent = `${utc(startMs + at * bucketMs, bucketMs < 1_000)}  ${values.join(', ')}`;
}

function offerZoomOut(plot: uPlot, times: readonly number[]): void {
  const button = byId('zoom-out');
  const { min, max } = plot.scales['x'] ?? {};
  if (button !== null && min !== undefined && max !== undefined) button.hidden = min <= (times[0] ?? 0) && max >= (times.at(-1) ?? 0);
}

/** The same as a table, made when somebody opens it. */
function fillNumbers(series: Series, times: readonly number[]): void {
  const details = byId('numbers');
  const place = details?.querySelector('div');
  details?.addEventListener(
    'toggle',
    () => {
      const table = element('table');
      const head = table.createTHead().insertRow();
      for (const name of ['From (UTC)', 'Deleted', 'Absent', 'Failed', 'Half within', '95 % within', '99 % within']) {
        const cell = element('th', name, name.startsWith('From') ? '' : 'number');
        cell.scope = 'col';
        head.append(cell);
      }
      const body = table.createTBody();
      times.forEach((seconds, at) => {
        const row = body.insertRow();
        row.append(element('td', utc(seconds * 1_000, series.bucketMs < 1_000)));
        for (const counts of [series.deleted, series.absent, series.failed])
          row.append(element('td', countText(counts[at] ?? 0), 'number'));
        for (const durations of [series.p50, series.p95, series.p99]) {
          const ms = durations[at];
          row.append(element('td', ms === null || ms === undefined ? '–' : durationText(ms), 'number'));
        }
      });
      place?.replaceChildren(table);
    },
    { once: true },
  );
}
