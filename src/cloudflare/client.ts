import { imageIdSegment, type ImageId } from '../domain/image-id.ts';
import { createTransport, type Transport, type TransportOptions } from './transport.ts';
import type { CloudflareClient, Credentials } from './types.ts';

export interface ClientOptions extends Omit<TransportOptions, 'origin' | 'headers'> {
  readonly accountId: string;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly credentials: Credentials;
  readonly userAgent: string;
}

/** The API's endpoints over one pool of connections. */
export function createClient(options: ClientOptions): CloudflareClient {
  const root = new URL(options.baseUrl);
  const imagesPath = `${root.pathname === '/' ? '' : root.pathname}/accounts/${options.accountId}/images/v1`;
  const transport: Transport = createTransport({
    ...options,
    origin: root.origin,
    headers: { 'user-agent': options.userAgent, ...authHeaders(options.credentials) },
  });
  return {
    deleteImage: (id) => transport.exchange('DELETE', `${imagesPath}/${safeSegment(id)}`),
    imageStats: () => transport.exchange('GET', `${imagesPath}/stats`),
    abortAll: transport.abortAll,
    close: transport.close,
  };
}

function authHeaders(credentials: Credentials): Record<string, string> {
  switch (credentials.kind) {
    case 'token':
      return { authorization: `Bearer ${credentials.token}` };
    case 'key':
      return { 'x-auth-email': credentials.email, 'x-auth-key': credentials.key };
  }
}

/** The last line of defence: whatever slipped through before, no request addresses anything but one image. */
function safeSegment(id: ImageId): string {
  const segment = imageIdSegment(id);
  if (segment === '' || segment === '.' || segment === '..' || /[/?#\\]/.test(segment)) throw new Error('an image ID did not become one path segment');
  return segment;
}
