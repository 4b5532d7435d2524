import { describe, expect, it } from 'vitest';

import { numberedImage } from '../../../src/simulator/images/image-store.ts';
import type { SimulatedImage, SimulatorOptions } from '../../../src/simulator/simulator-options.ts';
import { type Simulator } from '../../../src/simulator/simulator.ts';
import { TEST_ACCOUNT, TEST_TOKEN } from '../../support/cli/cli.ts';
import { withSimulator } from '../../support/servers/simulator.ts';

interface Answer {
  readonly status: number;
  readonly ids: readonly string[];
  readonly token: string | null;
  readonly message: string | undefined;
}

async function asked(simulator: Simulator, query: string): Promise<Answer> {
  const response = await fetch(`${simulator.url}/accounts/${TEST_ACCOUNT}/images/v2?${query}`, {
    headers: { authorization: `Bearer ${TEST_TOKEN}` },
  });
  const { result, errors } = (await response.json()) as {
    result: { images: { id: string }[]; continuation_token: string | null } | null;
    errors: { message: string }[];
  };
  return {
    status: response.status,
    ids: result?.images.map(({ id }) => id) ?? [],
    token: result?.continuation_token ?? null,
    message: errors[0]?.message,
  };
}

const IMAGES: readonly SimulatedImage[] = [
  { id: 'new', uploaded: '2026-03-01T00:00:00Z', creator: 'ann', meta: { n: 5, flag: true, region: { name: 'eu' } } },
  { id: 'old', uploaded: '2026-01-01T00:00:00Z', meta: { n: '5', status: 'active' } },
  { id: 'draft', uploaded: '2026-02-01T00:00:00Z', draft: true },
  { id: 'middle', uploaded: '2026-02-01T00:00:00Z', creator: 'bob', meta: { n: 7, status: 'gone' } },
];

function withImages(work: (simulator: Simulator) => Promise<void>, options: Partial<SimulatorOptions> = {}): Promise<void> {
  return withSimulator({ images: { kind: 'detailed', images: IMAGES }, ...options }, work);
}

describe('the list of the simulated account', () => {
  it('goes by the time of upload, newest first unless it is asked for otherwise, and leaves drafts out', () =>
    withImages(async (simulator) => {
      expect((await asked(simulator, 'sort_order=asc')).ids).toEqual(['old', 'middle', 'new']);
      expect((await asked(simulator, '')).ids).toEqual(['new', 'middle', 'old']);
    }));

  it.each<[query: string, ids: readonly string[]]>([
    ['creator=ann', ['new']],
    ['creator=', ['old']],
    ['meta.n[eq]=5', ['old', 'new']],
    ['meta.n[eq:number]=5', ['new']],
    ['meta.n[eq:string]=5', ['old']],
    ['meta.flag[eq:boolean]=true', ['new']],
    ['meta.region.name[eq]=eu', ['new']],
    ['meta.status[in]=active|gone', ['old', 'middle']],
    ['meta.n[gt]=5', ['middle']],
    ['meta.n[gte]=5', ['middle', 'new']],
    ['meta.n[lt]=7', ['new']],
    ['meta.n[lte:number]=7&meta.status[eq]=gone', ['middle']],
  ])('filters by %s', (query, ids) =>
    withImages(async (simulator) => {
      const encoded = query.replaceAll('[', '%5B').replaceAll(']', '%5D');
      expect((await asked(simulator, `sort_order=asc&${encoded}`)).ids).toEqual(ids);
    }),
  );

  it.each([
    ['a filter that it does not know', 'filename=x', /unsupported filter filename/],
    ['an operator that it does not know', 'meta.a%5Blike%5D=x', /unsupported filter meta/],
    ['a range of texts', 'meta.a%5Bgt%5D=x', /takes a number/],
    ['more than five filters', `creator=x&${Array.from({ length: 5 }, (_, n) => `meta.k${n}%5Beq%5D=x`).join('&')}`, /at most 5 filters/],
    ['more than ten alternatives', `meta.a%5Bin%5D=${Array.from({ length: 11 }, (_, n) => n).join('%7C')}`, /at most 10/],
    ['more than five levels', 'meta.a.b.c.d.e.f%5Beq%5D=x', /at most 5 levels/],
    ['a token that is none', 'continuation_token=none', /continuation token/],
  ])('refuses %s, and never falls back to the whole list', (_, query, why) =>
    withImages(async (simulator) => {
      const answer = await asked(simulator, query);
      expect(answer.status).toBe(400);
      expect(answer.ids).toEqual([]);
      expect(answer.message).toMatch(why);
    }),
  );

  it('a token leads on from where its page ended, though images were deleted meanwhile, and expires', () =>
    withSimulator({ images: { kind: 'numbered', count: 35 } }, async (simulator) => {
      const first = await asked(simulator, 'per_page=10&sort_order=asc');
      expect(first.token?.length).toBeLessThanOrEqual(32);
      await fetch(`${simulator.url}/accounts/${TEST_ACCOUNT}/images/v1/${first.ids[0]}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${TEST_TOKEN}` },
      });
      const second = await asked(simulator, `per_page=10&sort_order=asc&continuation_token=${first.token}`);
      expect(second.ids[0]).toBe(numberedImage(10).id);
      simulator.expireListTokens();
      expect((await asked(simulator, `continuation_token=${second.token}`)).status).toBe(400);
    }));

  it('tokens live as long as they are said to', () =>
    withSimulator({ images: { kind: 'numbered', count: 35 }, listTokenLifetimeMs: 0 }, async (simulator) => {
      const { token } = await asked(simulator, 'per_page=10');
      expect((await asked(simulator, `continuation_token=${token}`)).status).toBe(400);
    }));

  it('ten million images take no memory', () =>
    withSimulator({ images: { kind: 'numbered', count: 10_000_000 } }, async (simulator) => {
      const { ids } = await asked(simulator, 'sort_order=desc');
      expect(ids).toHaveLength(1_000);
      expect(ids[0]).toBe(numberedImage(9_999_999).id);
    }));
});
