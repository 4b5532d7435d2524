/**
 * Usable IDs that look as if they were something else: they are sent as they stand, and a person is shown what they look like, since most
 * of them turn out to be absent.
 *
 * @module
 */
import { LIST_KIND, type SuspiciousCount } from '../domain/summary.ts';
import { hasInvisible } from '../domain/spelling/match-key.ts';
import { COUNT_BEFORE, hasMarkAtAnEnd, isPlain, LIST_MARK, REMARK_BEHIND, VARIANT_ENDING } from './marks.ts';

export interface SuspiciousKind {
  /** Stable: the key in `--json`. */
  readonly name: string;
  /** What they are, behind their number: `37 percent-encoded`. */
  readonly looks: string;
  /** Where they come from or what becomes of them, as a sentence without its full stop. */
  readonly likelyCause: string;
  readonly examples: readonly string[];
}

interface ValueKind extends SuspiciousKind {
  /** @param id - usable, trimmed */
  readonly is: (id: string) => boolean;
  /** Tidy values, of letters, digits and `_./-` alone, may be of it too. */
  readonly mayBeTidy?: true;
}

/** Emoji are of several code points, some of them without a look of their own. */
function withoutEmoji(id: string): string {
  // Written here, since making it takes 16 ms, and hardly any list needs it.
  return id.replaceAll(/\p{RGI_Emoji}/gv, '');
}

