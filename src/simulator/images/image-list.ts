import { UPLOADED_DEFAULT, type ImageStore } from './image-store.ts';
import { listFilters } from './list-filters.ts';
import { failure, type SimulatedAnswer, success } from '../simulated-answers.ts';
import type { SimulatedImage, SimulatorOptions } from '../simulator-options.ts';

const PAGE_SIZE_MAX = 10_000;
const PAGE_SIZE_MIN = 10;
const PAGE_SIZE_DEFAULT = 1_000;

/** `GET images/v2`. */
export interface ImageList {
  answer(query: URLSearchParams): SimulatedAnswer;
  /** No token given out until now is taken any more. */
  expireTokens(): void;
}

export function createImageList(images: ImageStore, { listTokenLifetimeMs }: Pick<SimulatorOptions, 'listTokenLifetimeMs'>): ImageList {
  let generation = 0;
  const tokenFor = (position: number): string => Buffer.from(`${position},${generation},${Date.now().toString(36)}`).toString('base64url');
  /** `undefined`: it is none of ours, or has expired. */
  const positionOf = (token: string): number | undefined => {
    const [, position, ofGeneration, issued = ''] = /^(\d+),(\d+),([0-9a-z]+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
    const isGood = Number(ofGeneration) === generation && Date.now() - Number.parseInt(issued, 36) < listTokenLifetimeMs;
    return isGood ? Number(position) : undefined;
  };

  return {
    expireTokens: () => void generation++,
    answer(query) {
      const asked = Number(query.get('per_page') ?? PAGE_SIZE_DEFAULT);
      if (!Number.isInteger(asked) || asked < PAGE_SIZE_MIN || asked > PAGE_SIZE_MAX)
        return refused(`per_page must be between ${PAGE_SIZE_MIN} and ${PAGE_SIZE_MAX}`);
      const order = query.get('sort_order') ?? 'desc';
      if (order !== 'asc' && order !== 'desc') return refused('sort_order must be asc or desc');
      const filters = listFilters(query);
      if (typeof filters === 'string') return refused(filters);
      const token = query.get('continuation_token');
      let position = token === null ? 0 : positionOf(token);
      if (position === undefined) return refused('invalid continuation token');

      const page: SimulatedImage[] = [];
      for (; position < images.positionCount && page.length < asked; position++) {
        const image = images.listedAt(order === 'asc' ? position : images.positionCount - 1 - position);
        if (image !== undefined && filters.every((filter) => filter(image))) page.push(image);
      }
      const isLast = position >= images.positionCount;
      return success({ images: page.map(detailsOf), continuation_token: isLast ? null : tokenFor(position) });
    },
  };
}

function refused(why: string): SimulatedAnswer {
  return failure(400, 5400, `Bad request: ${why}`);
}

/** An image as the API tells it. */
export function detailsOf(image: SimulatedImage): object {
  const { id, filename, uploaded = UPLOADED_DEFAULT, creator, meta, requireSignedURLs, variants } = image;
  return {
    id,
    filename: filename ?? `${id.split('/').at(-1)}.gif`,
    ...(uploaded === null ? {} : { uploaded }),
    ...(creator === undefined ? {} : { creator }),
    requireSignedURLs: requireSignedURLs ?? false,
    meta: meta ?? {},
    variants: variants ?? [`https://imagedelivery.net/Vi7wi5KSItxGFsWRG2Us6Q/${encodeURIComponent(id)}/public`],
    ...(image.draft === true ? { draft: true } : {}),
  };
}
