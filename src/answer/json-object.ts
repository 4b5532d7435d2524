/** Parses a body that is a JSON object; `undefined` where it is none: cut off, garbled, a page. Its status decides then. */
export function parseJsonObject(body: string): Readonly<Record<string, unknown>> | undefined {
  if (!body.trimStart().startsWith('{')) return undefined;
  try {
    return recordOf(JSON.parse(body));
  } catch {
    return undefined; // A truncated or garbled body says nothing; the status decides.
  }
}

/** The `result` of a body that is a JSON object; `undefined` where it has none, or one that is no object. */
export function resultIn(body: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const parsed = body === undefined ? undefined : parseJsonObject(body);
  return recordOf(parsed?.['result']);
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}

/** An error's code: a number, sometimes a string of digits. One that is not a safe integer could be stored, but not read again. */
export function codeOf(value: unknown): number | undefined {
  if (typeof value === 'string' && /^\d{1,9}$/.test(value)) return Number(value);
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
