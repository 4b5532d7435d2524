import { failure, htmlPage, noSuchImage, noSuchRoute, notAuthenticated, type SimulatedAnswer, success } from './simulated-answers.ts';
import { detailsOf, type ImageList } from './images/image-list.ts';
import type { ImageStore } from './images/image-store.ts';
import { originalOf } from './images/original.ts';
import { uploadAnswer, type UploadForm } from './images/upload.ts';
import type { SimulatedImage, SimulatorOptions } from './simulator-options.ts';

/** What routing a request yields: an answer, and what it would do. */
export interface Routed {
  readonly answer: SimulatedAnswer;
  readonly id: string | undefined;
  /** The work of a DELETE or an upload, done just before it is answered, or before the answer is lost. */
  readonly work: (() => boolean) | undefined;
  readonly isSiblingHit: boolean;
  /** It is for the bytes of an image. */
  readonly isOriginal?: true;
}

export interface RouteContext {
  readonly options: SimulatorOptions;
  readonly images: ImageStore;
  readonly list: ImageList;
  readonly issueBatchToken: () => { readonly token: string; readonly expiresAt: string };
}

const TOKEN_ID = 'ed17574386854bf78a67040be0a770b0';
const SIBLINGS_WITH_DELETE = ['variants', 'keys'];

/** Answers below `/accounts/{account}/`, credentials already checked. */
export function routeAccount(
  { method, upload }: { readonly method: string; readonly upload: UploadForm | undefined },
  path: string,
  query: URLSearchParams,
  context: RouteContext,
): Routed {
  const { options, images } = context;
  if (path === 'images/v1' && method === 'POST') return options.isImagesEnabled ? uploadImage(upload, images) : plain(notEnabled());
  if (path === 'images/v1/stats' && method === 'GET') return plain(statsAnswer(context));
  if (path === 'images/v1/batch_token' && method === 'GET') return plain(success(context.issueBatchToken()));
  if (path === 'images/v2' && method === 'GET') return plain(options.isImagesEnabled ? context.list.answer(query) : notEnabled());
  if (path === 'tokens/verify' && method === 'GET') return plain(verifyAnswer('account', options));
  if (path === 'images/v1/variants' && method === 'GET') return plain(success({ variants: {} }));
  if (path === 'images/v1/keys' && method === 'GET') return plain(success({ keys: [] }));
  if (!path.startsWith('images/v1/')) return plain(noSuchRoute());
  return routeImage(method, path.slice('images/v1/'.length), options, images);
}

/** Answers on the batch host, where everything but images is forbidden. */
export function routeBatch(method: string, path: string, query: URLSearchParams, context: RouteContext): Routed {
  if (path === 'images/v2' && method === 'GET') return plain(context.list.answer(query));
  if (!path.startsWith('images/v1/')) return plain(failure(403, 103, 'forbidden endpoint'));
  return routeImage(method, path.slice('images/v1/'.length), context.options, context.images);
}

function routeImage(method: string, rest: string, options: SimulatorOptions, images: ImageStore): Routed {
  const [segment = '', ...more] = rest.split('/');
  const isSiblingHit = method === 'DELETE' && SIBLINGS_WITH_DELETE.includes(segment) && more.length > 0;
  const id = decodeSegment(segment);
  if (segment === '' || id === undefined)
    return { ...plain(failure(403, 10000, 'DELETE method not allowed for the api_token authentication scheme')), isSiblingHit };
  if (method === 'GET' && more.length === 1 && more[0] === 'blob') {
    const image = options.isImagesEnabled ? images.find(id) : undefined;
    return { ...plain(originalAnswer(image)), id, isOriginal: true };
  }
  if (more.length > 0) return { ...plain(isSiblingHit ? success({}) : noSuchRoute()), isSiblingHit };
  if (method === 'GET') {
    const image = options.isImagesEnabled ? images.find(id) : undefined;
    return { ...plain(image === undefined ? noSuchImage() : success(detailsOf(image))), id };
  }
  if (method !== 'DELETE') return plain(failure(405, 10000, `${method} method not allowed`));
  return { ...deleteImage(id, options, images), id };
}

function deleteImage(id: string, { rules, isImagesEnabled }: SimulatorOptions, images: ImageStore): Routed {
  if (rules.poisonIds.includes(id)) return plain(failure(500, 5500, 'Internal server error'));
  if (rules.refusedIds.includes(id)) return plain(failure(400, 5400, 'Bad request'));
  if (rules.firewallIds.includes(id)) return plain(htmlPage(403, 'Attention Required! | Cloudflare'));
  if (!isImagesEnabled || !images.has(id)) return plain(noSuchImage());
  return { ...plain(success({})), work: () => images.delete(id) };
}

/** A token is known where it belongs. That an account does not know a user's token is taken from the other case, which was seen. */
export function verifyAnswer(asked: 'user' | 'account', { tokenOwner, verifiedToken }: SimulatorOptions): SimulatedAnswer {
  if (asked !== tokenOwner) return failure(401, 1000, 'Invalid API Token');
  // A success, with a code that means a refusal elsewhere.
  const messages = verifiedToken.status === 'active' ? [{ code: 10000, message: 'This API Token is valid and active' }] : [];
  return success({ id: TOKEN_ID, ...verifiedToken }, {}, messages);
}

function statsAnswer({ options, images }: RouteContext): SimulatedAnswer {
  if (!options.isImagesEnabled) return notEnabled();
  if (!options.isStatsPermitted) return notAuthenticated();
  return success({ count: { current: options.statsCount ?? images.count, allowed: 5_000_000 } });
}

function notEnabled(): SimulatedAnswer {
  return failure(403, 5403, 'The given account is not valid or is not authorized to access this service');
}

/** A draft has none: nothing was uploaded to it yet. */
function originalAnswer(image: SimulatedImage | undefined): SimulatedAnswer {
  if (image === undefined || image.draft === true) return noSuchImage();
  return { status: 200, headers: { 'content-type': 'image/gif' }, body: originalOf(image) };
}

function uploadImage(form: UploadForm | undefined, images: ImageStore): Routed {
  const { answer, image } = uploadAnswer(form, images);
  return image === undefined ? plain(answer) : { ...plain(answer), id: image.id, work: () => images.add(image) };
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined; // Malformed percent-encoding names no image.
  }
}

/** An answer to a request that is for no image and does nothing. */
export function plain(answer: SimulatedAnswer): Routed {
  return { answer, id: undefined, work: undefined, isSiblingHit: false };
}
