import type { RuleHits } from '../../../domain/summary.ts';
import { formatCount } from '../../../text/format.ts';
import { html, type Html } from '../html.ts';
import type { PageFacts } from '../page-facts.ts';

/** What protects, and what it held. A rule that held none may be a mistake. */
export function rules({ purge: { protectedBy, intake } }: PageFacts): Html {
  return html`<section aria-labelledby="rules">
    <h2 id="rules">What was protected</h2>
    ${
      protectedBy.length === 0
        ? html`<p>No rule protected anything: the purge had no --exclude, --exclude-id or --protect-newer-than.</p>`
        : html`<div class="scroll" tabindex="0" role="region" aria-label="Rules that protect">
              <table>
                <thead>
                  <tr>
                    <th scope="col" class="wide">Rule</th>
                    <th scope="col" class="number">Entries</th>
                    <th scope="col" class="number">IDs held</th>
                    <th scope="col" class="number">Spelled otherwise</th>
                  </tr>
                </thead>
                <tbody>
                  ${protectedBy.map((rule) => ruleRow(rule))}
                </tbody>
              </table>
            </div>
            <p class="small">${formatCount(intake.protected)} of the list’s IDs are protected and were not sent.</p>`
    }
  </section>`;
}

function ruleRow({ rule, entries, held, near }: RuleHits): Html {
  const heldText = held === 0 ? html`<strong>none</strong>` : formatCount(held);
  return html`<tr>
    <td class="wide">${rule}</td>
    <td class="number">${formatCount(entries)}</td>
    <td class="number">${heldText}</td>
    <td class="number">${formatCount(near)}</td>
  </tr>`;
}
