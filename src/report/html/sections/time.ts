import { countOf, formatCount, formatDuration, perSecondText } from '../../../text/format.ts';
import { html, type Html } from '../html.ts';
import type { SpanKind } from '../page-data.ts';
import type { PageFacts, Span, Timeline } from '../page-facts.ts';
import { utc } from '../times.ts';

const SPANS_SHOWN_MAX = 200;
const NOT_RECORDED =
  'Why nothing was sent at times is not on record: an earlier version has written the checkpoint. ' +
  'What is shown instead is when nothing was answered for a minute or longer.';

const CUT = 'There were more than are shown: of a run, the first 2,000 are kept.';

const SPAN_NAMES: Readonly<Record<SpanKind, string>> = {
  throttle: 'throttled',
  outage: 'outage',
  refusal: 'a refusal was in doubt',
  idle: 'no run at work',
  gap: 'nothing answered',
};

interface Legend {
  readonly name: string;
  readonly swatch: string;
}

interface Chart {
  readonly id: string;
  readonly title: string;
  readonly says: string;
  readonly legend: readonly Legend[];
}

/** The charts are drawn by the script of the page; what they show is said in words for those who do not see them. */
export function overTime(facts: PageFacts): Html | undefined {
  const { timeline } = facts;
  if (timeline.answered === undefined) return undefined;
  return html`<section aria-labelledby="time">
      <h2 id="time">Over time</h2>
      ${timeline.series === undefined ? tooShort(timeline) : charts(facts, timeline.series)}
    </section>
    ${heldUp(timeline)}`;
}

function tooShort({ answered, latency }: Timeline): Html {
  const took = answered === undefined ? 0 : answered.lastMs - answered.firstMs;
  return html`<p>All answers came within ${formatDuration(took)}: too short for a chart. ${latencyText(latency)}</p>`;
}

function charts({ purge, timeline }: PageFacts, series: NonNullable<Timeline['series']>): Html {
  const kinds = [...new Set(timeline.spans.map(({ kind }) => kind))];
  const rateMax = Math.max(0, ...series.rate.map((rate) => rate ?? 0));
  const outcomes: readonly Legend[] = ['deleted', 'absent', 'failed'].map((name) => ({ name, swatch: name }));
  const all: readonly Chart[] = [
    {
      id: 'progress',
      title: 'Progress',
      says: progressText(purge),
      legend: outcomes,
    },
    {
      id: 'rate',
      title: 'Rate',
      says: `IDs a second: ${perSecondText(rateMax)} at most.`,
      legend: [{ name: 'IDs a second', swatch: 'rate' }],
    },
    {
      id: 'latency',
      title: 'Latency',
      says: `How long requests took. ${latencyText(timeline.latency)}`,
      legend: [
        { name: 'half of them', swatch: 'p50' },
        { name: '95 %', swatch: 'p95' },
        { name: '99 %', swatch: 'p99' },
      ],
    },
  ];
  return html`<p class="small">
      Times are UTC. ${kinds.length === 0 ? undefined : 'Shaded:'}
      ${kinds.map(
        (kind) => html`<span class="key"><span class="swatch ${kind}" aria-hidden="true"></span>${SPAN_NAMES[kind]}</span> `,
      )}<span class="screen">Drag over a chart to look closer. <button type="button" id="zoom-out" hidden>Show all</button></span>
    </p>
    ${all.map((chart) => figure(chart))}
    <noscript><p>The charts and the table of IDs are drawn by the script of this page, which does not run here.</p></noscript>
    <details id="numbers" class="screen">
      <summary>The numbers of these charts</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="The numbers of the charts"></div>
    </details>`;
}

function figure({ id, title, says, legend }: Chart): Html {
  return html`<figure>
    <figcaption>
      <h3>${title}</h3>
      <span class="legend"
        >${legend.map(
          ({ name, swatch }) => html`<span class="key"><span class="swatch ${swatch}" aria-hidden="true"></span>${name}</span> `,
        )}</span
      ><span class="readout" data-readout="${id}" aria-hidden="true"></span>
    </figcaption>
    <div class="plot" data-chart="${id}" role="img" aria-label="${`${title}. ${says}`}"></div>
  </figure>`;
}

function progressText({ outcomes: { deleted, absent, failed } }: PageFacts['purge']): string {
  const counts = `${formatCount(deleted)} deleted, ${formatCount(absent)} absent, ${formatCount(failed)} failed`;
  return `IDs with an outcome, added up: ${counts} at the end.`;
}

/** Durations are counted in bins that are at most so wide. */
function latencyText(latency: Timeline['latency']): string {
  if (latency === undefined) return '';
  const { p50, p95, p99 } = latency;
  const [half, most, nearlyAll] = [p50, p95, p99].map((ms) => formatDuration(ms));
  return `Half of the requests took at most ${half}, 95 % at most ${most}, 99 % at most ${nearlyAll} (within 3 %).`;
}

function heldUp({ spans, isRecorded, isCut }: Timeline): Html {
  return html`<section aria-labelledby="held-up">
    <h2 id="held-up">Throttles, outages, pauses</h2>
    ${isRecorded ? undefined : html`<p>${NOT_RECORDED}</p>`} ${isCut ? html`<p>${CUT}</p>` : undefined}
    ${spans.length === 0 ? html`<p>${isRecorded ? 'Nothing held the purge up.' : 'There was no such time.'}</p>` : spanTable(spans)}
  </section>`;
}

function spanTable(spans: readonly Span[]): Html {
  const byKind = [...Map.groupBy(spans, ({ kind }) => kind)];
  const longest = spans.toSorted((a, b) => lasted(b) - lasted(a)).slice(0, SPANS_SHOWN_MAX);
  const shown = longest.toSorted((a, b) => a.fromMs - b.fromMs);
  return html`<ul>
      ${byKind.map(([kind, ofKind]) => html`<li>${totalText(kind, ofKind)}</li>`)}
    </ul>
    <details>
      <summary>
        ${shown.length === spans.length ? 'Each of them' : `The longest ${SPANS_SHOWN_MAX} of ${formatCount(spans.length)}`}
      </summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Throttles, outages and pauses">
        <table>
          <thead>
            <tr>
              <th scope="col">From (UTC)</th>
              <th scope="col">What</th>
              <th scope="col" class="number">Took</th>
              <th scope="col">Lane</th>
            </tr>
          </thead>
          <tbody>
            ${shown.map(
              (span) =>
                html`<tr>
                  <td>${utc(span.fromMs)}</td>
                  <td>
                    <span class="swatch ${span.kind}" aria-hidden="true"></span
                    >${SPAN_NAMES[span.kind]}${span.times === 1 ? undefined : `, ${formatCount(span.times)} times`}
                  </td>
                  <td class="number">${formatDuration(lasted(span))}</td>
                  <td>${laneText(span.lane)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`;
}

function lasted({ fromMs, toMs }: Span): number {
  return toMs - fromMs;
}

function totalText(kind: SpanKind, spans: readonly Span[]): string {
  const times = spans.reduce((sum, span) => sum + span.times, 0);
  const took = formatDuration(spans.reduce((sum, span) => sum + lasted(span), 0));
  return `${SPAN_NAMES[kind]}: ${countOf(times, 'time')}, ${took} in all`;
}

function laneText(lane: string): string {
  if (lane === 'account') return 'the account’s own';
  return /^\d+$/.test(lane) ? `batch token ${lane}` : lane;
}
