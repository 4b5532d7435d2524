/**
 * Errors that Cloudflare's edge answers in place of the API. They come in three forms: flat JSON (RFC 9457), a page, and the plain text
 * `error code: 1015`. The form is negotiated by `Accept`, yet any of them may come, under any status.
 *
 * @module
 */
import { codeOf, parseJsonObject, textOf } from './json-object.ts';
import { envelopeOf, type Envelope } from './envelope.ts';

/** What an edge error says, as far as it does. A page and the plain text hold the code alone. */
export interface EdgeError {
  readonly code: number | undefined;
  /** It says itself that trying again may help. */
  readonly isRetryable: boolean;
  /** Seconds as text, like the header. */
  readonly retryAfter: string | undefined;
  readonly rayId: string | undefined;
  /** For people; `undefined` where the body itself has to do. */
  readonly message: string | undefined;
}

/** A body as one of the two forms that are understood, or as both: an object can have the fields of either. */
export interface ReadBody {
  readonly envelope: Envelope | undefined;
  readonly edge: EdgeError | undefined;
}

const NOTHING: ReadBody = { envelope: undefined, edge: undefined };

export function readBody(body: string | undefined): ReadBody {
  if (body === undefined) return NOTHING;
  const parsed = parseJsonObject(body);
  if (parsed !== undefined) return { envelope: envelopeOf(parsed), edge: jsonEdgeError(parsed) };
  const code = textCode(body) ?? pageCode(body);
  return code === undefined ? NOTHING : { envelope: undefined, edge: { ...CODE_ALONE, code } };
}

/** 1xxx: the edge refuses, or cannot reach what is behind it. Other codes of the edge repeat the status. */
export function isEdgeRefusal(code: number | undefined): boolean {
  return code !== undefined && code >= 1_000 && code <= 1_999;
}

const CODE_ALONE = { isRetryable: false, retryAfter: undefined, rayId: undefined, message: undefined } as const;

interface Problem {
  readonly error_code?: unknown;
  readonly error_name?: unknown;
  readonly cloudflare_error?: unknown;
  readonly retryable?: unknown;
  readonly retry_after?: unknown;
  readonly ray_id?: unknown;
  readonly title?: unknown;
  readonly detail?: unknown;
}

function jsonEdgeError(parsed: Problem): EdgeError | undefined {
  const { error_code, error_name, cloudflare_error, retryable, retry_after, ray_id, title, detail } = parsed;
  const code = codeOf(error_code);
  if (code === undefined && cloudflare_error !== true && retry_after === undefined) return undefined;
  const said = [title, detail].map(textOf).filter((text) => text !== undefined && text.trim() !== '');
  return {
    code,
    isRetryable: retryable === true,
    retryAfter: typeof retry_after === 'number' ? String(retry_after) : textOf(retry_after),
    rayId: textOf(ray_id),
    message: said.length === 0 ? textOf(error_name) : said.join(': '),
  };
}

/** The whole body is `error code: 1015`. */
function textCode(body: string): number | undefined {
  return numberIn(/^\s*error code: (\d{3,4})\s*$/i.exec(body));
}

/** Long runs of white space or of open brackets must cost nothing: none of these looks further back or forth than it has to. */
const TAG = /<[^<>]*>/g;
const MARKED_CODE = /\bcf-error-code[^<>]{0,100}>\s*(1\d{3})\s*</i;
const HEADING = /<(title|h1)\b[^<>]*>/gi;
const HEADING_CHARACTERS_MAX = 2_000;
const HEADING_CODE = /(?<![\w-])error(?: code)?:? ?(1\d{3})\b|(?<=\| )(1\d{3}):/i;
const NAMED_CODE = /(?<![\w-])error code:? (1\d{3})\b/i;

/**
 * The code of an edge's page: where the page marks it (`<span class="cf-error-code">1020</span>`), in its title or heading
 * (`Error 1015`, `… | 1033: …`), or named as `Error code 1020`. A number anywhere else is none: a page may speak of errors.
 */
function pageCode(body: string): number | undefined {
  if (!/^[\s\ufeff]*</.test(body)) return undefined;
  const marked = numberIn(MARKED_CODE.exec(body));
  if (marked !== undefined) return marked;
  for (const { 0: tag, 1: name = '', index } of body.matchAll(HEADING)) {
    const heading = body.slice(index + tag.length, index + tag.length + HEADING_CHARACTERS_MAX);
    const end = heading.search(name.toLowerCase() === 'title' ? /<\/title/i : /<\/h1/i);
    const code = end === -1 ? undefined : numberIn(HEADING_CODE.exec(shown(heading.slice(0, end))));
    if (code !== undefined) return code;
  }
  return numberIn(NAMED_CODE.exec(shown(body)));
}

/** A page's text without its tags, on one line. */
function shown(html: string): string {
  return html.replaceAll(TAG, ' ').replaceAll(/\s+/g, ' ');
}

function numberIn(match: RegExpExecArray | null): number | undefined {
  const digits = match?.[1] ?? match?.[2];
  return digits === undefined ? undefined : Number(digits);
}
