/** Parses a body that is a JSON object; `undefined` where it is none: cut off, garbled, a page. Its status decides then. */
export function parseJsonObject(body: string): object | undefined {
  if (!body.trimStart().startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined; // A truncated or garbled body says nothing; the status decides.
  }
}

/** An error's code: a number, sometimes a string of digits. One that is not a safe integer could be stored, but not read again. */
export function codeOf(value: unknown): number | undefined {
  if (typeof value === 'string' && /^\d{1,9}$/.test(value)) return Number(value);
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
