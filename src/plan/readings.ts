/**
 * Every ID that a row of a file that protects may mean. A person wrote it for themselves, with marks, remarks and patterns; to protect one
 * ID too many costs nothing, and to protect one too few costs the image.
 *
 * @module
 */
import { deliveryUrlImageId } from '../domain/spelling/delivery-url.ts';
import { withoutInvisible } from '../domain/spelling/match-key.ts';
import { isPattern } from '../domain/spelling/wildcards.ts';
import { type ImageId, parseImageId, trimValue } from '../domain/image-id.ts';
import {
  COUNT_BEFORE,
  hasMarkAtAnEnd,
  isPlain,
  LIST_MARK,
  MARKS_FIRST,
  MARKS_LAST,
  OUTER_MARK_FIRST,
  OUTER_MARK_LAST,
  REMARK_BEGINS,
  VARIANT_ENDING,
} from './marks.ts';
import { noiseOf } from './noise.ts';

export interface Readings {
  readonly kind: 'readings';
  /** In the order they were found, the row as it stands first where it is an ID. */
  readonly ids: readonly ImageId[];
  /** What its words would be, each by itself. They are protected too, but leave the row no less clear: `summer sale` is an ID. */
  readonly words: readonly ImageId[];
  /** Readings, words aside, that are patterns too. A pattern may hold what no ID may. */
  readonly patterns: readonly string[];
}

/** A row that protects nobody, and why. */
export interface NoReading {
  readonly kind: 'none';
  readonly reason: string;
}

const SEPARATORS = /[,;|\t\ufeff]/g;
/** An ID may hold a separator or two of its own: `smith, john.jpg, keep-2`. */
const PARTS_OF_AN_ID_MAX = 3;
/** More than this and the row is refused: one that was left out would not be protected. */
const READINGS_MAX = 8_000;
/** More, and it is no ID with marks around it. */
const MARKED_CHARACTERS_MAX = 1_100;
/** Longer than any ID with all that may stand around it. */
const ROW_CHARACTERS_MAX = 8_192;

