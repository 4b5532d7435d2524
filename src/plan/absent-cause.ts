import { looksPercentEncoded } from '../domain/image-id.ts';

interface Cause {
  readonly is: (id: string) => boolean;
  /** Follows "most of them". */
  readonly says: string;
}

const CAUSES: readonly Cause[] = [
  { is: looksPercentEncoded, says: 'are percent-encoded, and were sent as they stand' },
  { is: (id) => /^\d+$/.test(id), says: 'are numbers: is --column the right one?' },
];

/** What most of these IDs have in common that explains why no image was found; `undefined` where their spelling does not. */
export function likelyAbsentCause(ids: readonly string[]): string | undefined {
  for (const { is, says } of CAUSES) {
    const example = ids.find(is);
    if (example !== undefined && ids.filter(is).length * 2 > ids.length) return `most of them, such as ${JSON.stringify(example)}, ${says}`;
  }
  return undefined;
}
