/** The API's root where nobody names another. */
export const BASE_URL_DEFAULT = 'https://api.cloudflare.com/client/v4';
