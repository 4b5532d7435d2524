/** Taking an image's ID out of the URL it is delivered at. */

export type DeliveryUrlImageId =
  | { readonly kind: 'id'; readonly value: string; readonly accountHash: string; readonly variant: string }
  | { readonly kind: 'not-a-delivery-url'; readonly reason: string };

// By hand and not by `new URL`, which resolves `..` and `%2e%2e`: an ID must never change on its way.
const ORIGIN = /^https?:\/\/([^/?#]+)\/([^?#]*)/i;
const DELIVERY_HOST = 'imagedelivery.net';
const CUSTOM_DOMAIN_PREFIX = ['cdn-cgi', 'imagedelivery'];
const ACCOUNT_HASH = /^[A-Za-z0-9_-]{22}$/;

/**
 * `https://imagedelivery.net/<hash>/<id>/<variant>` or `https://<domain>/cdn-cgi/imagedelivery/<hash>/<id>/<variant>`;
 * the variant is the last segment, the ID all between, percent-decoded once.
 */
export function deliveryUrlImageId(url: string): DeliveryUrlImageId {
  const match = ORIGIN.exec(url);
  if (match === null) return not('is not a URL');
  const [, host = '', path = ''] = match;
  const segments = path.split('/');
  if (host.toLowerCase() !== DELIVERY_HOST) {
    if (!CUSTOM_DOMAIN_PREFIX.every((segment, index) => segments[index] === segment)) return not('is not a delivery URL');
    segments.splice(0, CUSTOM_DOMAIN_PREFIX.length);
  }
  const [hash = '', ...rest] = segments;
  if (!ACCOUNT_HASH.test(hash)) return not('is not a delivery URL: no account hash of 22 characters');
  const variant = rest.pop();
  if (variant === undefined || variant === '' || rest.length === 0) return not('is a delivery URL without an ID and a variant');
  try {
    return { kind: 'id', value: decodeURIComponent(rest.join('/')), accountHash: hash, variant };
  } catch {
    return not('is a delivery URL whose percent-encoding is broken');
  }
}

function not(reason: string): DeliveryUrlImageId {
  return { kind: 'not-a-delivery-url', reason };
}
