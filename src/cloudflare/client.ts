import { createTransport, type Transport, type TransportOptions } from './transport.ts';
import { ENDPOINTS } from './endpoints.ts';
import { safeSegment } from './safe-segment.ts';
import { senderOf } from './sender.ts';
import type { CloudflareClient, Credentials } from './types.ts';

export interface ClientOptions extends Omit<TransportOptions, 'origin'> {
  readonly accountId: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly credentials: Credentials;
  readonly userAgent: string;
}

/** The API's endpoints over one pool of connections. */
export function createClient(options: ClientOptions): CloudflareClient {
  const root = new URL(options.baseUrl);
  const apiPath = root.pathname === '/' ? '' : root.pathname;
  const accountPath = `${apiPath}/accounts/${options.accountId}`;
  const imagesRoot = `${accountPath}/images`;
  const imagesPath = `${imagesRoot}/v1`;
  const { deleteImage, imageDetails, imageBlob, uploadImage, imageStats, batchToken, verifyToken, listImages } = ENDPOINTS;
  const sender = senderOf(options, authHeaders(options.credentials));
  const transport: Transport = createTransport({ ...options, origin: root.origin });
  return {
    deleteImage: (id) => transport.exchange(deleteImage, `${imagesPath}/${safeSegment(id)}`, sender),
    imageDetails: (id) => transport.exchange(imageDetails, `${imagesPath}/${safeSegment(id)}`, sender),
    imageBlob: (id, sink) =>
      transport.exchange(imageBlob, `${imagesPath}/${safeSegment(id)}/${imageBlob.path}`, sender, sink === undefined ? {} : { sink }),
    uploadImage: (upload) => transport.exchange(uploadImage, imagesPath, sender, { upload }),
    imageStats: () => transport.exchange(imageStats, `${imagesPath}/${imageStats.path}`, sender),
    batchToken: () => transport.exchange(batchToken, `${imagesPath}/${batchToken.path}`, sender),
    verifyToken: (owner) =>
      transport.exchange(verifyToken, `${owner === 'user' ? `${apiPath}/user` : accountPath}/${verifyToken.path}`, sender),
    listImages: (query) => transport.exchange(listImages, `${imagesRoot}/${listImages.path}?${query}`, sender),
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
