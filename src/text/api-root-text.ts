import { isCloudflare } from '../domain/base-url.ts';
import { escapeForTerminal } from './escape.ts';

/** An API root other than Cloudflare's, for a person: `http://127.0.0.1:8787/client/v4, which is not Cloudflare's`. */
export function apiRootText(baseUrl: string): string {
  return `${escapeForTerminal(baseUrl)}, which is not Cloudflare's (--base-url, CLOUDFLARE_BASE_URL)`;
}

/** What an error says first where it happened at another root: most likely that root is why. */
export function atOtherRoot(baseUrl: string): string {
  return isCloudflare(baseUrl) ? '' : `at ${apiRootText(baseUrl)}: `;
}
