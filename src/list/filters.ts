import type { Pattern } from '../domain/spelling/wildcards.ts';
import type { ListedImage } from './image.ts';
import { meetsMeta, type MetaCondition, metaParameter } from './meta-condition.ts';
import { CONDITIONS_MAX, type PageQuery } from './pages.ts';

/** Which images a list shows; all of it must hold. `undefined`: it does not matter. */
export interface ListFilters {
  /** Milliseconds since 1970. An image without a time of upload is neither earlier nor later than any time. */
  readonly uploadedBeforeMs: number | undefined;
  /** That time itself included. */
  readonly uploadedAfterMs: number | undefined;
  /** `''`: those without one. */
  readonly creator: string | undefined;
  readonly meta: readonly MetaCondition[];
  readonly filename: Pattern | undefined;
  readonly id: Pattern | undefined;
  readonly prefix: string | undefined;
  readonly requireSignedURLs: boolean | undefined;
}

/** Whether an image is to be listed. Every image that the API returns is asked, whatever it was to filter by itself. */
export function isWanted(image: ListedImage, filters: ListFilters): boolean {
  const { uploadedBeforeMs, uploadedAfterMs, creator, meta, filename, id, prefix, requireSignedURLs } = filters;
  const { uploadedMs } = image;
  if (uploadedBeforeMs !== undefined && !(uploadedMs !== undefined && uploadedMs < uploadedBeforeMs)) return false;
  if (uploadedAfterMs !== undefined && !(uploadedMs !== undefined && uploadedMs >= uploadedAfterMs)) return false;
  if (creator !== undefined && (image.creator ?? '') !== creator) return false;
  if (requireSignedURLs !== undefined && image.requireSignedURLs !== requireSignedURLs) return false;
  if (prefix !== undefined && !image.id.startsWith(prefix)) return false;
  if (id !== undefined && !id.matches(image.id)) return false;
  if (filename !== undefined && (image.filename === undefined || !filename.matches(image.filename))) return false;
  return meta.every((condition) => meetsMeta(image.meta, condition));
}

/** As many of the filters as the API takes in one question, in the order in which they were given. */
export function apiConditions({ creator, meta }: ListFilters): PageQuery['conditions'] {
  const conditions = [creator === undefined ? undefined : (['creator', creator] as const), ...meta.map(metaParameter)];
  return conditions.filter((condition) => condition !== undefined).slice(0, CONDITIONS_MAX);
}