/** Between what may be several IDs, or an ID and words about it; the narrow one first, since an ID may hold what the wide one parts. */
const WORD_SEPARATORS: readonly RegExp[] = [
  /\s(?:[-\u2013\u2014=\u2192]+>?)\s|:\s|\s(?=\()/g,
  /\s+/g,
  /[\s"'`\u2018-\u201f()[\]{}<>=:,;|#+*~!@$&\u3001\uff0c\uff1a\uff1b]+/g,
];

/** How one reading leads to others. */
const STEPS: readonly ((text: string) => readonly string[])[] = [
  withoutMarks,
  (text) => partsOf(text, SEPARATORS),
  (text) => [text.replace(LIST_MARK, '')],
  (text) => [text.replace(COUNT_BEFORE, '')],
  withoutRemark,
  (text) => [withoutInvisible(text)],
  (text) => [unescapedJson(text), text.replaceAll('""', '"')],
  (text) => [text.replace(/^(["'])(.+?)\1\s*[:=]\s*/, ''), text.replace(/^\w+\s*[:=]\s*(?=["'])/, '')],
  urlReadings,
  (text) => [text.replace(VARIANT_ENDING, '')],
];

/**
 * All readings of a row that stands in a file of lines.
 *
 * @param row - as read
 */
export function readingsOf(row: string): Readings | NoReading {
  const whole = trimValue(row);
  if (isPlain(whole)) return onlyReadingOf(whole);
  if (whole.length > ROW_CHARACTERS_MAX)
    return { kind: 'none', reason: `longer than ${ROW_CHARACTERS_MAX} characters; write one ID in each line` };
  const noise = noiseOf(whole);
  if (noise !== undefined) return { kind: 'none', reason: noise.reason };
  const texts = allReadings([whole]);
  const words = allReadings(wordsOf(whole));
  if (texts.size >= READINGS_MAX || words.size >= READINGS_MAX)
    return { kind: 'none', reason: 'holds too many values; write one ID in each line' };
  const ids = [...texts].flatMap((text) => idOf(text) ?? []);
  const wordIds = [...words].flatMap((text) => (texts.has(text) ? [] : (idOf(text) ?? [])));
  const patterns = [...texts].filter((text) => isPattern(text));
  if (ids.length + patterns.length > 0) return { kind: 'readings', ids, words: wordIds, patterns };
  const parsed = parseImageId(whole);
  return { kind: 'none', reason: parsed.kind === 'unusable' ? parsed.reason : 'nothing is left of it without its marks' };
}

/** A CSV cell, a JSON string or a value that a program gave: it is what it is, or the delivery URL of it. */
export function onlyReadingOf(value: string): Readings | NoReading {
  const parsed = parseImageId(value);
  if (parsed.kind === 'id') {
    const further = [...urlReadings(parsed.id), ...joinedValues(parsed.id), ...withoutQuotes(parsed.id)];
    return readings([parsed.id, ...further.flatMap((text) => idOf(text) ?? [])]);
  }
  const ids = urlReadings(trimValue(value)).flatMap((text) => idOf(text) ?? []);
  return ids.length > 0 ? readings(ids) : { kind: 'none', reason: parsed.reason };
}

/** In quotes where they enclose nothing (`.tsv`), or as a formula, by which sheets take it for text: `="0017"`. */
const ENCLOSED = /^=?"(.*)"$/s;

function withoutQuotes(text: string): readonly string[] {
  return (ENCLOSED.exec(text)?.slice(1) ?? []).map((inner) => inner.replaceAll('""', '"'));
}

/** A file with a byte order mark, joined by `cat` to one without a line end, has its first value behind the other's last one. */
function joinedValues(text: string): readonly string[] {
  return text.includes('\ufeff') ? text.split('\ufeff') : [];
}

function readings(ids: readonly ImageId[]): Readings {
  return { kind: 'readings', ids, words: [], patterns: [] };
}

function wordsOf(text: string): readonly string[] {
  const words = [text, ...WORD_SEPARATORS.flatMap((separator) => partsOf(text, separator))];
  return [...words, ...words.map((word) => word.replace(/^[-./]+/, '')), ...words.map((word) => word.replace(/[./]+$/, ''))];
}

function allReadings(begun: readonly string[]): ReadonlySet<string> {
  const texts = new Set<string>();
  for (const text of begun) addText(texts, text);
  for (const text of texts) {
    for (const step of STEPS) for (const next of step(text)) addText(texts, next);
  }
  return texts;
}

function addText(texts: Set<string>, text: string): void {
  const trimmed = trimValue(text);
  if (trimmed !== '' && texts.size < READINGS_MAX) texts.add(trimmed);
}

function idOf(text: string): ImageId | undefined {
  if (noiseOf(text) !== undefined) return undefined;
  const parsed = parseImageId(text);
  return parsed.kind === 'id' ? parsed.id : undefined;
}

/** Each part, and up to three of them with what stands between. @param separator - global */
function partsOf(text: string, separator: RegExp): readonly string[] {
  const places = [...text.matchAll(separator)].map(({ index, 0: { length } }) => ({ begin: index, end: index + length }));
  if (places.length === 0) return [];
  const begins = [0, ...places.map(({ end }) => end)];
  const ends = [...places.map(({ begin }) => begin), text.length];
  const parts = begins.flatMap((begin, part) => ends.slice(part, part + PARTS_OF_AN_ID_MAX).map((end) => text.slice(begin, end)));
  return parts.filter((part) => /[^\s,;|]/.test(part));
}

/** Up to each place where a remark may begin: the ID may hold such a place as well. */
function withoutRemark(text: string): readonly string[] {
  return Array.from(text.matchAll(REMARK_BEGINS), ({ index }) => text.slice(0, index));
}

/** Marks are taken away at both ends as long as there are any; `hero (1)` keeps its bracket: the other half is there. */
function withoutMarks(text: string): readonly string[] {
  if (!hasMarkAtAnEnd(text) && !/^\||\|$/.test(text)) return [];
  const withoutFirst = text.replace(MARKS_FIRST, '');
  // One by one, too: the ID may begin or end in a mark of its own.
  const oneByOne = text.length > MARKED_CHARACTERS_MAX ? [] : [text.replace(OUTER_MARK_FIRST, ''), text.replace(OUTER_MARK_LAST, '')];
  return [withoutFirst, text.replace(MARKS_LAST, ''), withoutFirst.replace(MARKS_LAST, ''), ...oneByOne];
}

const SCHEMELESS = /^(?:\/\/)?((?:[^/\s]+\.)?[^/\s]+\.[^/\s]+\/.+)$/;

/** With and without scheme, with and without a variant at its end. */
function urlReadings(text: string): readonly string[] {
  const url = /^https?:\/\//i.test(text) ? text : `https://${SCHEMELESS.exec(text)?.[1] ?? ''}`;
  const withVariant = deliveryUrlImageId(url);
  const withoutVariant = deliveryUrlImageId(`${url.replace(/[?#].*$/s, '')}/public`);
  return [withVariant, withoutVariant].flatMap((read) => (read.kind === 'id' ? [read.value] : []));
}

function unescapedJson(text: string): string {
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text.replaceAll(/(?<!\\)"/g, '\\"')}"`));
  } catch {
    return text; // Not spelled as JSON after all.
  }
}
