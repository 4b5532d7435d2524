import { describe, expect, it } from 'vitest';

import { matchKey } from '../../../src/domain/spelling/match-key.ts';
import { onlyReadingOf, readingsOf } from '../../../src/plan/readings.ts';
import { assert, constantFrom, property, stringMatching } from '../../support/fast-check.ts';

const HASH = 'Abcdefghij0123456789_-';

function idsOf(row: string): readonly string[] {
  const read = readingsOf(row);
  if (read.kind === 'none') throw new Error(`${row}: ${read.reason}`);
  return read.ids;
}

describe('what a row of a keep list may mean', () => {
  it.each([
    [' "keep-1"', ['keep-1']],
    ["'keep-1',", ['keep-1']],
    ['keep-1,', ['keep-1']],
    ['keep-1, keep-2', ['keep-1', 'keep-2', 'keep-1, keep-2']],
    ['["keep-1", "keep-2"]', ['keep-1', 'keep-2']],
    ['keep-1   # home page', ['keep-1']],
    ['keep-1 // home page', ['keep-1']],
    ['keep-1\thome page', ['keep-1']],
    ['keep-1,home page', ['keep-1']],
    ['keep-1;logo', ['keep-1']],
    ['keep-1\u200b', ['keep-1']],
    ['\ufeffkeep-1', ['keep-1']],
    ['keep-1\ufeffkeep-2', ['keep-1', 'keep-2']],
    ['- keep-1', ['keep-1']],
    ['* keep-1', ['keep-1']],
    ['\u2022 keep-1', ['keep-1']],
    ['12. keep-1', ['keep-1']],
    ['3) keep-1', ['keep-1']],
    ['[x] keep-1', ['keep-1']],
    ['      3 keep-1', ['keep-1']],
    ['| keep-1 | logo |', ['keep-1']],
    ['(keep-1)', ['keep-1']],
    ['<keep-1>', ['keep-1']],
    ['\u201ckeep-1\u201d', ['keep-1']],
    ['\u00abkeep-1\u00bb', ['keep-1']],
    ['keep-1/public', ['keep-1', 'keep-1/public']],
    ['keep-1/w=200,fit=cover', ['keep-1']],
    ['"id": "keep-1",', ['keep-1']],
    ['id = "keep-1"', ['keep-1']],
    [String.raw`shop\/hero.jpg`, ['shop/hero.jpg']],
    [String.raw`caf\u00e9`, ['caf\u00e9']],
    [`imagedelivery.net/${HASH}/keep-1/public`, ['keep-1']],
    [`//imagedelivery.net/${HASH}/shop/keep-1/public`, ['shop/keep-1']],
    [`https://imagedelivery.net/${HASH}/keep-1`, ['keep-1']],
    [`https://imagedelivery.net/${HASH}/shop%2Fhero.jpg/w=1`, ['shop/hero.jpg']],
    [`"https://example.com/cdn-cgi/imagedelivery/${HASH}/keep-1/public", # logo`, ['keep-1']],
    [`example.com/cdn-cgi/imagedelivery/${HASH}/keep-1/public`, ['keep-1']],
    ['Keep-1', ['keep-1']],
    ['shop%2Fhero.jpg', ['shop/hero.jpg']],
    ['cafe\u0301', ['caf\u00e9']],
    ['caf\u00e9', ['cafe\u0301']],
    ['hero (1)', ['hero (1)']],
    ['smith, john.jpg', ['smith, john.jpg']],
    ['summer sale', ['summer sale']],
    ['50%off', ['50%off']],
    ['1/public', ['1/public']],
  ])('%j protects %j', (row, wanted) => {
    // Entries protect by their key.
    expect(idsOf(row).map(matchKey)).toEqual(expect.arrayContaining(wanted.map(matchKey)));
  });

  it('a pattern is read as one, whatever stands around it', () => {
    expect(readingsOf('brand/*')).toMatchObject({ ids: ['brand/*'], patterns: ['brand/*'] });
    expect(readingsOf('"brand/*", # all of them')).toMatchObject({ patterns: expect.arrayContaining(['brand/*']) as string[] });
    expect(onlyReadingOf('brand/*')).toMatchObject({ ids: ['brand/*'], patterns: [] });
  });

  it.each([
    ['keep-1 keep-2', ['keep-1', 'keep-2']],
    ['[keep-1 keep-2]', ['keep-1', 'keep-2']],
    ['keep-1 -> logo', ['keep-1']],
    ['summer sale \u2013 banner of May', ['summer sale']],
    ['summer sale (banner)', ['summer sale']],
    ['summer sale: banner', ['summer sale']],
    ['id = keep-1', ['keep-1']],
    ['id   : keep-1', ['keep-1']],
    ['@{id=keep-1; name=logo}', ['keep-1']],
    ['KEEP=keep-1,keep-2', ['keep-1', 'keep-2']],
    ['ids.txt:keep-1', ['keep-1']],
    ['#keep-1', ['keep-1']],
    ['+keep-1', ['keep-1']],
    ['./keep-1', ['keep-1']],
    ['> keep-1', ['keep-1']],
    ['- `keep-1` logo', ['keep-1']],
    [`[keep-1](https://imagedelivery.net/${HASH}/keep-2/public)`, ['keep-1', 'keep-2']],
    [`https://imagedelivery.net/${HASH}/keep-1/w=200 200w, https://imagedelivery.net/${HASH}/keep-2/w=400 400w`, ['keep-1', 'keep-2']],
    ['-rw-r--r-- 1 u g 12 Jan  1 00:00 keep-1', ['keep-1']],
    ['keep-1\uff0ckeep-2\u3001keep-3', ['keep-1', 'keep-2', 'keep-3']],
    ['keep-1\u2028keep-2', ['keep-1', 'keep-2']],
    ["WHERE id IN ('keep-1', 'keep-2')", ['keep-1', 'keep-2']],
  ])('%j protects %j by its words', (row, wanted) => {
    const read = readingsOf(row);
    expect(read.kind === 'none' ? read.reason : [...read.ids, ...read.words]).toEqual(expect.arrayContaining(wanted));
  });

  it('an ordinary ID has one reading', () => {
    for (const id of ['keep-1', 'shop/hero.jpg', 'hero (1)', 'summer sale', '50%off']) expect(idsOf(id)).toEqual([id]);
  });

  it.each(['', '  ', '[', '],', '"', '---', '+----+', '(2 rows)', 'NULL', '#N/A', 'https://example.com/hero.jpg', 'variants', '..', '/'])(
    '%j protects nobody, and says why',
    (row) => {
      expect(readingsOf(row)).toMatchObject({ kind: 'none', reason: expect.stringMatching(/\w/) as string });
    },
  );

  it('a row of a megabyte takes no time', () => {
    expect(readingsOf(`${' '.repeat(10)}a${' '.repeat(1_000_000)}b`)).toMatchObject({ kind: 'none' });
    expect(readingsOf(','.repeat(8_000)).kind).toBe('none');
    expect(readingsOf(`${'a, '.repeat(2_000)}b`).kind).toBe('readings');
  });

  it('a row with more values than are looked at protects nobody, rather than some', () => {
    const ids = Array.from({ length: 3_000 }, (_, index) => `k${index}`);
    expect(readingsOf(ids.join(','))).toMatchObject({ kind: 'none', reason: expect.stringContaining('one ID in each line') as string });
    expect(idsOf(ids.slice(0, 500).join(','))).toEqual(expect.arrayContaining(ids.slice(0, 500)));
  });

  it('whatever stands around an ID, it is among the readings', () => {
    const id = stringMatching(/^[a-z][a-z0-9]{3,12}(?:-[a-z0-9]{1,8}){0,2}$/);
    const around = constantFrom(
      ['"', '"'],
      ["'", "',"],
      ['- ', ''],
      ['1. ', ''],
      ['', ','],
      ['  12 ', ''],
      ['', '  # remark'],
      ['["', '"],'],
      ['\u201c', '\u201d;'],
    );
    assert(
      property(id, around, around, (text, [open = '', close = ''], [openInside = '', closeInside = '']) => {
        expect(idsOf(`${open}${text}${close}`)).toContain(text);
        if (!closeInside.includes('#')) expect(idsOf(`${open}${openInside}${text}${closeInside}${close}`)).toContain(text);
      }),
    );
  });
});

describe('what a cell or a string means', () => {
  it('is itself, or the delivery URL of it', () => {
    expect(onlyReadingOf('keep-1, keep-2')).toEqual({ kind: 'readings', ids: ['keep-1, keep-2'], words: [], patterns: [] });
    expect(onlyReadingOf(`https://imagedelivery.net/${HASH}/keep-1/public`)).toMatchObject({
      ids: expect.arrayContaining(['keep-1']) as string[],
    });
    expect(onlyReadingOf('="keep-1"')).toMatchObject({ ids: ['="keep-1"', 'keep-1'] });
    expect(onlyReadingOf('')).toEqual({ kind: 'none', reason: 'empty' });
  });
});
