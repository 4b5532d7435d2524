/**
 * Values that are delivery URLs: which ID is in them, and what only the list shows, that they are of two accounts.
 *
 * @module
 */
import { deliveryUrlImageId } from '../domain/spelling/delivery-url.ts';
import { trimValue } from '../domain/image-id.ts';
import type { ClassifiedValue } from './classify-value.ts';
import { isKnownVariant } from './marks.ts';
import { URL_KIND } from './suspicious-kinds.ts';

/** Takes the IDs out of the values of one source. */
export type DeliveryUrlReader = (value: string, line: number, read: (value: string) => ClassifiedValue) => ClassifiedValue;

const IN_DOUBT = 'whether the last part of this URL is a variant cannot be told';
/** Cloudflare's rule for the names that accounts give their variants. */
const VARIANT_NAME = /^[\w-]{1,99}$/;
/** UUIDs, and numbers longer than any width, are IDs. */
const ID_LIKE = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{5,})$/i;

/** @returns the reader of each source of a list, by the source's name */
export function createDeliveryUrlReaders(): (sourceName: string) => DeliveryUrlReader {
  let first: { readonly accountHash: string; readonly place: string } | undefined;

  return (sourceName) => (value, line, read) => {
    const url = deliveryUrlImageId(trimValue(value));
    if (url.kind !== 'id') return { kind: 'unusable', reason: url.reason };
    first ??= { accountHash: url.accountHash, place: `${sourceName} line ${line}` };
    // White space around a value is trimmed. What a URL spells out is part of the ID: without it, it would be another image's.
    if (trimValue(url.value) !== url.value) return { kind: 'unusable', reason: 'its ID begins or ends with white space' };
    // Of `shop/hero.jpg` without a variant, the image `shop` would be deleted.
    const isKnown = isKnownVariant(url.variant);
    if (!isKnown && (!VARIANT_NAME.test(url.variant) || ID_LIKE.test(url.variant))) return { kind: 'unusable', reason: IN_DOUBT };
    const found = read(url.value);
    if (found.kind !== 'id') return found;

    const examples: Record<string, string> = {};
    if (!isKnown && !ID_LIKE.test(url.value)) examples[URL_KIND.unknownVariant] = `${url.value}/${url.variant}`;
    if (url.accountHash !== first.accountHash)
      examples[URL_KIND.otherAccount] = `${url.accountHash}, where ${first.place} has ${first.accountHash}`;
    const kinds = Object.keys(examples);
    return kinds.length === 0 ? found : { ...found, suspicious: [...found.suspicious, ...kinds], examples };
  };
}
