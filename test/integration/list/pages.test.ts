import { describe, expect, it } from 'vitest';

import { readListAnswer } from '../../../src/answer/list-answer.ts';
import { imagePages, type ImagePage, type PageQuery, QueryRefused } from '../../../src/list/pages.ts';
import { SeenIds } from '../../../src/list/seen-ids.ts';
import { failure, type SimulatedAnswer, success } from '../../../src/simulator/simulated-answers.ts';
import { type Opened, withAccount } from '../../support/connect/with-account.ts';

const ALL: PageQuery = { sortOrder: 'asc', conditions: [] };

function pagesOf({ access, halt }: Opened, given: { query?: PageQuery; fromToken?: string } = {}): AsyncGenerator<ImagePage> {
  return imagePages({
    access,
    // A wait between two tries takes no time.
    clock: { boot: () => undefined, monotonicMs: () => 0, wallMs: () => 0, sleep: () => Promise.resolve() },
    random: () => 0,
    halt: halt.signal,
    query: ALL,
    read: readListAnswer,
    fromToken: undefined,
    seen: new SeenIds(),
    attemptsMax: 3,
    ...given,
  });
}

async function idsOf(pages: AsyncIterable<ImagePage>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { images } of pages) ids.push(...images.map(({ id }) => id));
  return ids;
}

function page(ids: readonly unknown[], token: unknown): SimulatedAnswer {
  return success({ images: ids.map((id) => ({ id, somethingNew: { deep: [1] } })), continuation_token: token });
}

/** Answers the n-th question with the n-th page, and the last one again and again. */
function scripted(answers: readonly SimulatedAnswer[]): { script: () => SimulatedAnswer | undefined; asked: () => number } {
  let asked = 0;
  return { script: () => answers[Math.min(asked++, answers.length - 1)], asked: () => asked };
}

describe('all pages of the list', () => {
  it('come one after another, 1,000 images each, and a sort order is always asked for', () =>
    withAccount(
      { images: { kind: 'list', ids: Array.from({ length: 2_500 }, (_, index) => `image-${index}`) } },
      async (opened, simulator) => {
        const ids = await idsOf(pagesOf(opened));
        expect(ids).toHaveLength(2_500);
        expect(new Set(ids).size).toBe(2_500);
        expect(simulator.record.requests.map(({ rawUrl }) => rawUrl.split('?')[1]?.replace(/continuation_token=.*/, '…'))).toEqual([
          'per_page=1000&sort_order=asc',
          'per_page=1000&sort_order=asc&…',
          'per_page=1000&sort_order=asc&…',
        ]);
        expect(opened.counters.requests).toBe(3);
      },
    ));

  it('an image that comes again, on its page or a later one, is given once', () =>
    withAccount({}, async (opened, simulator) => {
      simulator.override(scripted([page(['a', 'b', 'a'], 't1'), page(['b', 'c'], null)]).script);
      const pages: ImagePage[] = [];
      for await (const one of pagesOf(opened)) pages.push(one);
      expect(pages.map(({ images, repeatedCount }) => [images.map(({ id }) => id), repeatedCount])).toEqual([
        [['a', 'b'], 1],
        [['c'], 1],
      ]);
    }));

  it('empty pages with a token are gone through', () =>
    withAccount({}, async (opened, simulator) => {
      simulator.override(scripted([page([], 't1'), page([], 't2'), page(['a'], null)]).script);
      expect(await idsOf(pagesOf(opened))).toEqual(['a']);
    }));

  it.each<[what: string, answers: readonly SimulatedAnswer[], why: RegExp]>([
    ['a token that repeats', [page(['a'], 't1'), page(['b'], 't2'), page(['c'], 't1')], /same continuation token/],
    [
      'pages that only repeat',
      [page(['a'], 't1'), page(['a'], 't2'), page(['a'], 't3'), page(['a'], 't4'), page(['a'], 't5')],
      /3 pages in a row held nothing but/,
    ],
    ['a result of null', [page(['a'], 't1'), success(null)], /has no result/],
    ['a result without images', [page(['a'], 't1'), success({ continuation_token: null })], /holds no images/],
    ['images that are no array', [success({ images: {}, continuation_token: null })], /holds no images/],
    ['a token that is no text', [page(['a'], 7)], /token is no text/],
    ['an image without an ID', [page(['a', undefined], null)], /has no ID/],
    ['an image with an empty ID', [page(['a', ''], null)], /has no ID/],
    ['a question that is refused', [failure(400, 5400, 'Bad request')], /refuses to give it \(400, code 5400/],
  ])('%s ends the list with an error', (_, answers, why) =>
    withAccount({}, async (opened, simulator) => {
      simulator.override(scripted(answers).script);
      await expect(idsOf(pagesOf(opened))).rejects.toMatchObject({
        code: 'LIST_BROKEN',
        exitCode: 5,
        message: expect.stringMatching(why) as string,
      });
    }),
  );

  it('an answer that is none of a list is asked for again, so often and no oftener', () =>
    withAccount({}, async (opened, simulator) => {
      const lasting = scripted([success(null)]);
      simulator.override(lasting.script);
      await expect(idsOf(pagesOf(opened))).rejects.toMatchObject({ code: 'LIST_BROKEN' });
      expect(lasting.asked()).toBe(3);
      simulator.override(scripted([success(null), success('none'), page(['a'], null)]).script);
      expect(await idsOf(pagesOf(opened))).toEqual(['a']);
    }));

  it('a page that is too long is asked for in smaller ones', () =>
    withAccount({}, async (opened, simulator) => {
      const long = { status: 200, headers: {}, body: 'x'.repeat(17 * 1024 * 1024) };
      simulator.override(({ rawUrl }) => (/per_page=(?:1000|500)&/.test(rawUrl) ? long : page(['a'], null)));
      expect(await idsOf(pagesOf(opened))).toEqual(['a']);
      expect(simulator.record.requests.map(({ rawUrl }) => /per_page=(\d+)/.exec(rawUrl)?.[1])).toEqual(['1000', '500', '250']);
      simulator.override(() => long);
      await expect(idsOf(pagesOf(opened))).rejects.toMatchObject({
        code: 'LIST_BROKEN',
        message: expect.stringContaining('10 images') as string,
      });
    }));

  it.each<[part: string, given: Parameters<typeof pagesOf>[1]]>([
    ['token', { fromToken: 'old' }],
    ['filters', { query: { sortOrder: 'asc', conditions: [['meta.a[eq]', 'b']] } }],
  ])('says that the %s was refused, so that the list can be begun again', (part, given) =>
    withAccount({}, async (opened, simulator) => {
      simulator.override(() => failure(400, 5400, 'Bad request'));
      const refused = await idsOf(pagesOf(opened, given)).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(QueryRefused);
      expect(refused).toMatchObject({ part });
    }),
  );

  it('a run that is told to end gets no end of the list, but an error', () =>
    withAccount({}, async (opened, simulator) => {
      simulator.override(scripted([page(['a'], 't1'), page(['b'], 't2')]).script);
      const pages = pagesOf(opened);
      await pages.next();
      opened.halt.end({ kind: 'stop-requested', request: { exitCode: 130, name: 'SIGINT' } });
      await expect(pages.next()).rejects.toMatchObject({ name: 'ListStopped' });
    }));
});
