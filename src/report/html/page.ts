import { createHash } from 'node:crypto';

import { VERSION } from '../../domain/version.ts';
import { pageScript, pageStyle } from './assets.ts';
import { Html, html, jsonInHtml } from './html.ts';
import type { PageData } from './page-data.ts';
import type { PageFacts } from './page-facts.ts';
import { failures, idTable, tableRow } from './sections/ids.ts';
import { rules } from './sections/rules.ts';
import { facts as factList, header, outcomes, verdict } from './sections/summary.ts';
import { overTime } from './sections/time.ts';
import { utc } from './times.ts';

/** One page with all that it needs in it. It may load nothing, send nothing, and run no script but its own. */
export function renderPage(facts: PageFacts): string {
  const [script, style] = [pageScript(), pageStyle()];
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    // Not even the page's own script makes HTML of a text.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>${verdict(facts)} – images-purge</title>
        ${inlined('style', style)}
      </head>
      <body>
        <main>
          ${header(facts)} ${outcomes(facts)} ${overTime(facts)} ${failures(facts)} ${idTable(facts)} ${rules(facts)} ${factList(facts)}
        </main>
        <footer>
          <p>
            Written by images-purge ${VERSION} at ${utc(facts.writtenAtMs)} UTC. Deleted, absent and failed are what the API answered; the
            checkpoint is the record.
          </p>
        </footer>
        ${inlined('script', String(jsonInHtml(dataOf(facts))), ' type="application/json" id="data"')} ${inlined('script', script)}
      </body>
    </html> `.toString();
}

function dataOf({ timeline: { series, spans }, table }: PageFacts): PageData {
  return {
    series: series === undefined ? null : { ...series, spans: spans.map(({ kind, fromMs, toMs }) => ({ kind, fromMs, toMs })) },
    rows: table.records.map((record) => tableRow(record)),
  };
}

/** Without a space more: the policy names the hash of exactly this text. */
function inlined(name: 'script' | 'style', text: string, attributes = ''): Html {
  return new Html(`<${name}${attributes}>${text}</${name}>`);
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
