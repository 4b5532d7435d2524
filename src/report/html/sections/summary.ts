import { isCloudflare } from '../../../domain/base-url.ts';
import type { PurgeFacts } from '../../../domain/summary.ts';
import { countOf, formatCount, formatDuration } from '../../../text/format.ts';
import { sourceText } from '../../../text/source-text.ts';
import { type Content, html, type Html } from '../html.ts';
import type { PageFacts } from '../page-facts.ts';
import { utc } from '../times.ts';

const PRICED_IMAGES = 100_000;
const MONTHS = 12;

/** What a person who reads one line reads. Absent is told apart: what was never there was not deleted. */
export function verdict({ purge: { state, outcomes, pending } }: Pick<PageFacts, 'purge'>): string {
  if (state === 'planned') return `${countOf(pending + outcomes.planned, 'image')} would be deleted`;
  return `${countOf(outcomes.deleted, 'image')} deleted`;
}

export function header(facts: PageFacts): Html {
  return html`<header>
    <p class="over">Purge of Cloudflare Images</p>
    <h1>${verdict(facts)}</h1>
    <p class="lead">${stateMark(facts)} ${howItStands(facts)}</p>
    ${facts.purge.note === null ? undefined : html`<blockquote class="note"><p>${facts.purge.note}</p></blockquote>`}
  </header>`;
}

function stateMark({ purge, isRunning }: PageFacts): Html {
  if (isRunning) return html`<strong class="mark running">at work</strong>`;
  if (purge.state === 'finished' && purge.outcomes.failed > 0) return html`<strong class="mark failed">finished, with failures</strong>`;
  return html`<strong class="mark ${purge.state}">${purge.state}</strong>`;
}

