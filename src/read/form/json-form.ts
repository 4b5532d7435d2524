import { notAList, REFUSED_API_ANSWER } from './no-list.ts';

/** White space before what tells the form; there may be gigabytes of it in a small packed file. */
const HEAD_BYTES_MAX = 1024 * 1024;

/** Enough to tell JSON from a line that begins with a bracket. */
const BRACKET_CHARACTERS = 64;

export type JsonVerdict =
  | 'json'
  | 'other'
  /** More of the text may show another form. */
  | 'more';

/**
 * Whether a text is JSON, as against one JSON object a line, or something else. JSON may be one line of gigabytes, so that it must be told
 * by its beginning, before lines are sought.
 *
 * @param head - the beginning, its last line perhaps incomplete
 * @param isWhole - there is no more of it
 */
export function jsonVerdict(sourceName: string, head: string, isWhole: boolean): JsonVerdict {
  const start = head.search(/[^\s\uFEFF]/);
  if (start === -1) return isWhole || head.length > HEAD_BYTES_MAX ? 'other' : 'more';
  if (head[start] === '[') return arrayVerdict(head.slice(start), isWhole);
  if (head[start] !== '{') return 'other';
  const lineLength = head.slice(start).search(/[\r\n]/);
  if (lineLength === -1 && !isWhole) return head.length - start > HEAD_BYTES_MAX ? 'json' : 'more';
  return objectVerdict(sourceName, lineLength === -1 ? head.slice(start) : head.slice(start, start + lineLength));
}

/** `[1] img-1` and `[draft] img-1` are lines. */
function arrayVerdict(text: string, isWhole: boolean): JsonVerdict {
  const inside = text.slice(1).trimStart();
  if (/^["{[]/.test(inside)) return 'json';
  if (inside.startsWith(']')) {
    const behind = inside.slice(1).trimStart();
    if (behind === '' && !isWhole && text.length <= HEAD_BYTES_MAX) return 'more';
    return behind === '' || /^[[{]/.test(behind) ? 'json' : 'other';
  }
  if (/^(?:-?[\d.eE+-]+|true|false|null)\s*(?:,|\]\s*[\r\n])/.test(inside)) return 'json';
  return isWhole || inside.length > BRACKET_CHARACTERS || /[\r\n]/.test(inside) ? 'other' : 'more';
}

/** Whole on its line, an object is NDJSON unless it is the API's answer. */
function objectVerdict(sourceName: string, line: string): JsonVerdict {
  let object: unknown;
  try {
    object = JSON.parse(line);
  } catch {
    return 'json'; // It goes on below, or is broken, which its reader tells with the byte.
  }
  if (isFailedAnswer(object as object)) throw notAList(sourceName, 1, REFUSED_API_ANSWER);
  return isListAnswer(object as object) ? 'json' : 'other';
}

function isListAnswer(object: object): boolean {
  const { result } = object as { result?: { images?: unknown } | null };
  return Array.isArray(result?.images);
}

/** What the API answers where it gives no list. */
export function isFailedAnswer(object: object): boolean {
  const { success, errors } = object as { success?: unknown; errors?: unknown };
  return !isListAnswer(object) && (success === false || (Array.isArray(errors) && errors.length > 0)) && !('id' in object);
}