const ENCODED_BYTE = /%[0-9A-Fa-f]{2}/;
const JSON_ESCAPE = /\\(?:u[0-9A-Fa-f]{4}|["/\\])/;
const UUID_CHARACTERS = 36;
const UUID_ANY_CASE = /^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i;
const SHEET_NUMBER = /^[+-]?\d+(?:[.,]\d+)?E[+-]\d{1,3}$/i;
const PICTURE_ENDING = 'jpe?g|png|gif|webp|avif|svg|heic|tiff?|bmp';
/** A name of a host before the first slash; `hero.jpg/2` is none. */
const HOST_BEFORE_PATH = new RegExp(`^(?![^/]*\\.(?:${PICTURE_ENDING})/)(?:[a-z0-9-]+\\.)+[a-z]{2,}(?::\\d+)?/`, 'i');

/** In the order in which they are told. The rows of docs/lists.md are written of this table. */
export const VALUE_KINDS: readonly ValueKind[] = [
  {
    name: 'percent-encoded',
    looks: 'percent-encoded',
    likelyCause: 'they were taken from URLs; an ID is written without %2F and the like',
    examples: ['shop%2Fhero.jpg'],
    is: (id) => ENCODED_BYTE.test(id),
  },
  {
    name: 'mark-at-end',
    looks: 'with a quote mark, bracket or comma at an end',
    likelyCause: 'they were cut out of a longer text or of CSV, with a part of it',
    examples: ["'img-1'", 'img-1,', '\u201cimg-1\u201d', '[img-1]'],
    is: hasMarkAtAnEnd,
  },
  {
    name: 'json-escape',
    looks: 'with escapes of JSON',
    likelyCause: 'they were cut out of JSON; read as JSON, their escapes are resolved',
    examples: [String.raw`caf\u00e9`, String.raw`shop\/img-1`],
    is: (id) => JSON_ESCAPE.test(id),
  },
  {
    name: 'invisible-character',
    looks: 'with characters that cannot be seen',
    likelyCause: 'they were copied from a page, a chat or a document',
    examples: ['img-1\u200b', '\u202eimg-1'],
    is: (id) => hasInvisible(id) && hasInvisible(withoutEmoji(id)),
  },
  {
    name: 'not-nfc',
    looks: 'with letters in another Unicode form than NFC',
    likelyCause: 'they are names of files from a Mac, or went through a program that takes letters apart',
    examples: ['cafe\u0301'],
    is: (id) => id.normalize('NFC') !== id,
  },
  {
    name: 'uuid-capitals',
    looks: 'with capitals in a UUID',
    likelyCause: 'a database or a sheet has changed them; the UUIDs of Cloudflare are in small letters',
    examples: ['0F9B4C1D-2A3B-4C5D-8E6F-0123456789AB'],
    is: (id) => id.length === UUID_CHARACTERS && UUID_ANY_CASE.test(id) && id !== id.toLowerCase(),
    mayBeTidy: true,
  },
  {
    name: 'sheet-number',
    looks: 'like numbers that a spreadsheet has shortened',
    likelyCause: 'the digits are lost; export the column as text',
    examples: ['9.9E+15', '9,91214E+15'],
    is: (id) => SHEET_NUMBER.test(id),
    mayBeTidy: true,
  },
  {
    name: 'list-mark',
    looks: 'with the mark of a list before the value',
    likelyCause: 'they were copied from a document or a chat',
    examples: ['- img-1', '2. img-1'],
    is: (id) => LIST_MARK.test(id),
  },
  {
    name: 'count-before',
    looks: 'with a count before the value',
    likelyCause: 'a program such as uniq -c has counted them',
    examples: ['3 img-1'],
    is: (id) => COUNT_BEFORE.test(id),
  },
  {
    name: 'remark-behind',
    looks: 'with a remark behind the value',
    likelyCause: 'a person has made notes in the list',
    examples: ['img-1   # old logo', 'img-1 // old logo'],
    is: (id) => REMARK_BEHIND.test(id),
  },
  {
    name: 'url-without-scheme',
    looks: 'like URLs without https://',
    likelyCause: 'they are addresses of images, and no IDs',
    examples: ['imagedelivery.net/Abcdefghij0123456789_-/img-1/public', 'example.com/img-1'],
    is: (id) => id.includes('/') && HOST_BEFORE_PATH.test(id),
    mayBeTidy: true,
  },
  {
    name: 'variant-at-end',
    looks: 'ending like a variant of delivery URLs',
    likelyCause: 'they were cut out of delivery URLs, whose last part is no part of the ID',
    examples: ['img-1/public', 'img-1/w=200,fit=cover'],
    is: (id) => id.includes('/') && VARIANT_ENDING.test(id),
    mayBeTidy: true,
  },
];

export const URL_KIND = { unknownVariant: 'unknown-variant', otherAccount: 'other-account' } as const;

/** What only a delivery URL shows, or a list of them. */
const KINDS_OF_URLS: readonly SuspiciousKind[] = [
  {
    name: URL_KIND.unknownVariant,
    looks: 'of delivery URLs whose last part was taken for a variant, and may be a part of the ID',
    likelyCause: 'where the list has no variants, these are other images than it names',
    examples: ['https://imagedelivery.net/<hash>/shop/hero'],
  },
  {
    name: URL_KIND.otherAccount,
    looks: 'of delivery URLs with another account hash than the first one',
    likelyCause: 'the list may be of two accounts, and all of its IDs are deleted in this one',
    examples: ['https://imagedelivery.net/<other hash>/img-1/public'],
  },
];

/** What only the whole list shows. `--strict` does not refuse it. */
const KINDS_OF_LIST: readonly SuspiciousKind[] = [
  {
    name: LIST_KIND.nearDuplicate,
    looks: 'differing from another one only in case or encoding',
    likelyCause: 'one image may be on the list twice, and one of its spellings be absent',
    examples: ['Hero', 'hero'],
  },
  {
    name: LIST_KIND.notCompared,
    looks: 'not compared with the others in case and encoding',
    likelyCause: 'more than 100,000 of the list are written with capitals or encodings',
    examples: [],
  },
];

export const SUSPICIOUS_KINDS: readonly SuspiciousKind[] = [...VALUE_KINDS, ...KINDS_OF_URLS, ...KINDS_OF_LIST];

/** What is told of a kind; a checkpoint of a newer version may know one more. */
export function tellKind(name: string): Pick<SuspiciousKind, 'looks' | 'likelyCause'> {
  const kind = SUSPICIOUS_KINDS.find((one) => one.name === name);
  return {
    looks: kind?.looks ?? `of the kind ${name}`,
    likelyCause: kind?.likelyCause ?? 'another version of images-purge has told them apart',
  };
}

/** For a log, which escapes what it shows. */
export function suspiciousMessage(found: SuspiciousCount): string {
  const { looks, likelyCause } = tellKind(found.kind);
  return `${found.count} of the IDs: ${looks} (such as ${found.example}, ${found.source} line ${found.line}): ${likelyCause}`;
}

export function isRefusedByStrict(name: string): boolean {
  return !KINDS_OF_LIST.some((kind) => kind.name === name);
}

export const NONE: readonly string[] = [];
const TIDY = /^[A-Za-z0-9][A-Za-z0-9_./-]*$/;
const KINDS_OF_TIDY = VALUE_KINDS.filter(({ mayBeTidy }) => mayBeTidy === true);

/**
 * The names of all kinds that a usable ID is of; most are of none.
 *
 * @param id - usable, trimmed
 */
export function suspiciousKinds(id: string): readonly string[] {
  // Nearly all IDs are UUIDs and slugs, or names of files.
  if (isPlain(id)) return NONE;
  const kinds = TIDY.test(id) ? KINDS_OF_TIDY : VALUE_KINDS;
  return kinds.some(({ is }) => is(id)) ? kinds.filter(({ is }) => is(id)).map(({ name }) => name) : NONE;
}
