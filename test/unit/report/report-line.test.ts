import { describe, expect, it } from 'vitest';

import type { AnsweredRecord, ReportRecord } from '../../../src/domain/record.ts';
import { reportLine } from '../../../src/report/line.ts';
import * as fc from '../../support/fast-check.ts';
import { imageId } from '../../support/ledger/checkpoint.ts';

const DELETED: AnsweredRecord = {
  outcome: 'deleted',
  id: imageId('a'),
  httpStatus: 200,
  code: undefined,
  message: undefined,
  cfRay: undefined,
  attempts: 1,
  earlierUnknown: false,
  atMs: Date.UTC(2026, 10, 24, 2),
  durationMs: 41,
  source: 'ids.csv',
  line: 12,
};

/** How the lines of an answered ID end. */
const PLACE = '"at":"2026-11-24T02:00:00.000Z","durationMs":41,"source":"ids.csv","line":12';

describe('a line of the report', () => {
  it('of a deleted ID has its fields in order and none without a value', () => {
    expect(reportLine(DELETED)).toBe(`{"id":"a","outcome":"deleted","httpStatus":200,"attempts":1,${PLACE}}\n`);
  });

  it('of a failed ID tells code, message and cf-ray', () => {
    expect(reportLine({ ...DELETED, outcome: 'failed', httpStatus: 400, code: 5400, message: 'Bad "image"', cfRay: 'ray-SIM' })).toBe(
      '{"id":"a","outcome":"failed","httpStatus":400,"code":5400,"message":"Bad \\"image\\"",' +
        `"attempts":1,"cfRay":"ray-SIM",${PLACE}}\n`,
    );
  });

  it('of an absent ID that may be our own doing says so', () => {
    expect(reportLine({ ...DELETED, outcome: 'absent', httpStatus: 404, code: 5404, attempts: 2, earlierUnknown: true })).toBe(
      `{"id":"a","outcome":"absent","httpStatus":404,"code":5404,"attempts":2,"earlierUnknown":true,${PLACE}}\n`,
    );
  });

  it('of an ID that never got any answer holds no status', () => {
    expect(reportLine({ ...DELETED, outcome: 'failed', httpStatus: undefined, message: 'timeout', attempts: 8 })).toContain(
      '"outcome":"failed","message":"timeout","attempts":8,"at"',
    );
  });

  it('of a planned ID tells where it stood and no more', () => {
    expect(reportLine({ outcome: 'planned', id: imageId('a'), source: '-', line: 3 })).toBe(
      '{"id":"a","outcome":"planned","source":"-","line":3}\n',
    );
  });

  it.each([
    [{ rule: 'keep.txt:12', near: false, entry: undefined, earlierUnknown: false }, '"rule":"keep.txt:12",'],
    [
      { rule: 'keep.txt:12', near: true, entry: 'A', earlierUnknown: true },
      '"rule":"keep.txt:12","near":true,"entry":"A","earlierUnknown":true,',
    ],
    [{ rule: undefined, near: false, entry: undefined, earlierUnknown: false }, ''],
  ])('of a protected ID names what holds it: %j', (held, told) => {
    expect(reportLine({ outcome: 'protected', id: imageId('a'), ...held, source: '-', line: 3 })).toBe(
      `{"id":"a","outcome":"protected",${told}"source":"-","line":3}\n`,
    );
  });

  it('of a rejected row begins with the row', () => {
    expect(reportLine({ outcome: 'rejected', raw: 'variants/hero', reason: 'names a sibling route', source: 'ids.csv', line: 13 })).toBe(
      '{"raw":"variants/hero","outcome":"rejected","reason":"names a sibling route","source":"ids.csv","line":13}\n',
    );
  });

  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\u2028', '\ud800', '\u0000', '{', '👩‍🚀') }),
  );
  const place = { source: text, line: fc.nat() };
  const answered = fc.record({
    outcome: fc.constantFrom('deleted' as const, 'absent' as const, 'failed' as const),
    id: text.map((id) => id as AnsweredRecord['id']),
    httpStatus: fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
    code: fc.option(fc.nat(), { nil: undefined }),
    message: fc.option(text, { nil: undefined }),
    cfRay: fc.option(text, { nil: undefined }),
    attempts: fc.nat(),
    earlierUnknown: fc.boolean(),
    atMs: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
    durationMs: fc.nat(),
    ...place,
  });
  const id = text.map((given) => given as AnsweredRecord['id']);
  const planned = fc.record({ outcome: fc.constant('planned' as const), id, ...place });
  const held = fc.record({
    outcome: fc.constant('protected' as const),
    id,
    rule: text,
    near: fc.constant(true),
    entry: text,
    earlierUnknown: fc.constant(true),
    ...place,
  });
  const rejected = fc.record({ outcome: fc.constant('rejected' as const), raw: text, reason: text, ...place });

  function expected(record: ReportRecord): unknown {
    if (!('atMs' in record)) return record;
    const { atMs, earlierUnknown, ...rest } = record;
    return JSON.parse(JSON.stringify({ ...rest, at: new Date(atMs).toISOString(), ...(earlierUnknown ? { earlierUnknown } : {}) }));
  }

  it('reads back as what it was made of, whatever the strings, and is one line', () => {
    fc.assert(
      fc.property(fc.oneof(answered, planned, held, rejected), (record) => {
        const line = reportLine(record);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(line.isWellFormed()).toBe(true);
        expect(JSON.parse(line)).toEqual(expected(record));
      }),
      { numRuns: 1_000 },
    );
  });
});
