import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { BY_SIGNAL, FINAL, TRIED_AGAIN } from '../../support/deploy/exit-codes.ts';
import { ANSWERED_OUTCOMES, FIELD_LIST, isReported, REPORT_CSV_COLUMNS } from '../../../src/domain/result-fields.ts';
import { EXIT } from '../../../src/domain/errors.ts';

const read = (page: string): string => readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');

/** The rows of a page's tables, cell by cell, without those of headers. */
const rowsOf = (text: string): string[][] =>
  Array.from(text.matchAll(/^\| (.*) \|$/gm), ([, row = '']) => row.split(' | ').map((cell) => cell.trim()));

it('the page of exit codes has each of them once, and says of each what deploy/ does', () => {
  const rows = rowsOf(read('exit-codes.md')).filter(([code = '']) => /^\d+$/.test(code));
  expect(rows.map(([code]) => Number(code))).toEqual(Object.values(EXIT).toSorted((a, b) => a - b));
  const codesWhere = (words: string): number[] => rows.filter((cells) => cells[3]?.startsWith(words)).map(([code]) => Number(code));
  expect(codesWhere('no')).toEqual([EXIT.done, ...FINAL]);
  expect(codesWhere('yes')).toEqual(TRIED_AGAIN);
  expect(codesWhere('as you like')).toEqual(BY_SIGNAL);
});

it('the page of formats names each field of the report, and of which outcome it is', () => {
  const report = /## The report\n([\s\S]*?)\n## /.exec(read('formats.md'))?.[1] ?? '';
  const rows = rowsOf(report).flatMap(([names = '', outcomes = '']) =>
    Array.from(names.matchAll(/`(\w+)`/g), ([, name = '']) => ({ name, outcomes })),
  );
  expect(rows.map(({ name }) => name).toSorted()).toEqual(REPORT_CSV_COLUMNS.toSorted());
  for (const field of FIELD_LIST) {
    const outcomes = rows.find(({ name }) => name === field.reportName)?.outcomes ?? '';
    const expected = ANSWERED_OUTCOMES.filter((outcome) => isReported(field, outcome) || field.implied?.[outcome] !== undefined);
    expect(
      ANSWERED_OUTCOMES.filter((outcome) => outcomes.includes(outcome)),
      field.reportName,
    ).toEqual(expected);
  }
});
