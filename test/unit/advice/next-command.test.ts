import { execFileSync } from 'node:child_process';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { CheckpointFacts, Definition } from '../../../src/checkpoint/facts.ts';
import { BASE_URL_DEFAULT } from '../../../src/domain/base-url.ts';
import { shellPath, shellWord } from '../../../src/text/shell-word.ts';
import { checkpointBeside, nextCommand, nextCommandExcluding } from '../../../src/advice/next-command.ts';
import { DEFINITION, UNFINISHED_FACTS } from '../../support/ledger/checkpoint.ts';

const ACCOUNT = `--account-id ${DEFINITION.accountId}`;

function factsOf(paths: readonly string[], isComplete: boolean, definition: Partial<Definition> = {}): CheckpointFacts {
  return {
    ...UNFINISHED_FACTS,
    definition: { ...DEFINITION, baseUrl: BASE_URL_DEFAULT, ...definition },
    sources: paths.map((path) => ({
      path,
      absolutePath: path,
      opened: undefined,
      sizeBytes: undefined,
      sha256: undefined,
      counts: undefined,
    })),
    intake: { ...UNFINISHED_FACTS.intake, complete: isComplete },
  };
}

/** What bash hands to the program for `words`. */
function pasted(words: string): string[] {
  // oxlint-disable-next-line no-control-regex -- what is looked for is a control character
  expect(words).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/u);
  return execFileSync('bash', ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
    .split('\0')
    .slice(0, -1);
}

describe('the checkpoint that nobody named', () => {
  it.each(['-', '/dev/stdin', '/dev/fd/63', '/proc/self/fd/3', '/proc/17/fd/3'])(
    'lies in the folder of the run for what was handed over open: %s',
    (source) => {
      expect(checkpointBeside(source)).toBe('images-purge.checkpoint');
    },
  );

  it.each(['ids.csv', '/dev/shm/ids.csv', '/dev/stdin.csv', '/data/dev/fd/ids.csv', '/process/self/fd/3'])(
    'lies beside a file: %s',
    (source) => {
      expect(checkpointBeside(source)).toBe(`${source}.checkpoint`);
    },
  );
});

describe('the command to go on with', () => {
  it('needs the checkpoint alone where the list was read to its end', () => {
    expect(nextCommand(factsOf(['a.csv', 'b.csv'], true), 'c', true)).toBe('images-purge resume c');
    expect(nextCommand(factsOf(['a.csv'], false), 'a.csv.checkpoint', true)).toBe('images-purge resume a.csv.checkpoint');
  });

  it.each([
    [['a.csv'], 'a.csv.checkpoint', 'images-purge delete a.csv'],
    [['a.csv', 'b.csv'], 'a.csv.checkpoint', 'images-purge delete a.csv b.csv'],
    [['a.csv', 'b.csv'], 'c', 'images-purge delete a.csv b.csv --checkpoint c'],
    [['-'], 'images-purge.checkpoint', 'images-purge delete -'],
    [['-'], '/data/c', 'images-purge delete - --checkpoint /data/c'],
    [['/dev/fd/63'], 'c', 'images-purge delete FILE --checkpoint c'],
    [['/dev/fd/63'], 'images-purge.checkpoint', 'images-purge delete FILE --checkpoint images-purge.checkpoint'],
    [['a.csv', '/proc/self/fd/12'], 'a.csv.checkpoint', 'images-purge delete a.csv FILE'],
    [['my list.csv', '--yes'], "it's", "images-purge delete 'my list.csv' ./--yes --checkpoint 'it'\\''s'"],
    [[], 'c', 'images-purge delete FILE --checkpoint c'],
  ])('gives the sources %j again where it was not, at the checkpoint %s', (paths, checkpointPath, command) => {
    expect(nextCommand(factsOf(paths, false), checkpointPath)).toBe(`${command} ${ACCOUNT}`);
  });

  it('makes the plan again where it is a plan', () => {
    expect(nextCommand({ ...factsOf(['a.csv'], false), state: 'planned' }, 'a.csv.checkpoint')).toBe(`images-purge plan a.csv ${ACCOUNT}`);
  });

  it('is for the same account at the same API root, which the environment may not name', () => {
    const definition = { accountId: 'f'.repeat(32), baseUrl: 'http://127.0.0.1:8787/client/v4' };
    expect(nextCommand(factsOf(['a'], false, definition), 'a.checkpoint')).toBe(
      `images-purge delete a --account-id ${definition.accountId} --base-url ${definition.baseUrl}`,
    );
  });

  it('has the list read in the same way', () => {
    const form = {
      format: 'csv',
      column: 'image id',
      noHeader: true,
      delimiter: '\t',
      quote: "'",
      skipLines: 3,
      acceptLastLine: true,
      literal: true,
      deliveryUrls: true,
    };
    const command = nextCommand(factsOf(['a'], false, { form, shard: { index: 1, count: 4 } }), 'a.checkpoint');
    expect(pasted(command)).toEqual([
      'images-purge',
      'delete',
      'a',
      '--format',
      'csv',
      '--column',
      'image id',
      '--no-header',
      '--delimiter',
      '\t',
      '--quote',
      "'",
      '--skip-lines',
      '3',
      '--accept-last-line',
      '--literal',
      '--delivery-urls',
      '--shard',
      '1/4',
      ...ACCOUNT.split(' '),
    ]);
  });
});

