/** What an answer's `Ratelimit` and `Ratelimit-Policy` headers say, one entry for each policy that can be used. */
export interface RatelimitView {
  readonly name: string;
  /** `q`: requests the policy allows in its window. */
  readonly quota: number;
  /** `w`: length of the window. */
  readonly windowMs: number;
  /** `r`: requests left when the answer was made. */
  readonly left: number;
}

interface Item {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, number>;
}

const WINDOW_SECONDS_MAX = 86_400;
const QUOTA_MAX = 1_000_000_000;

/**
 * Reads both headers: lists of items such as `"default";r=50;t=30`, parameters in any order, unknown ones ignored,
 * malformed items ignored (draft-ietf-httpapi-ratelimit-headers). `t` is not read: one capture shows it wrong.
 *
 * @returns the policies of which both the quota and what is left of it are known
 */
export function parseRatelimit(limitHeader: string | undefined, policyHeader: string | undefined): readonly RatelimitView[] {
  if (limitHeader === undefined || policyHeader === undefined) return [];
  const limits = parseItems(limitHeader);
  return parseItems(policyHeader).flatMap(({ name, parameters }) => {
    const left = limits.find((limit) => limit.name === name)?.parameters.get('r');
    const quota = parameters.get('q');
    const windowSeconds = parameters.get('w');
    if (left === undefined || quota === undefined || windowSeconds === undefined) return [];
    if (quota < 1 || quota > QUOTA_MAX || windowSeconds < 1 || windowSeconds > WINDOW_SECONDS_MAX) return [];
    return [{ name, quota, windowMs: windowSeconds * 1000, left: Math.min(left, quota) }];
  });
}

/** Quoted names may hold commas and semicolons, so the list is read from left to right and not split. */
const ITEM =
  /\s*(?:"((?:[^"\\]|\\.)*)"|([\w*][\w!#$%&'*+.^`|~:/-]*))((?:\s*;\s*[a-z*][\w.*-]*(?:=(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*))?)*)\s*(?:,|$)/gy;
/** Every parameter is read, so that none is found inside the quoted value of another; only whole numbers have a second group. */
const PARAMETER = /;\s*([a-z*][\w.*-]*)(?:=(?:"(?:[^"\\]|\\.)*"|(\d{1,15})(?=\s*(?:;|$))|[^\s;,"]*))?/g;
const TEXT_CHARACTERS_MAX = 4_096;

function parseItems(given: string): Item[] {
  const text = given.slice(0, TEXT_CHARACTERS_MAX);
  const items: Item[] = [];
  for (let at = 0; at < text.length;) {
    ITEM.lastIndex = at;
    const match = ITEM.exec(text);
    if (match === null) {
      const comma = text.indexOf(',', at);
      if (comma === -1) break;
      at = comma + 1;
      continue;
    }
    at = ITEM.lastIndex;
    const [, quoted, token, parameters = ''] = match;
    items.push({ name: quoted ?? token ?? '', parameters: numbersIn(parameters) });
  }
  return items;
}

function numbersIn(parameters: string): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [, key = '', digits] of parameters.matchAll(PARAMETER)) if (digits !== undefined) numbers.set(key, Number(digits));
  return numbers;
}
