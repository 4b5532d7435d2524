/** The parts of the API's answer envelope that are used. */
export interface Envelope {
  readonly success: boolean | undefined;
  readonly errors: readonly { readonly code: number | undefined; readonly message: string | undefined }[];
  /** `result.count.current` of a stats answer. */
  readonly statsCount: number | undefined;
}

/** Parses a body; `undefined` if it is not an envelope, that is, a JSON object with `success` or `errors`. */
export function parseEnvelope(body: string): Envelope | undefined {
  const parsed = parseObject(body);
  if (parsed === undefined) return undefined;
  const { success, errors } = parsed as { success?: unknown; errors?: unknown };
  if (typeof success !== 'boolean' && !Array.isArray(errors)) return undefined;
  return {
    success: typeof success === 'boolean' ? success : undefined,
    errors: Array.isArray(errors) && errors.length > 0 ? errors.map(toError) : [],
    statsCount: statsCountOf(parsed),
  };
}

function parseObject(body: string): object | undefined {
  if (!body.trimStart().startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined; // A truncated or garbled body is not an envelope; the status decides.
  }
}

/** Codes are numbers, sometimes strings of digits. A number that is not a safe integer could be stored, but not read again. */
function toError(error: unknown): Envelope['errors'][number] {
  if (typeof error !== 'object' || error === null) return { code: undefined, message: undefined };
  const { code, message } = error as { code?: unknown; message?: unknown };
  const isDigits = typeof code === 'string' && /^\d{1,9}$/.test(code);
  return {
    code: isDigits ? Number(code) : Number.isSafeInteger(code) ? (code as number) : undefined,
    message: typeof message === 'string' ? message : undefined,
  };
}

function statsCountOf(parsed: object): number | undefined {
  const { result } = parsed as { result?: { count?: { current?: unknown } } | null };
  const current = result?.count?.current;
  return typeof current === 'number' && Number.isFinite(current) && current >= 0 ? current : undefined;
}
