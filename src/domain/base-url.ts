/** The API's root, unless `--base-url` names another. */
export const BASE_URL_DEFAULT = 'https://api.cloudflare.com/client/v4';
