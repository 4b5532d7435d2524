import { usageError } from '../../domain/errors.ts';

const LOOPBACK_V4 = /^127(?:\.\d{1,3}){3}$/;

/**
 * An API root: `https`, or plain `http` where it stays on this machine, since the credentials travel with each request.
 * No message repeats the value: it may hold a password.
 *
 * @returns the root in its normal form, without a slash at its end
 */
export function parseBaseUrl(text: string, label: string): string {
  const url = URL.parse(text.trim());
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw usageError('OPTION_VALUE', `${label} must be an http or https URL`, 'Example: https://api.cloudflare.com/client/v4');
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      'BASE_URL_CREDENTIALS',
      `${label} must not hold a user or password`,
      'Credentials come from CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL with CLOUDFLARE_API_KEY',
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw usageError(
      'BASE_URL_PLAIN',
      `${label} must be https: over plain http to ${url.hostname} anyone on the way could read the credentials`,
      'Plain http is taken only to this machine: localhost, 127.0.0.1, [::1]',
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw usageError('OPTION_VALUE', `${label} must not hold a query or a fragment`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Whether a host name, as URL spells it, is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || LOOPBACK_V4.test(hostname);
}
