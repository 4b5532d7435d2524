import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

import * as fc from '../../support/fast-check.ts';
import { describe, expect, it } from 'vitest';

import type { CheckpointFacts, Definition } from '../../../src/checkpoint/facts.ts';
import { BASE_URL_DEFAULT } from '../../../src/domain/base-url.ts';
import { shellPath, shellWord } from '../../../src/text/shell-word.ts';
import { checkpointBeside, commandAfter, excluding, nextCommand, onOwnQuota } from '../../../src/advice/next-command.ts';
import { DEFINITION, UNFINISHED_FACTS } from '../../support/ledger/checkpoint.ts';

const NOTHING = { delete: [], resume: [] };
const ACCOUNT = `--account-id ${DEFINITION.accountId}`;

function factsOf(paths: readonly string[], isComplete: boolean, definition: Partial<Definition> = {}): CheckpointFacts {
  return {
    ...UNFINISHED_FACTS,
    definition: { ...DEFINITION, baseUrl: BASE_URL_DEFAULT, ...definition },
    sources: paths.map((path) => ({
      path,
      absolutePath: /^(?:-$|\/)/.test(path) ? path : `/data/${path}`,
      isGone: false,
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
    expect(nextCommand(factsOf(['a.csv', 'b.csv'], true), '/data/c', NOTHING, true)).toBe(`images-purge resume /data/c ${ACCOUNT}`);
    expect(nextCommand(factsOf(['a.csv'], false), '/data/a.csv.checkpoint', NOTHING, true)).toBe(
      `images-purge resume /data/a.csv.checkpoint ${ACCOUNT}`,
    );
  });

  it('names the checkpoint so that it is found from any folder', () => {
    expect(nextCommand(factsOf(['a'], true), 'c', NOTHING)).toBe(`images-purge resume ${resolve('c')} ${ACCOUNT}`);
    expect(nextCommand(factsOf(['a'], true), '--yes', NOTHING)).toBe(`images-purge resume ${resolve('--yes')} ${ACCOUNT}`);
  });

  it.each([
    [['a.csv'], '/data/a.csv.checkpoint', '/data/a.csv', ''],
    [['a.csv', 'b.csv'], '/data/a.csv.checkpoint', '/data/a.csv /data/b.csv', ''],
    [['a.csv', 'b.csv'], '/c', '/data/a.csv /data/b.csv --checkpoint /c', ''],
    [['-'], '/images-purge.checkpoint', '- --checkpoint /images-purge.checkpoint', ' < FILE'],
    [['/dev/fd/63'], '/c', 'FILE --checkpoint /c', ''],
    [['a.csv', '/proc/self/fd/12'], '/data/a.csv.checkpoint', '/data/a.csv FILE', ''],
    [['my list.csv', '--yes'], "/it's", "'/data/my list.csv' /data/--yes --checkpoint '/it'\\''s'", ''],
    [[], '/c', 'FILE --checkpoint /c', ''],
  ])('gives the sources %j again where it was not, at the checkpoint %s', (paths, checkpointPath, words, input) => {
    expect(nextCommand(factsOf(paths, false), checkpointPath, NOTHING)).toBe(`images-purge delete ${words} ${ACCOUNT}${input}`);
  });

  it('asks for a source that is gone, and names the checkpoint that lay beside it', () => {
    const facts = factsOf(['a.csv', 'b.csv'], false);
    const gone = facts.sources.map((source, index) => ({ ...source, isGone: index === 0 }));
    expect(nextCommand({ ...facts, sources: gone }, '/data/a.csv.checkpoint', NOTHING)).toBe(
      `images-purge delete FILE /data/b.csv --checkpoint /data/a.csv.checkpoint ${ACCOUNT}`,
    );
  });

  it('makes the plan again where it is a plan', () => {
    expect(nextCommand({ ...factsOf(['a.csv'], false), state: 'planned' }, '/data/a.csv.checkpoint', NOTHING)).toBe(
      `images-purge plan /data/a.csv ${ACCOUNT}`,
    );
  });

  it('is for the same account at the same API root, which the environment may not name', () => {
    const definition = { accountId: 'f'.repeat(32), baseUrl: 'http://127.0.0.1:8787/client/v4' };
    const account = `--account-id ${definition.accountId} --base-url ${definition.baseUrl}`;
    expect(nextCommand(factsOf(['a'], false, definition), '/data/a.checkpoint', NOTHING)).toBe(`images-purge delete /data/a ${account}`);
    expect(nextCommand(factsOf(['a'], true, definition), '/data/a.checkpoint', NOTHING)).toBe(
      `images-purge resume /data/a.checkpoint ${account}`,
    );
  });

  it('has the pace and the brakes of this run, each for the command that takes it', () => {
    const repeated = { delete: ['--rate', '20/1s', '--keep', '3'], resume: ['--rate', '20/1s', '--report', '/a b'] };
    expect(nextCommand(factsOf(['a'], false), '/data/a.checkpoint', repeated)).toBe(
      `images-purge delete /data/a ${ACCOUNT} --rate 20/1s --keep 3`,
    );
    expect(nextCommand(factsOf(['a'], true), '/c', repeated)).toBe(`images-purge resume /c ${ACCOUNT} --rate 20/1s --report '/a b'`);
  });

  it('has nothing of batch tokens where there are none, and not their pace', () => {
    const words = ['--batch-base-url', 'http://127.0.0.1:9', '--rate', '200/s', '--batch-tokens', '2', '--limit', '3', '--expect-absent'];
    const left = ['--limit', '3', '--expect-absent'];
    expect(onOwnQuota({ delete: [...words, '--keep', '1'], resume: words })).toEqual({ delete: [...left, '--keep', '1'], resume: left });
  });

  it('sends failed IDs again once everything else is done', () => {
    const finished: CheckpointFacts = { ...factsOf(['a'], true), state: 'finished', pending: 0 };
    expect(commandAfter(finished, '/c', NOTHING)).toBeUndefined();
    expect(commandAfter({ ...finished, outcomes: { ...finished.outcomes, failed: 1 } }, '/c', NOTHING)).toBe(
      `images-purge resume /c ${ACCOUNT} --retry-failed`,
    );
    expect(commandAfter(factsOf(['a'], true), '/c', NOTHING)).toBe(`images-purge resume /c ${ACCOUNT}`);
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
    const command = nextCommand(factsOf(['a'], false, { form, shard: { index: 1, count: 4 } }), '/data/a.checkpoint', NOTHING);
    expect(pasted(command)).toEqual([
      'images-purge',
      'delete',
      '/data/a',
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
    verifies: true,
    newerThanMs: 2_592_000_000,
    backupFolder: '/the images',
  };
  const spelled =
    "--protect-newer-than 30d --strict --min-ids 3 --min-protected 2 --max-deletes 50000 --fail-on-absent --verify --backup '/the images'";
  const KEEP = { path: '/lists/keep.txt', isLiteral: false, column: null, isGone: false };
  const guarded: CheckpointFacts = { ...factsOf(['a.csv'], false, { guards }), excludeFiles: [KEEP] };
  const AT = '/data/a.csv.checkpoint';

  it('protects and guards it again, whatever the checkpoint has on record', () => {
    for (const hasOutcomes of [true, false]) {
      const command = nextCommand({ ...guarded, hasOutcomes }, AT, NOTHING);
      expect(command).toBe(`images-purge delete /data/a.csv --exclude /lists/keep.txt ${spelled} ${ACCOUNT}`);
    }
    expect(nextCommand({ ...guarded, state: 'planned' }, AT, NOTHING)).toBe(
      `images-purge plan /data/a.csv --exclude /lists/keep.txt ${spelled} ${ACCOUNT}`,
    );
    expect(nextCommand(guarded, AT, NOTHING, true)).toBe(`images-purge resume ${AT} ${ACCOUNT}`);
  });

  it('asks for an exclude file that is not known where the next run may replace the checkpoint', () => {
    const command = (more: Partial<CheckpointFacts>): string =>
      nextCommand(
        { ...factsOf(['a.csv'], false), excludeFiles: [{ ...KEEP, path: '' }, { ...KEEP, path: '/dev/fd/63' }, KEEP], ...more },
        AT,
        NOTHING,
      );
    const unknown = '--exclude FILE --exclude /lists/keep.txt';
    expect(command({ hasOutcomes: false })).toBe(`images-purge delete /data/a.csv ${unknown} ${ACCOUNT}`);
    expect(command({ state: 'planned' })).toBe(`images-purge plan /data/a.csv ${unknown} ${ACCOUNT}`);
    expect(command({})).toBe(`images-purge delete /data/a.csv --exclude /lists/keep.txt ${ACCOUNT}`);
  });

  it('leaves out an exclude file that is gone where its entries stay in force, and asks for one where they may not', () => {
    const gone = { ...guarded, excludeFiles: [{ ...KEEP, isGone: true }] };
    expect(nextCommand(gone, AT, NOTHING)).toBe(`images-purge delete /data/a.csv ${spelled} ${ACCOUNT}`);
    expect(nextCommand({ ...gone, hasOutcomes: false }, AT, NOTHING)).toBe(
      `images-purge delete /data/a.csv --exclude FILE ${spelled} ${ACCOUNT}`,
    );
  });

  it.each([
    [[{ isLiteral: true, column: 'image id' }], "--exclude-column 'image id' --exclude-literal"],
    // Read with readings before, it protects more: so it does again.
    [
      [
        { isLiteral: true, column: null },
        { isLiteral: false, column: '2' },
      ],
      '--exclude-column 2',
    ],
    // No run takes both: a person who pastes it is asked to choose.
    [
      [
        { isLiteral: false, column: '1' },
        { isLiteral: false, column: '2' },
      ],
      '--exclude-column 1 --exclude-column 2',
    ],
  ])('has exclude files read in the same way: %j', (read, options) => {
    const files = read.map((how, index) => ({ path: `/lists/${index}`, isGone: false, ...how }));
    expect(nextCommand({ ...factsOf(['a.csv'], false), excludeFiles: files }, AT, NOTHING)).toBe(
      `images-purge delete /data/a.csv ${files.map(({ path }) => `--exclude ${path}`).join(' ')} ${options} ${ACCOUNT}`,
    );
  });

  it('protects what a run was to protect that has recorded nothing of it yet', () => {
    const lists = {
      excludePaths: ['/keep', '/dev/fd/63'],
      excludeColumn: 'image id',
      excludeLiteral: true,
      excludeIds: [],
      newerThanMs: null,
    };
    expect(excluding('images-purge resume /c', lists)).toBe(
      "images-purge resume /c --exclude /keep --exclude FILE --exclude-column 'image id' --exclude-literal",
    );
    expect(excluding('images-purge resume /c', { ...lists, excludePaths: [] })).toBe('images-purge resume /c');
    expect(excluding('images-purge resume /c', { ...lists, excludePaths: [], newerThanMs: 60_000 })).toBe(
      'images-purge resume /c --protect-newer-than 1m',
    );
    expect(excluding('images-purge resume /c', { ...lists, excludePaths: [], excludeIds: ['brand/*', "it's"] })).toBe(
      String.raw`images-purge resume /c --exclude-id 'brand/*' --exclude-id 'it'\''s'`,
    );
  });

  it('names the patterns that protect, where the list is given again', () => {
    expect(nextCommand({ ...factsOf(['a.csv'], false), excludeIds: ['brand/**', 'tmp-?'] }, AT, NOTHING)).toBe(
      `images-purge delete /data/a.csv --exclude-id 'brand/**' --exclude-id 'tmp-?' ${ACCOUNT}`,
    );
    expect(nextCommand({ ...factsOf(['a.csv'], true), excludeIds: ['brand/**'] }, AT, NOTHING)).not.toContain('--exclude-id');
  });

  it('names each guard that was given, and no other', () => {
    const command = (given: Partial<Definition['guards']>): string =>
      nextCommand(factsOf(['a.csv'], false, { guards: { ...DEFINITION.guards, ...given } }), AT, NOTHING);
    expect(command({})).toBe(`images-purge delete /data/a.csv ${ACCOUNT}`);
    expect(command({ deletesPercentMax: 2.5 })).toBe(`images-purge delete /data/a.csv --max-deletes 2.5% ${ACCOUNT}`);
    // No run takes both: a person who pastes it is asked to choose, and none is lost unseen.
    expect(command({ deletesCountMax: 9, deletesPercentMax: 10 })).toBe(
      `images-purge delete /data/a.csv --max-deletes 9 --max-deletes 10% ${ACCOUNT}`,
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
    expect(shellPath('--yes')).toBe(resolve('--yes'));
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