function howItStands({ purge, lastEnd, isRunning, missingShards, timeline: { answered }, writtenAtMs }: PageFacts): string {
  const { state, outcomes, pending } = purge;
  const took = answered === undefined ? '' : ` in ${formatDuration(answered.lastMs - answered.firstMs)}, from first to last answer`;
  const parts = [
    isRunning ? `A run was at work on it when this page was written, at ${utc(writtenAtMs)} UTC.` : '',
    state === 'planned' ? 'This is a plan: nothing was sent.' : '',
    state === 'finished' && answered !== undefined ? `Done${took}.` : '',
    outcomes.absent > 0 ? `${countOf(outcomes.absent, 'ID')} ${outcomes.absent === 1 ? 'was' : 'were'} absent.` : '',
    outcomes.failed > 0 ? `${countOf(outcomes.failed, 'ID')} failed.` : '',
    state === 'unfinished' && pending > 0 ? `${countOf(pending, 'ID')} ${pending === 1 ? 'is' : 'are'} still to be sent.` : '',
    state === 'unfinished' && !isRunning ? whyItEnded(lastEnd) : '',
    missingShards.length === 0 ? '' : `Without shard ${missingShards.join(', ')}: the list is not whole here.`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function whyItEnded(lastEnd: PageFacts['lastEnd']): string {
  if (lastEnd === undefined) return 'Its last run did not write how it ended: it was killed.';
  return `The last run ended with exit code ${lastEnd.exitCode}: ${lastEnd.error?.message ?? lastEnd.endedBecause}`;
}

interface Part {
  readonly label: string;
  readonly count: number;
  readonly kind: string;
  readonly isHiddenAtZero?: boolean;
}

export function outcomes({ purge, price }: PageFacts): Html {
  const parts = partsOf(purge);
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const shown = parts.filter(({ count, isHiddenAtZero }) => count > 0 || isHiddenAtZero !== true);
  return html`<section aria-labelledby="outcomes">
    <h2 id="outcomes">Outcomes</h2>
    ${bar(parts, total)}
    <ul class="tiles">
      ${shown.map(
        ({ label, count, kind }) =>
          html`<li class="tile ${kind}">
            <span class="label">${label}</span> <span class="count">${formatCount(count)}</span>
            <span class="share">${shareOf(count, total)}</span>
          </li>`,
      )}${moneyTile(purge, price)}
    </ul>
    <p class="small">${intakeText(purge)}</p>
  </section>`;
}

function partsOf({ outcomes, intake, pending, state }: PurgeFacts): Part[] {
  const planned = outcomes.planned + (state === 'planned' ? pending : 0);
  const isPlan = state === 'planned';
  return [
    { label: 'deleted', count: outcomes.deleted, kind: 'deleted', isHiddenAtZero: isPlan },
    { label: 'absent', count: outcomes.absent, kind: 'absent', isHiddenAtZero: isPlan },
    { label: 'failed', count: outcomes.failed, kind: 'failed', isHiddenAtZero: isPlan },
    { label: 'planned', count: planned, kind: 'planned', isHiddenAtZero: true },
    { label: 'still to be sent', count: isPlan ? 0 : pending, kind: 'pending', isHiddenAtZero: true },
    { label: 'protected', count: intake.protected, kind: 'protected' },
    { label: 'rejected rows', count: intake.rejected, kind: 'rejected' },
  ];
}

/** Attributes of SVG, because the page allows no inline style. The numbers are below it. */
function bar(parts: readonly Part[], total: number): Html | undefined {
  if (total === 0) return undefined;
  const counts = parts.map(({ count }) => count);
  const before = counts.map((_, at) => counts.slice(0, at).reduce((sum, count) => sum + count, 0));
  const rects = parts.map(({ count, kind }, at) =>
    count === 0
      ? undefined
      : html`<rect class="${kind}" x="${place(before[at] ?? 0, total)}" y="0" width="${place(count, total)}" height="10" />`,
  );
  return html`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">${rects}</svg>`;
}

function place(count: number, total: number): string {
  return ((count * 1_000) / total).toFixed(2);
}

/** No outcome that is there is 0 %, and none is all where something else is there. */
function shareOf(count: number, total: number): string {
  if (count === 0 || total === 0) return '';
  const percent = (count * 100) / total;
  if (percent < 0.1) return 'under 0.1 %';
  if (count < total && percent > 99.9) return 'over 99.9 %';
  return `${percent.toFixed(1).replace(/\.0$/, '')} %`;
}

function intakeText({ intake: { rows, accepted, duplicates, skipped, complete } }: PurgeFacts): string {
  const more = [
    duplicates === 0 ? '' : `${countOf(duplicates, 'duplicate')} left out`,
    skipped === 0 ? '' : `${countOf(skipped, 'row')} skipped`,
  ].filter((part) => part !== '');
  const list = `${countOf(rows, 'row')} read${complete ? '' : ' so far'}, ${countOf(accepted, 'ID')} accepted`;
  return `${[list, ...more].join(', ')}.`;
}

function moneyTile({ outcomes: { deleted }, state, pending }: PurgeFacts, price: number): Html | undefined {
  const count = state === 'planned' ? pending : deleted;
  if (price === 0 || count === 0) return undefined;
  const monthly = (count * price) / PRICED_IMAGES;
  return html`<li class="tile money">
    <span class="label">${state === 'planned' ? 'would save' : 'saved'} a month</span> <span class="count">${money(monthly)}</span>
    <span class="share">${money(monthly * MONTHS)} a year, at ${price} USD a month for 100,000 stored images</span>
  </li>`;
}

function money(usd: number): string {
  return usd < 0.01 ? 'under 0.01 USD' : `${formatCount(Number(usd.toFixed(2)))} USD`;
}

export function facts({ purge, checkpointPaths, timeline: { answered, runs }, lastEnd }: PageFacts): Html {
  const rows: readonly (readonly [string, Content])[] = [
    ['Account', html`<code>${purge.account}</code>`],
    ['API root', isCloudflare(purge.baseUrl) ? undefined : html`${purge.baseUrl}, <strong>which is not Cloudflare’s</strong>`],
    ['Digest', purge.digest === null ? undefined : html`<code>${purge.digest}</code>`],
    [purge.sources.length === 1 ? 'Source' : 'Sources', purge.sources.map((source) => html`<div>${sourceText(source)}</div>`)],
    ['First answer', answered === undefined ? undefined : `${utc(answered.firstMs)} UTC`],
    ['Last answer', answered === undefined ? undefined : `${utc(answered.lastMs)} UTC`],
    ['Runs', runs.length === 0 ? undefined : runsText(runs)],
    ['Exit code', lastEnd === undefined ? undefined : `${lastEnd.exitCode} (${lastEnd.endedBecause})`],
    ['Requests of the last run', purge.run.requests === 0 ? undefined : requestsText(purge)],
    ['Backup', purge.backupFolders.length === 0 ? undefined : purge.backupFolders.map((folder) => html`<div>${folder}</div>`)],
    [checkpointPaths.length === 1 ? 'Checkpoint' : 'Checkpoints', checkpointPaths.map((path) => html`<div>${path}</div>`)],
    ['Purge', html`<code>${purge.job}</code>`],
  ];
  return html`<section aria-labelledby="facts">
    <h2 id="facts">About this purge</h2>
    <dl class="facts">
      ${rows.map(([name, value]) =>
        value === undefined
          ? undefined
          : html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
      )}
    </dl>
  </section>`;
}

function runsText(runs: PageFacts['timeline']['runs']): string {
  const killed = runs.filter(({ hasEnded }) => !hasEnded).length;
  return `${formatCount(runs.length)}${killed === 0 ? '' : `, ${formatCount(killed)} of them without an end on record`}`;
}

function requestsText({ run: { requests, retries, throttled } }: PurgeFacts): string {
  return `${formatCount(requests)}; ${formatCount(retries)} tried again, ${formatCount(throttled)} throttled`;
}
