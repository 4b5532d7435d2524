import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { LOGGED_EVENTS, logsPage } from '../../../scripts/log-events.ts';
import { LEVELS } from '../../../src/observe/log-observer.ts';
import { SRC_MODULES } from '../../support/src-modules.ts';

const PAGE = readFileSync(new URL('../../../docs/logs.md', import.meta.url), 'utf8');
const NAMES = LOGGED_EVENTS.map(({ name }) => name);

it('the page about the log is what the log writes; if not: npm run docs:logs', () => {
  expect(PAGE).toBe(logsPage());
});

it('every event that a run can log is documented with an example, and every documented one exists', () => {
  // A run logs its events, whose kinds the type checker holds in LEVELS, and what `observe/` writes by itself.
  const written = SRC_MODULES.flatMap(({ text }) =>
    [...text.matchAll(/logger(?:\.\w+|\[\w+\])\(\{ event: ('[^']+'|\w+)/g)].map(([, name = '']) => name),
  );
  const literal = written.filter((name) => name.startsWith("'")).map((name) => name.slice(1, -1));
  expect(written.filter((name) => !name.startsWith("'"))).toEqual(['kind']);
  expect(NAMES.toSorted()).toEqual([...Object.keys(LEVELS), ...literal].toSorted());
  // Whatever else would write to a logger has to come through the two ways above.
  const calls = SRC_MODULES.flatMap(({ text }) => [...text.matchAll(/\blogger(?:\.(?:trace|debug|info|warn|error|fatal)|\[\w+\])\(/g)]);
  expect(calls).toHaveLength(written.length);
});

it('each example is one line of JSON that names its level, time and event first', () => {
  for (const { name, level, line } of LOGGED_EVENTS) {
    expect(line).not.toContain('\n');
    const fields = JSON.parse(line) as Record<string, unknown>;
    expect(Object.keys(fields).slice(0, 3)).toEqual(['level', 'time', 'event']);
    expect(fields).toMatchObject({ level, event: name });
  }
});
