import { parse } from 'csv-parse/sync';
import * as fc from '../../support/fast-check.ts';
import { describe, expect, it } from 'vitest';

import type { AnsweredRecord } from '../../../src/domain/record.ts';
import { isReportHeader } from '../../../src/domain/result-fields.ts';
import { csvHeader, csvLine } from '../../../src/report/csv.ts';
import { imageId } from '../../support/ledger/checkpoint.ts';

const FAILED: AnsweredRecord = {
  outcome: 'failed',
  id: imageId('shop/hero.jpg'),
  httpStatus: 400,
  code: 5400,
  message: 'Bad "image", try\nagain',
  cfRay: 'ray-SIM',
  attempts: 2,
  earlierUnknown: true,
  atMs: Date.UTC(2026, 10, 24, 2),
  durationMs: 41,
  source: 'ids.csv',
  line: 12,
};

const HEADER = 'id,outcome,httpStatus,code,message,attempts,earlierUnknown,cfRay,at,durationMs,rule,near,entry,source,line,raw,reason';

/** The cells of one line as a reader of RFC 4180 sees them, by column. */
function cellsOf(line: string): Record<string, string> {
  const rows = parse<Record<string, string>>(csvHeader() + line, { columns: true, record_delimiter: '\r\n', relax_quotes: false });
  expect(rows).toHaveLength(1);
  return rows[0] ?? {};
}

describe('a report as CSV', () => {
  it('has a header and rows with as many cells, all ended by CR LF', () => {
    expect(csvHeader()).toBe(`${HEADER}\r\n`);
    expect(csvLine(FAILED)).toBe(
      'shop/hero.jpg,failed,400,5400,"Bad ""image"", try\nagain",2,true,ray-SIM,2026-11-24T02:00:00.000Z,41,,,,ids.csv,12,,\r\n',
    );
    expect(
      csvLine({
        outcome: 'protected',
        id: imageId('a'),
        rule: 'keep.txt:2',
        near: true,
        entry: 'A',
        earlierUnknown: false,
        source: '-',
        line: 3,
      }),
    ).toBe("a,protected,,,,,,,,,keep.txt:2,true,A,'-,3,,\r\n");
    expect(csvLine({ outcome: 'rejected', raw: '', reason: 'empty', source: 'ids.csv', line: 13 })).toBe(
      ',rejected,,,,,,,,,,,,ids.csv,13,,empty\r\n',
    );
  });

  it('leaves cells empty that have no value', () => {
    const { message, code, cfRay, earlierUnknown } = cellsOf(
      csvLine({ ...FAILED, code: undefined, message: undefined, cfRay: undefined, earlierUnknown: false }),
    );
    expect([message, code, cfRay, earlierUnknown]).toEqual(['', '', '', '']);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '＝1+1', '＋1', '－1', '＠SUM(A1)', '\t=1', '\r=1', '\n=1'])(
    'keeps a spreadsheet from running the cell %j',
    (cell) => {
      expect(cellsOf(csvLine({ ...FAILED, message: cell }))['message']).toBe(`'${cell}`);
      expect(cellsOf(csvLine({ outcome: 'rejected', raw: cell, reason: 'unusable', source: 'ids.csv', line: 1 }))['raw']).toBe(`'${cell}`);
    },
  );

  it('reads back as what it was made of, but for that apostrophe', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', "'", '=', 'a', ' ') }));
    fc.assert(
      fc.property(text, text, (message, source) => {
        const cells = cellsOf(csvLine({ ...FAILED, message, source }));
        expect(cells['message']?.replace(/^'(?=[=+\-@＝＋－＠\t\r\n])/, '')).toBe(message.replace(/^'(?=[=+\-@＝＋－＠\t\r\n])/, ''));
        expect(cells['source']?.replace(/^'(?=[=+\-@＝＋－＠\t\r\n])/, '')).toBe(source.replace(/^'(?=[=+\-@＝＋－＠\t\r\n])/, ''));
        expect(cells['message']).not.toMatch(/^[=+\-@＝＋－＠\t\r\n]/);
      }),
      { numRuns: 500 },
    );
  });

  it('is known by its header in versions that have other fields, and a list of IDs is not taken for one', () => {
    const columns = HEADER.split(',');
    expect(isReportHeader(columns)).toBe(true);
    expect(isReportHeader(columns.toSpliced(4, 0, 'bytes'))).toBe(true);
    expect(isReportHeader([...columns, 'added-last'])).toBe(true);
    expect(isReportHeader(columns.filter((name) => name !== 'cfRay'))).toBe(true);
    expect(isReportHeader(['id', 'outcome', 'source'])).toBe(false);
    expect(isReportHeader(['name', ...columns])).toBe(false);
  });
});
