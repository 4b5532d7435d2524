import { codeOf, textOf } from './json-object.ts';

/** One of the API's errors. Its code is read here and nowhere else; what `error_chain` names decides nothing. */
export interface ApiError {
  readonly code: number | undefined;
  readonly message: string | undefined;
  /** What else the API says of it, for people: its chain of errors, the address of its documentation. */
  readonly remarks: readonly string[];
}

/** The parts of the API's answer envelope that are used. */
export interface Envelope {
  readonly success: boolean | undefined;
  readonly errors: readonly ApiError[];
  /** `result.count.current` of a stats answer. */
  readonly statsCount: number | undefined;
}

/** Errors of a chain that are shown; a chain may be nested. */
const CHAIN_LENGTH_MAX = 5;

/** `undefined` if the object is not an envelope, that is, has neither `success` nor `errors` as they should be. */
export function envelopeOf(parsed: object): Envelope | undefined {
  const { success, errors } = parsed as { success?: unknown; errors?: unknown };
  if (typeof success !== 'boolean' && !Array.isArray(errors)) return undefined;
  return {
    success: typeof success === 'boolean' ? success : undefined,
    errors: Array.isArray(errors) && errors.length > 0 ? errors.map(toError) : [],
    statsCount: statsCountOf(parsed),
  };
}

function toError(error: unknown): ApiError {
  if (typeof error !== 'object' || error === null) return { code: undefined, message: undefined, remarks: [] };
  const { code, message, documentation_url: url } = error as { code?: unknown; message?: unknown; documentation_url?: unknown };
  const address = textOf(url)?.trim() ?? '';
  const remarks = [...chainTexts(error), ...(address === '' ? [] : [`see ${address}`])];
  return { code: codeOf(code), message: textOf(message), remarks };
}

/** The older form: `error_chain: [{code, message, error_chain?}]`, each link as `6111 Invalid format for Authorization header`. */
function chainTexts(error: object): string[] {
  const texts: string[] = [];
  let links: readonly unknown[] = [error];
  for (let depth = 0; depth <= CHAIN_LENGTH_MAX && links.length > 0; depth++) {
    links = links.flatMap((link) => {
      const chain = typeof link === 'object' && link !== null ? (link as { error_chain?: unknown }).error_chain : undefined;
      return Array.isArray(chain) ? (chain.slice(0, CHAIN_LENGTH_MAX) as unknown[]) : [];
    });
    texts.push(...links.map(linkText).filter((text) => text !== ''));
  }
  return texts.slice(0, CHAIN_LENGTH_MAX);
}

function linkText(link: unknown): string {
  if (typeof link !== 'object' || link === null) return '';
  const { code, message } = link as { code?: unknown; message?: unknown };
  return [codeOf(code), textOf(message)?.trim()].filter((part) => part !== undefined && part !== '').join(' ');
}

function statsCountOf(parsed: object): number | undefined {
  const { result } = parsed as { result?: { count?: { current?: unknown } } | null };
  const current = result?.count?.current;
  return typeof current === 'number' && Number.isFinite(current) && current >= 0 ? current : undefined;
}
