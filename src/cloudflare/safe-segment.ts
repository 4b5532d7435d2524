import { imageIdSegment, type ImageId } from '../domain/image-id.ts';

/** The last check before sending: a request can only address one image, whatever earlier checks have missed. */
export function safeSegment(id: ImageId): string {
  const segment = imageIdSegment(id);
  if (segment === '' || segment === '.' || segment === '..' || /[/?#\\]/.test(segment))
    throw new Error('an image ID did not become one path segment');
  return segment;
}
