/** The API's root, unless `--base-url` names another. */
export const BASE_URL_DEFAULT = 'https://api.cloudflare.com/client/v4';

/** Whether what is deleted there is deleted at Cloudflare: any other root is a rehearsal, a proxy or a mistake, and is told. */
export function isCloudflare(baseUrl: string): boolean {
  return baseUrl === BASE_URL_DEFAULT;
}
