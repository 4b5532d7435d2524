import {
  type AnsweredOutcome,
  type ErrorCode,
  FIELD_LIST,
  type FieldKind,
  isReported,
  type ResultKey,
  type ResultValue,
} from '../domain/result-fields.ts';
import { OUTCOME_NUMBER, outcomeFromNumber } from './format/outcomes.ts';
import type { ItemResult, ResultBatch } from './results.ts';

/**
 * Tens of thousands of results a second pass between the threads. As cloned objects, each would carry the names of its
 * fields. As one column of numbers they cost almost nothing, and the ledger's thread never makes objects of them.
 *
 * @module
 */

export interface PackedResults {
  /** For each result: its item, the number of its outcome, and a number for each field that is never a text. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** What else the few results have that have any of it, in the order of {@link TEXT_FIELDS}. */
  readonly texts: readonly { readonly index: number; readonly values: readonly (ErrorCode | undefined)[] }[];
}

export type PackedResultBatch = Omit<ResultBatch, 'results'> & { readonly results: PackedResults };

const MAY_BE_TEXT: readonly FieldKind[] = ['optional text', 'optional code'];
const NUMBER_FIELDS = FIELD_LIST.filter(({ kind }) => !MAY_BE_TEXT.includes(kind));
const TEXT_FIELDS = FIELD_LIST.filter(({ kind }) => MAY_BE_TEXT.includes(kind));
const TEXT_INDEXES = TEXT_FIELDS.map(({ index }) => index);
/** For each outcome the texts that are recorded with it, `undefined` in place of others; empty where there are none. */
const TOLD_TEXTS: Readonly<Record<AnsweredOutcome, readonly (ResultKey | undefined)[]>> = {
  deleted: toldTexts('deleted'),
  absent: toldTexts('absent'),
  failed: toldTexts('failed'),
};

function toldTexts(outcome: AnsweredOutcome): (ResultKey | undefined)[] {
  const keys = TEXT_FIELDS.map((field) => (isReported(field, outcome) ? field.key : undefined));
  return keys.every((key) => key === undefined) ? [] : keys;
}

/** The item and the outcome come before the fields. */
const FIELDS_AT = 2;
const NUMBERS_PER_RESULT = FIELDS_AT + NUMBER_FIELDS.length;

export function packResults(results: readonly ItemResult[]): PackedResults {
  const numbers = new Float64Array(results.length * NUMBERS_PER_RESULT);
  const texts: PackedResults['texts'][number][] = [];
  let at = 0;
  results.forEach((result, index) => {
    numbers[at++] = result.seq;
    numbers[at++] = OUTCOME_NUMBER[result.outcome];
    for (const { key } of NUMBER_FIELDS) numbers[at++] = asNumber(result[key]);
    const told = TOLD_TEXTS[result.outcome];
    if (told.length > 0) texts.push({ index, values: told.map((key) => (key === undefined ? undefined : (result[key] as ErrorCode))) });
  });
  return { numbers, texts };
}

/** `NaN` means no value; flags are 0 and 1. */
function asNumber(value: ResultValue): number {
  return value === undefined ? Number.NaN : Number(value);
}

/** @param values - in the order of `FIELD_LIST`; the same array for each result, filled again */
export type VisitResult = (seq: number, outcome: AnsweredOutcome, values: ResultValue[]) => void;

export function forEachPacked({ numbers, texts }: PackedResults, visit: VisitResult): void {
  const values: ResultValue[] = FIELD_LIST.map(() => undefined);
  let nextText = 0;
  for (let index = 0, start = 0; start < numbers.length; index++, start += NUMBERS_PER_RESULT) {
    let at = start + FIELDS_AT;
    for (const field of NUMBER_FIELDS) {
      const number = numbers[at++] as number;
      values[field.index] = field.kind === 'flag' ? number === 1 : Number.isNaN(number) ? undefined : number;
    }
    const text = texts[nextText]?.index === index ? texts[nextText++] : undefined;
    for (let position = 0; position < TEXT_FIELDS.length; position++) values[TEXT_INDEXES[position] as number] = text?.values[position];
    visit(numbers[start] as number, outcomeFromNumber(numbers[start + 1] as number) as AnsweredOutcome, values);
  }
}

/** The items of the results, in their order. */
export function packedSeqs({ numbers }: PackedResults): number[] {
  const seqs: number[] = [];
  for (let start = 0; start < numbers.length; start += NUMBERS_PER_RESULT) seqs.push(numbers[start] as number);
  return seqs;
}
