import { describeAnswer } from '../answer/stop-texts.ts';
import type { PurgeDeps } from '../run/deps.ts';
import type { ListedImage } from './image.ts';
import { BEGINNINGS_MAX, brokenList, imagePages, type PagesOptions, QueryRefused } from './pages.ts';
import { RecentIds } from './seen-ids.ts';

export interface WholeListOptions extends Pick<PagesOptions, 'access' | 'halt' | 'read' | 'attemptsMax'> {
  readonly deps: Pick<PurgeDeps, 'clock' | 'random' | 'observer'>;
}

export interface ListTaker {
  /** Called before the first page, and again where the list is begun again: what was taken before counts no more. */
  readonly begin: () => unknown;
  readonly take: (images: readonly ListedImage[]) => Promise<unknown>;
}

/**
 * Goes through all images of the account, each once, or again where a page a thousand pages later repeats it. Begins again where the API
 * has forgotten where the list was.
 *
 * @throws `ListStopped` where the run was told to end, `UserError` where the list cannot be read
 */
export async function goThroughList(
  { access, deps, halt, read, attemptsMax }: WholeListOptions,
  { begin, take }: ListTaker,
): Promise<void> {
  const { clock, random, observer } = deps;
  // The oldest first: what is uploaded meanwhile comes at the end, and moves nothing that was read.
  const query = { sortOrder: 'asc', conditions: [] } as const;
  for (let beginnings = 1; ; beginnings++) {
    await begin();
    const seen = new RecentIds();
    try {
      const pages = imagePages({ access, clock, random, halt, query, read, fromToken: undefined, seen, attemptsMax });
      for await (const { images } of pages) await take(images);
      return;
    } catch (error) {
      if (!(error instanceof QueryRefused)) throw error;
      if (beginnings === BEGINNINGS_MAX) throw brokenList(`the API does not go on with it (${describeAnswer(error.answer)})`);
      const why = describeAnswer(error.answer);
      const message = `the API does not take the continuation token of the list any more (${why}): it is begun again.`;
      observer.event({ kind: 'warning', code: 'LIST_TOKEN_EXPIRED', message });
    }
  }
}
