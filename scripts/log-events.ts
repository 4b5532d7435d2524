/**
 * Writes docs/logs.md: every event with an example, as the log itself writes it: `npm run docs:logs`. A test fails where the page is stale.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';

import type { PurgeEvent } from '../src/observe/events.ts';
import { openLog } from '../src/observe/log.ts';
import { createLogObserver, LEVELS } from '../src/observe/log-observer.ts';
import { DOCUMENTED_EVENTS } from './documented-events.ts';

const PAGE = new URL('../docs/logs.md', import.meta.url);
const TIME = '2026-11-24T02:00:00.000Z';

const INTRODUCTION = `# Events of the log

Written by \`npm run docs:logs\`: change \`scripts/documented-events.ts\`, not this page.

Where stderr is no terminal, and in the file of \`--log-file\`, the log is one JSON object a line: \`level\`, \`time\` (UTC), \`event\`,
and the fields of the event. On a terminal the same is told in sentences. Names of events and fields are stable: a new version may add
some, and renames or drops none without a new major version. \`--log-level\` says from which level on events are logged.

Of one run:
<!-- not run: needs jq -->
\`\`\`sh
jq -c 'select(.event == "lane.throttled") | [.time, .lane, .waitMs]' purge.log
jq -c 'select(.level == "warn")' purge.log
\`\`\`

\`lane\` is \`"account"\`, or the number of a batch token's lane from 1. Durations end in \`Ms\`. Texts from outside (IDs, messages of
the API) have their control characters escaped, and nothing that is spelled like a token or a key of Cloudflare appears. What a line
lacks of the fields below was not known.

| event | level | when |
|---|---|---|
`;

/** What is logged besides the events of a run. */
const OTHER_LINES = [
  {
    name: 'item.more',
    when: 'So many more IDs failed within that second than were logged one by one.',
    line: { level: 'warn', time: TIME, event: 'item.more', count: 312 },
  },
  {
    name: 'progress',
    when:
      'Each 10 s, where there is no bar (`--progress log`, or stderr is no terminal). `etaSeconds` is left out where it cannot be ' +
      'told. While the list of the account is gone through, `sweep` says how far: `reason` (`newer` or `verify`), `done`, `total` where ' +
      'it is known, `found`. `list` and `verify` log one with counts of their own, with `--progress log` alone.',
    line: {
      level: 'info',
      time: TIME,
      event: 'progress',
      done: 40_120,
      total: 100_000,
      deleted: 40_111,
      absent: 9,
      failed: 0,
      perSecond: 199.8,
      etaSeconds: 300,
    },
  },
] as const;

/** What the page documents, by its name, with its level and a line of the log. */
export interface LoggedEvent {
  readonly name: string;
  readonly level: string;
  readonly when: string;
  readonly line: string;
}

export const LOGGED_EVENTS: readonly LoggedEvent[] = [
  ...Object.values(DOCUMENTED_EVENTS).map(({ when, example }) => ({
    name: example.kind,
    level: LEVELS[example.kind],
    when,
    line: lineOf(example),
  })),
  ...OTHER_LINES.map(({ name, when, line }) => ({ name, level: line.level, when, line: JSON.stringify(line) })),
];

/** The line that the log writes for an event, at a time of day of its own. */
function lineOf(event: PurgeEvent): string {
  let written = '';
  const { logger } = openLog({
    level: 'trace',
    filePath: undefined,
    writeStderr: (text) => (written += text),
    isTerminal: false,
    hasColors: false,
    redact: (text) => text,
  });
  createLogObserver(logger, () => 0).event(event);
  return written.trimEnd().replace(/"time":"[^"]*"/, `"time":"${TIME}"`);
}

/** The page as the events are now. */
export function logsPage(): string {
  const rows = LOGGED_EVENTS.map(({ name, level, when }) => `| [${name}](#${name.replaceAll('.', '')}) | ${level} | ${when} |\n`);
  const sections = LOGGED_EVENTS.map(({ name, line }) => `\n### ${name}\n\`\`\`json\n${line}\n\`\`\`\n`);
  return `${INTRODUCTION}${rows.join('')}\n## Examples\n${sections.join('')}`;
}

if (import.meta.main) writeFileSync(PAGE, logsPage());
