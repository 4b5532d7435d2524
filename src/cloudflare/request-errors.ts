/**
 * The proxy asks for credentials. undici reports its 407 as an error without a status field. Treated as an answer it stops
 * the run; treated as a lost connection it would be retried until the run gives up.
 */
export function isProxyRefusal(error: Error): boolean {
  return error.message.startsWith('Proxy response (407)');
}

/** The proxy refuses the tunnel and would refuse it again. A 408 or 429 may be followed by success, so they are not refusals. */
export function isTunnelRefusal(error: Error): boolean {
  return /^Proxy response \(4(?!08|29)\d\d\)/.test(error.message);
}

/** Code and cause, for people; if several addresses were tried, those of each. */
export function describeError(error: Error): string {
  const code = `${codeOf(error) ?? ''}: `;
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map((inner: unknown) => (inner instanceof Error ? describeError(inner) : String(inner))).join('; ');
  return code === ': ' || error.message.startsWith(code) ? error.message : `${code}${error.message}`;
}

/** `ECONNREFUSED`, `UND_ERR_SOCKET`. */
export function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
