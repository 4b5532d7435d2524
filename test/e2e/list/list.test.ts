import { describe, expect, it } from 'vitest';

import { failure } from '../../../src/simulator/simulated-answers.ts';
import type { SimulatedImage, SimulatorOptions } from '../../../src/simulator/simulator-options.ts';
import type { CliResult } from '../../support/cli/cli.ts';
import { type PurgeBench, summaryOf, withPurge, withPurgeProcesses } from '../../support/purge/purge.ts';

const IMAGES: readonly SimulatedImage[] = [
  {
    id: 'oldest',
    uploaded: '2026-01-01T00:00:00Z',
    filename: 'a.jpg',
    creator: 'ann',
    meta: { status: 'active', n: 5, region: { name: 'eu' } },
  },
  { id: 'shop/hero.jpg', uploaded: '2026-02-01T00:00:00.5Z', filename: '=cmd()', meta: { status: 'gone', n: '5', flag: true } },
  { id: 'undated', uploaded: null, filename: 'c.png', creator: 'bob' },
  { id: 'shop/new.jpg', uploaded: '2026-03-01T00:00:00Z', filename: 'line\nbreak.jpg', requireSignedURLs: true, meta: { n: 7 } },
  { id: 'upload-not-done', uploaded: '2026-03-02T00:00:00Z', draft: true },
];

function withImages(work: (bench: PurgeBench) => Promise<void>, images: readonly SimulatedImage[] = IMAGES): Promise<void> {
  return withPurge({ images: { kind: 'detailed', images } }, work);
}

function list(bench: PurgeBench, ...args: string[]): Promise<CliResult> {
  return bench.run(['list', '--base-url', bench.simulator.url, '--rate', 'unlimited', ...args]);
}

