/** One image as the list of the account tells it. */
export interface ListedImage {
  readonly id: string;
  readonly filename: string | undefined;
  /** As the API wrote it. */
  readonly uploaded: string | undefined;
  /** Milliseconds since 1970; `undefined` where `uploaded` is missing or no RFC 3339 time. */
  readonly uploadedMs: number | undefined;
  readonly creator: string | undefined;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly requireSignedURLs: boolean | undefined;
  /** Delivery URLs. */
  readonly variants: readonly string[];
}

/** Reads an entry of `result.images`; what is not known of it is left alone. `undefined` where it is no image with an ID. */
export function parseListedImage(entry: unknown): ListedImage | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { id, filename, uploaded, creator, meta, requireSignedURLs, variants } = entry as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' || id === '') return undefined;
  return {
    id,
    filename: textOf(filename),
    uploaded: textOf(uploaded),
    uploadedMs: typeof uploaded === 'string' ? instantMs(uploaded) : undefined,
    creator: textOf(creator),
    meta: typeof meta === 'object' && meta !== null && !Array.isArray(meta) ? (meta as Readonly<Record<string, unknown>>) : {},
    requireSignedURLs: typeof requireSignedURLs === 'boolean' ? requireSignedURLs : undefined,
    variants: Array.isArray(variants) ? variants.filter((variant) => typeof variant === 'string') : [],
  };
}

/** The value under a key, or under keys one within the other: `region.name`. A key may hold dots of its own. */
export function metaValue(meta: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(meta, path)) return meta[path];
  let value: unknown = meta;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Milliseconds since 1970 of an RFC 3339 time, with any number of decimals; `undefined` where the text is none. */
export function instantMs(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const ms = Date.parse(text.replace(/[Tt ]/, 'T').toUpperCase());
  // Date takes 30 February for 2 March.
  const [, year, month, day] = match.map(Number);
  const lastDay = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  return Number.isNaN(ms) || (day ?? 0) > lastDay ? undefined : ms;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