describe('the command to give a list again', () => {
  const guards = {
    strict: true,
    idCountMin: 3,
    deletesCountMax: 50_000,
    deletesPercentMax: null,
    protectedCountMin: 2,
    failOnAbsent: true,
  };
  const guarded: CheckpointFacts = {
    ...factsOf(['a.csv'], false, { guards }),
    hasOutcomes: false,
    excludeFiles: [{ path: '', isLiteral: false, column: null }],
  };
  const spelled = '--exclude FILE --strict --min-ids 3 --min-protected 2 --max-deletes 50000 --fail-on-absent';

  it('protects and guards it again where the next run may replace the checkpoint: without an outcome, and of a plan', () => {
    expect(nextCommand(guarded, 'a.csv.checkpoint')).toBe(`images-purge delete a.csv ${spelled} ${ACCOUNT}`);
    expect(nextCommand({ ...guarded, hasUnanswered: true }, 'c')).toBe(`images-purge delete a.csv --checkpoint c ${spelled} ${ACCOUNT}`);
    expect(nextCommand({ ...guarded, state: 'planned' }, 'a.csv.checkpoint')).toBe(`images-purge plan a.csv ${spelled} ${ACCOUNT}`);
  });

  it('leaves to the checkpoint what is on record where outcomes are', () => {
    expect(nextCommand({ ...guarded, hasOutcomes: true }, 'a.csv.checkpoint')).toBe(`images-purge delete a.csv ${ACCOUNT}`);
    expect(nextCommand(guarded, 'a.csv.checkpoint', true)).toBe('images-purge resume a.csv.checkpoint');
  });

  it('protects what a run was to protect that has recorded nothing of it yet', () => {
    const excluded = "--exclude keep.txt --exclude FILE --exclude-column 'image id'";
    expect(
      nextCommandExcluding({ excludePaths: ['keep.txt', '/dev/fd/63'], excludeColumn: 'image id' }, factsOf(['a.csv'], true), 'c'),
    ).toBe(`images-purge resume c ${excluded}`);
    expect(
      nextCommandExcluding(
        { excludePaths: ['keep.txt', '/dev/fd/63'], excludeColumn: 'image id' },
        factsOf(['a.csv'], false),
        'a.csv.checkpoint',
      ),
    ).toBe(`images-purge delete a.csv ${ACCOUNT} ${excluded}`);
  });

  it('names each guard that was given, and no other', () => {
    const command = (given: Partial<Definition['guards']>): string =>
      nextCommand({ ...factsOf(['a'], false, { guards: { ...DEFINITION.guards, ...given } }), hasOutcomes: false }, 'a.checkpoint');
    expect(command({})).toBe(`images-purge delete a ${ACCOUNT}`);
    expect(command({ deletesPercentMax: 2.5 })).toBe(`images-purge delete a --max-deletes 2.5% ${ACCOUNT}`);
    // No run takes both: a person who pastes it is asked to choose, and none is lost unseen.
    expect(command({ deletesCountMax: 9, deletesPercentMax: 10 })).toBe(
      `images-purge delete a --max-deletes 9 --max-deletes 10% ${ACCOUNT}`,
    );
  });
});

describe('a word for a shell', () => {
  it.each(['plain.csv.checkpoint', 'with space', "it's", '$HOME/`x`', 'a\\b', "\u001b[2J'\\\n", 'évé\u202e.csv', '*?', '#', ''])(
    'can be pasted for %j',
    (text) => {
      expect(pasted(shellWord(text))).toEqual([text]);
    },
  );

  it.each([
    ['plain.csv.checkpoint', 'plain.csv.checkpoint'],
    ['with space', "'with space'"],
    ["it's", "'it'\\''s'"],
    ['\na b', "$'\\x0aa b'"],
  ])('%j is written as %s and no odder', (text, word) => expect(shellWord(text)).toBe(word));

  it('that is a path is taken for no option', () => {
    expect(shellPath('--yes')).toBe('./--yes');
    expect(shellWord('-x')).toBe('-x');
  });

  it('can be pasted for any text', () => {
    const texts = fc.array(
      fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0') && text.isWellFormed()),
      { minLength: 20, maxLength: 60 },
    );
    // Many words for each bash: starting one takes far longer than reading them.
    fc.assert(
      fc.property(texts, (words) => {
        expect(pasted(words.map(shellWord).join(' '))).toEqual(words);
      }),
      { numRuns: 5 },
    );
  });
});