async function idsOf(bench: PurgeBench, ...args: string[]): Promise<string[]> {
  const { exitCode, stdout, stderr } = await list(bench, '--format', 'ids', ...args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout.split('\n').slice(0, -1);
}

/** The query of each question for a page, decoded. */
function queriesOf({ simulator }: PurgeBench): string[] {
  return simulator.record.requests.map(({ rawUrl }) => decodeURIComponent(rawUrl.split('?')[1] ?? ''));
}

describe('the forms of a list', () => {
  it('CSV: the ID first and as it is, other cells safe for sheets and on one line', () =>
    withImages(async (bench) => {
      expect(await list(bench)).toEqual({
        exitCode: 0,
        signal: null,
        stderr: '',
        stdout: [
          'id,filename,uploaded,creator,requireSignedURLs',
          'undated,c.png,,bob,false',
          'oldest,a.jpg,2026-01-01T00:00:00Z,ann,false',
          "shop/hero.jpg,'=cmd(),2026-02-01T00:00:00.5Z,,false",
          String.raw`shop/new.jpg,line\u{a}break.jpg,2026-03-01T00:00:00Z,,true`,
          '',
        ].join('\n'),
      });
    }));

  it('NDJSON: the fields that are asked for, metadata in its own place', () =>
    withImages(async (bench) => {
      const { stdout } = await list(
        bench,
        '--format',
        'ndjson',
        '--fields',
        'meta.status,meta.region.name,filename,variants',
        '--limit',
        '2',
      );
      expect(
        stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ).toEqual([
        { id: 'undated', meta: {}, filename: 'c.png', variants: [expect.stringContaining('/undated/public')] },
        {
          id: 'oldest',
          meta: { status: 'active', 'region.name': 'eu' },
          filename: 'a.jpg',
          variants: [expect.stringContaining('/oldest/public')],
        },
      ]);
      const whole = await list(bench, '--format', 'ndjson', '--fields', 'id,meta.*', '--id', 'oldest');
      expect(JSON.parse(whole.stdout)).toEqual({ id: 'oldest', meta: { status: 'active', n: 5, region: { name: 'eu' } } });
    }));

  it('metadata as cells of CSV', () =>
    withImages(async (bench) => {
      const { stdout } = await list(bench, '--fields', 'meta.n,meta', '--prefix', 'o');
      expect(stdout).toBe(
        ['id,meta.n,meta', String.raw`oldest,5,"{""status"":""active"",""n"":5,""region"":{""name"":""eu""}}"`, ''].join('\n'),
      );
    }));

  it('bare IDs, oldest first or newest first', () =>
    withImages(async (bench) => {
      expect(await idsOf(bench)).toEqual(['undated', 'oldest', 'shop/hero.jpg', 'shop/new.jpg']);
      expect(await idsOf(bench, '--sort', 'desc', '--limit', '1')).toEqual(['shop/new.jpg']);
    }));

  it('an empty account gives a header, and no image', () =>
    withImages(async (bench) => {
      expect(await list(bench, '--fields', 'id')).toMatchObject({ exitCode: 0, stdout: 'id\n' });
      expect(await list(bench, '-o', 'all.csv')).toMatchObject({
        exitCode: 0,
        stderr: expect.stringMatching(/^all\.csv: 0 images, in /) as string,
      });
      expect(bench.read('all.csv')).toMatch(/^id,.*\n$/);
    }, []));
});

describe('filters', () => {
  it.each<[args: readonly string[], ids: readonly string[]]>([
    [['--uploaded-before', '2026-02-01'], ['oldest']],
    [['--uploaded-before', '2026-02-01T01:00:00.5+01:00'], ['oldest']],
    [
      ['--uploaded-before', '2026-02-01T00:00:01Z'],
      ['oldest', 'shop/hero.jpg'],
    ],
    [['--uploaded-after', '2026-03-01'], ['shop/new.jpg']],
    [
      ['--uploaded-before', '1d'],
      ['oldest', 'shop/hero.jpg', 'shop/new.jpg'],
    ],
    [
      ['--uploaded-after', '3650d'],
      ['oldest', 'shop/hero.jpg', 'shop/new.jpg'],
    ],
    [['--creator', 'ann'], ['oldest']],
    [['--no-creator'], ['shop/hero.jpg', 'shop/new.jpg']],
    [['--meta', 'status[eq]=gone'], ['shop/hero.jpg']],
    [['--meta', 'status=gone'], ['shop/hero.jpg']],
    [
      ['--meta', 'status[in]=gone|active'],
      ['oldest', 'shop/hero.jpg'],
    ],
    [
      ['--meta', 'n[eq]=5'],
      ['oldest', 'shop/hero.jpg'],
    ],
    [['--meta', 'n[eq:number]=5'], ['oldest']],
    [['--meta', 'n[gt]=5'], ['shop/new.jpg']],
    [['--meta', 'n[gte]=5', '--meta', 'n[lt]=7'], ['oldest']],
    [['--meta', 'flag[eq]=true'], ['shop/hero.jpg']],
    [['--meta', 'region.name[eq]=eu'], ['oldest']],
    [['--filename', '*.png'], ['undated']],
    [
      ['--id', 'shop/*.jpg'],
      ['shop/hero.jpg', 'shop/new.jpg'],
    ],
    [['--prefix', 'shop/h'], ['shop/hero.jpg']],
    [['--require-signed-urls'], ['shop/new.jpg']],
    [['--no-require-signed-urls', '--prefix', 'shop'], ['shop/hero.jpg']],
  ])('%j', (args, ids) => withImages(async (bench) => expect(await idsOf(bench, ...args)).toEqual(ids)));

  it('the API is given what it can filter by, five at most; the rest is filtered here', () =>
    withImages(async (bench) => {
      const metas = ['a[eq]=x', 'b[in]=x|y', 'c[gte]=1', 'd[eq:boolean]=true', 'e[eq]=x', 'f[eq]=x'].flatMap((text) => ['--meta', text]);
      await idsOf(bench, '--creator', 'ann', ...metas, '--prefix', 'x');
      await idsOf(bench, '--no-creator', '--meta', 'n[eq]=5', '--meta', 'deep.er.than.it.can.go[eq]=x');
      expect(queriesOf(bench)).toEqual([
        'per_page=1000&sort_order=asc&creator=ann&meta.a[eq]=x&meta.b[in]=x|y&meta.c[gte]=1&meta.d[eq:boolean]=true',
        'per_page=1000&sort_order=asc&creator=',
      ]);
    }));

  it('an API that ignores them makes no list wrong', () =>
    withImages(async (bench) => {
      bench.simulator.override(({ rawUrl }) => (rawUrl.includes('creator') ? everyImage() : undefined));
      expect(await idsOf(bench, '--creator', 'ann')).toEqual(['oldest']);
    }));

  it('an API that does not take them is asked for all images, and a person is told', () =>
    withImages(async (bench) => {
      bench.simulator.override(({ rawUrl }) => (rawUrl.includes('creator') ? failure(400, 5400, 'no such filter') : undefined));
      const { stdout, stderr, exitCode } = await list(bench, '--format', 'ids', '--creator', 'ann');
      expect({ stdout, exitCode }).toEqual({ stdout: 'oldest\n', exitCode: 0 });
      expect(stderr).toContain(
        'does not take the filters (400, code 5400 \\"no such filter\\"): all images are asked for, and filtered here',
      );
      expect(bench.simulator.record.requestCount).toBe(2);
    }));

  it.each<[args: readonly string[], why: RegExp]>([
    [['--uploaded-before', '90'], /must be a date, a time with its zone or an age/],
    [['--uploaded-before', '2026-02-30'], /must be a date/],
    [['--uploaded-after', '2026-02-01T00:00:00'], /with its zone/],
    [['--meta', 'status'], /must be key\[op\]=value/],
    [['--meta', 'n[gt]=many'], /takes a number/],
    [['--meta', 'n[like]=x'], /Operators: eq, gt/],
    [['--creator', ''], /must not be empty/],
    [['--creator', 'a', '--no-creator'], /contradict/],
    [['--require-signed-urls', '--no-require-signed-urls'], /contradict/],
    [['--fields', 'id,size'], /must name fields/],
    [['--json'], /both write to stdout/],
    [['--force'], /none is given/],
    [['--not-in', 'list.csv', '-o', 'list.csv'], /are the same file/],
    [['--not-in', 'missing.txt'], /file of --not-in missing\.txt cannot be used/],
    [['--in', 'empty.txt'], /holds no ID/],
    [['all.csv'], /too many arguments/],
  ])('%j is exit 2, and nothing is asked', (args, why) =>
    withImages(async (bench) => {
      bench.write('list.csv', 'id\na\n');
      bench.write('empty.txt', '');
      const { exitCode, stderr } = await list(bench, ...args);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(why);
      expect(bench.simulator.record.requestCount).toBe(0);
    }),
  );
});

function everyImage(): ReturnType<typeof failure> {
  const images = IMAGES.map(({ id, creator }) => ({ id, creator }));
  return {
    status: 200,
    headers: {},
    body: JSON.stringify({ success: true, errors: [], messages: [], result: { images, continuation_token: null } }),
  };
}

describe('--not-in and --in', () => {
  const DELIVERY = 'imagedelivery.net/Vi7wi5KSItxGFsWRG2Us6Q';
  const IN_USE: readonly SimulatedImage[] = ['Keep/Photo 1.jpg', 'straße', 'café', 'uuid-like-0001', 'smith, john.jpg', 'orphan-1'].map(
    (id) => ({ id }),
  );

  it.each<[what: string, text: string]>([
    ['other capitals, encoding and Unicode forms', 'keep%2Fphoto%201.JPG\nSTRASSE\ncafe\u0301\nUUID-LIKE-0001\nsmith, john.jpg\n'],
    ['marks, remarks, counts', '- ‘Keep/Photo 1.jpg’\n* straße  # used\n12 café\n1. uuid-like-0001\n[smith, john.jpg],\n'],
    [
      'delivery URLs',
      [
        `https://${DELIVERY}/Keep%2FPhoto%201.jpg/public`,
        `${DELIVERY}/straße/thumb`,
        'café\nuuid-like-0001/public',
        'smith, john.jpg',
      ].join('\n'),
    ],
    ['patterns', 'keep/*\nstra*\ncaf?\nuuid-like-[0-9]*\nsmith*\n'],
    ['a table of a database', 'name;image_id\nx;Keep/Photo 1.jpg\ny;straße\nz;café\nz;uuid-like-0001\nw;smith, john.jpg\n'],
  ])('%s: what is in use in any spelling is no orphan', (_, text) =>
    withImages(async (bench) => {
      bench.write('in-use.txt', text);
      const orphans = await list(bench, '--format', 'ids', '--not-in', 'in-use.txt');
      expect(orphans).toMatchObject({ exitCode: 0, stdout: 'orphan-1\n' });
      const used = await list(bench, '--format', 'ids', '--in', 'in-use.txt');
      expect(used.stdout.trim().split('\n').toSorted()).toEqual(
        IN_USE.map(({ id }) => id)
          .filter((id) => id !== 'orphan-1')
          .toSorted(),
      );
      expect((await list(bench, '--format', 'ids', '--in', 'in-use.txt', '--not-in', 'in-use.txt')).stdout).toBe('');
    }, IN_USE),
  );

  it('several files add up, with those of the environment', () =>
    withImages(
      async (bench) => {
        for (const name of ['a', 'b', 'c']) bench.write(`${name}.txt`, `${name}\n`);
        const args = [
          'list',
          '--base-url',
          bench.simulator.url,
          '--rate',
          'unlimited',
          '--format',
          'ids',
          '--not-in',
          'a.txt',
          '--not-in',
          'b.txt',
        ];
        const { stdout } = await bench.run(args, { env: { IMAGES_PURGE_NOT_IN: bench.path('c.txt') } });
        expect(stdout).toBe('d\n');
      },
      ['a', 'b', 'c', 'd'].map((id) => ({ id })),
    ));
});

describe('what list writes, other commands read', () => {
  const ODD = [
    'plain-1',
    'a,b',
    'a;b',
    'a|b',
    'a\tb'.replace('\t', ' '),
    '"quoted"',
    "it's",
    'say "hi"',
    '=1+1',
    '+49',
    '-5',
    '@home',
    "'apostrophe",
    '#tag',
    '# remark',
    'NULL',
    'true',
    '0017',
    '1e9',
    '(2 rows)',
    '---',
    'summer sale',
    'two  spaces',
    'shop/hero/public',
    'café',
    'cafe\u0301',
    'Straße',
    '猫.jpg',
    '👍',
    '%2F',
    'a%20b',
    '[x]',
    '{"id":"x"}',
    'keep-*',
    'keep-?',
    '1. one',
    '- one',
    'https:one',
    'outcome',
    '\u200binvisible',
    '="0017"',
    'a\\nb',
    '<b>',
    'a:b',
    '~',
    '…',
  ];
  const IMAGES_OF_ODD = ODD.map((id, index) => ({
    id,
    uploaded: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString(),
    filename: 'a "b", c;d.jpg',
  }));

  it.each([
    ['all.csv', ['--format', 'csv']],
    ['ids-only.csv', ['--format', 'csv', '--fields', 'id']],
    ['all.ndjson', ['--format', 'ndjson', '--fields', 'meta,variants']],
    ['no-ending', ['--format', 'csv']],
  ])('%s: delete deletes each image, and --exclude keeps each, whatever its ID looks like', (name, args) =>
    withImages(async (bench) => {
      expect(await list(bench, '-o', name, ...args)).toMatchObject({ exitCode: 0 });
      const kept = await bench.run([...bench.deleteArgs(name, '--exclude', name, '--literal', '--json'), '--checkpoint', 'kept']);
      expect(summaryOf(kept)).toMatchObject({ exitCode: 0, intake: { rows: ODD.length, protected: ODD.length, rejected: 0 } });
      expect(summaryOf(kept).protectedBy).toMatchObject([{ entries: ODD.length, held: ODD.length, near: 0 }]);
      const { exitCode } = await bench.run(bench.deleteArgs(name, '--literal', '--json'));
      expect(exitCode).toBe(0);
      expect([...bench.simulator.record.deleted].toSorted()).toEqual([...ODD].toSorted());
    }, IMAGES_OF_ODD),
  );

  it('without --literal nothing but the noise of exports is rejected', () =>
    withImages(async (bench) => {
      await list(bench, '-o', 'all.csv');
      const deleted = await bench.run(bench.deleteArgs('all.csv', '--json'));
      const left = ODD.filter((id) => !bench.simulator.record.deleted.has(id));
      expect(left.toSorted()).toEqual(['(2 rows)', '---', 'NULL'].toSorted());
      expect(summaryOf(deleted).intake['rejected']).toBe(left.length);
    }, IMAGES_OF_ODD));

  it('an image whose ID is the name of a column is not overlooked in CSV: it is refused, and NDJSON has it', () =>
    withImages(
      async (bench) => {
        for (const [name, form] of [
          ['all.csv', 'csv'],
          ['all.ndjson', 'ndjson'],
        ] as const)
          await list(bench, '-o', name, '--format', form);
        bench.write('ids.csv', 'id\na\n');
        const refused = await bench.run(bench.deleteArgs('ids.csv', '--exclude', 'all.csv'));
        expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('the exclude file all.csv') as string });
        expect((await bench.run(bench.deleteArgs('ids.csv', '--exclude', 'all.ndjson', '--expect-absent'))).exitCode).toBe(0);
      },
      [{ id: 'x' }, { id: 'id' }],
    ));

  it('bare IDs that may be read as something else are counted in a warning', () =>
    withImages(async (bench) => {
      const { stderr, exitCode } = await list(bench, '--format', 'ids', '-o', 'ids.txt');
      expect(exitCode).toBe(0);
      expect(stderr).toMatch(/\d+ IDs may be read as something else where they stand in bare lines, such as/);
    }, IMAGES_OF_ODD));

  it('an ID with a line break is left out of lines and told, and stands in NDJSON as it is', () =>
    withImages(
      async (bench) => {
        for (const format of ['csv', 'ids']) {
          const { stdout, stderr } = await list(bench, '--format', format, '--fields', 'id');
          expect(stdout.replace('id\n', '')).toBe('good\n');
          expect(stderr).toContain('1 image left out');
        }
        const { stdout } = await list(bench, '--format', 'ndjson', '--fields', 'id');
        expect(stdout).toBe('{"id":"good"}\n{"id":"a\\nvictim"}\n');
      },
      [{ id: 'good' }, { id: 'a\nvictim' }],
    ));
});

