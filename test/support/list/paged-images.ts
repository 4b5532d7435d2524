import { detailsOf } from '../../../src/simulator/images/image-list.ts';
import type { Override } from '../../../src/simulator/script.ts';
import { failure, success } from '../../../src/simulator/simulated-answers.ts';
import type { SimulatedImage } from '../../../src/simulator/simulator-options.ts';

/** Images of which a page holds a few only, so that a short list has many pages. */
export function pagesOfImages(images: readonly SimulatedImage[], perPage: number): Override {
  return ({ rawUrl }) => {
    const [path = '', query = ''] = rawUrl.split('?', 2);
    if (!path.endsWith('/images/v2')) return undefined;
    const token = new URLSearchParams(query).get('continuation_token');
    if (token !== null && !/^at-\d+$/.test(token)) return failure(400, 5400, 'invalid continuation token');
    const from = token === null ? 0 : Number(token.slice('at-'.length));
    const to = from + perPage;
    return success({ images: images.slice(from, to).map(detailsOf), continuation_token: to < images.length ? `at-${to}` : null });
  };
}

/** The token of a page that was asked for; `first` for the first one. */
export function tokenOf(rawUrl: string): string {
  return new URLSearchParams(rawUrl.split('?', 2)[1]).get('continuation_token') ?? 'first';
}
