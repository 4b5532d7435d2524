import { imageIdSegment, type ImageId } from '../domain/image-id.ts';

/** The last line of defence: whatever slipped through before, no request addresses anything but one image. */
export function safeSegment(id: ImageId): string {
  const segment = imageIdSegment(id);
  if (segment === '' || segment === '.' || segment === '..' || /[/?#\\]/.test(segment))
    throw new Error('an image ID did not become one path segment');
  return segment;
}