describe('how a list ends', () => {
  it('--json tells the counts, and the error', () =>
    withImages(async (bench) => {
      const done = await list(bench, '-o', 'all.csv', '--json', '--prefix', 'shop');
      expect(JSON.parse(done.stdout)).toMatchObject({
        output: 'all.csv',
        complete: true,
        read: 4,
        listed: 2,
        requests: 1,
        exitCode: 0,
        error: null,
      });
      bench.simulator.revokeToken();
      const refused = await list(bench, '-o', 'other.csv', '--json');
      expect(refused.exitCode).toBe(3);
      expect(JSON.parse(refused.stdout)).toMatchObject({ complete: false, exitCode: 3, error: { code: 'REFUSED_CREDENTIALS' } });
      expect(refused.stderr).not.toContain('IDs were deleted before');
    }));

  it.each<[what: string, options: Partial<SimulatorOptions>, args: readonly string[], exitCode: number]>([
    ['an account without Images', { isImagesEnabled: false }, [], 3],
    ['another account', {}, ['--account-id', 'f'.repeat(32)], 3],
    ['a folder that is not there', {}, ['-o', 'missing/all.csv'], 5],
    ['a folder as file', {}, ['-o', '.'], 5],
  ])('%s: exit code %j', (_, options, args, exitCode) =>
    withPurge(options, async (bench) => expect(await list(bench, ...args)).toMatchObject({ exitCode, stdout: '' })),
  );

  it('a reader of stdout that has seen enough is no failure; a pipe is told that its end says nothing', () =>
    withPurgeProcesses({ images: { kind: 'numbered', count: 5_000 } }, async (bench) => {
      const running = bench.start(['list', '--base-url', bench.simulator.url, '--rate', 'unlimited']);
      running.child.stdout?.once('data', () => running.child.stdout?.destroy());
      const { exitCode, stderr } = await running.finished;
      expect(exitCode).toBe(0);
      expect(stderr).toContain('images-purge list … -o FILE, look at it, then images-purge delete FILE');
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }));
});
