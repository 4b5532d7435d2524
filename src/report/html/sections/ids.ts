import type { ReportRecord } from '../../../domain/record.ts';
import type { FailureKind } from '../../../domain/summary.ts';
import { escapeForTerminal } from '../../../text/escape.ts';
import { countOf, formatCount } from '../../../text/format.ts';
import { shellPath } from '../../../text/shell-word.ts';
import { html, type Html } from '../html.ts';
import type { TableRow } from '../page-data.ts';
import type { PageFacts } from '../page-facts.ts';

export function failures({ purge, failureKinds }: PageFacts): Html | undefined {
  const { failed } = purge.outcomes;
  if (failed === 0) return undefined;
  const told = failureKinds.reduce((sum, { count }) => sum + count, 0);
  return html`<section aria-labelledby="failures">
    <h2 id="failures">Failures by cause</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of failures">
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">IDs</th>
            <th scope="col">Status</th>
            <th scope="col">Code</th>
            <th scope="col" class="wide">Message</th>
          </tr>
        </thead>
        <tbody>
          ${failureKinds.map(kindRow)}
        </tbody>
      </table>
    </div>
    ${told < failed ? html`<p class="small">Left out here: ${countOf(failed - told, 'failure')} of rarer causes.</p>` : undefined}
  </section>`;
}

function kindRow({ count, httpStatus, code, message }: FailureKind): Html {
  return html`<tr>
    <td class="number">${formatCount(count)}</td>
    <td>${httpStatus ?? 'no answer'}</td>
    <td>${code ?? '–'}</td>
    <td class="wide">${message ?? '–'}</td>
  </tr>`;
}

/** Searched, sorted and paged by the script of the page. */
export function idTable(facts: PageFacts): Html | undefined {
  const { outcomes, records, totalCount } = facts.table;
  if (totalCount === 0) return undefined;
  const named = outcomes.join(', ');
  const isAll = records.length >= totalCount;
  return html`<section aria-labelledby="ids">
    <h2 id="ids">IDs: ${named}</h2>
    <p class="small">${isAll ? `All ${formatCount(totalCount)}.` : leftOut(facts)}</p>
    <p class="screen tools">
      <label for="search">Search</label> <input id="search" type="search" autocomplete="off" spellcheck="false" />
      <span id="found" role="status"></span>
    </p>
    <div class="scroll" id="id-table" tabindex="0" role="region" aria-label="The IDs one by one"></div>
    <p class="pager tools">
      <button type="button" id="earlier" class="screen">Earlier</button> <span id="page"></span>
      <button type="button" id="later" class="screen">Later</button>
    </p>
  </section>`;
}

function leftOut({ table: { outcomes, records, totalCount }, checkpointPaths }: PageFacts): Html {
  const [shown, total, others] = [records.length, totalCount, totalCount - records.length].map(formatCount);
  const command = `images-purge report ${checkpointPaths.map(shellPath).join(' ')} --outcome ${outcomes.join(',')}`;
  return html`The first ${shown} of ${total}, in the order of the source. ${others} are left out here. All of them:
    <code>${command}</code>`;
}

export function tableRow(record: ReportRecord): TableRow {
  const { outcome, source, line } = record;
  const place = [escapeForTerminal(source === '-' ? 'standard input' : source), line] as const;
  switch (outcome) {
    case 'rejected':
      return [escapeForTerminal(record.raw), outcome, null, '', escapeForTerminal(record.reason), null, null, ...place];
    case 'protected':
      return [escapeForTerminal(record.id), outcome, null, '', escapeForTerminal(record.rule ?? ''), null, null, ...place];
    case 'planned':
    case 'pending':
      return [escapeForTerminal(record.id), outcome, null, '', escapeForTerminal(record.asked ?? ''), null, null, ...place];
    case 'deleted':
    case 'absent':
    case 'failed': {
      const { id, httpStatus, code, message, attempts, atMs } = record;
      const told = [escapeForTerminal(String(code ?? '')), escapeForTerminal(message ?? '')] as const;
      return [escapeForTerminal(id), outcome, httpStatus ?? null, ...told, attempts, atMs, ...place];
    }
  }
}
