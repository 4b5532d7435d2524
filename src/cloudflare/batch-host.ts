import { ENDPOINTS } from './endpoints.ts';
import { safeSegment } from './safe-segment.ts';
import { senderOf } from './sender.ts';
import { createTransport, type TransportOptions } from './transport.ts';
import type { BatchHost } from './types.ts';

export interface BatchHostOptions extends Omit<TransportOptions, 'origin'> {
  /** Without a trailing slash. */
  readonly batchBaseUrl: string;
  readonly userAgent: string;
}

/** The batch host over one pool of connections. Its paths contain no account: the token identifies it. */
export function createBatchHost(options: BatchHostOptions): BatchHost {
  const root = new URL(options.batchBaseUrl);
  const imagesPath = `${root.pathname === '/' ? '' : root.pathname}/images/v1`;
  const transport = createTransport({ ...options, origin: root.origin });
  return {
    withToken(token) {
      const sender = senderOf(options, { authorization: `Bearer ${token.secretText()}` });
      return { deleteImage: (id) => transport.exchange(ENDPOINTS.deleteImage, `${imagesPath}/${safeSegment(id)}`, sender) };
    },
    abortAll: transport.abortAll,
    close: transport.close,
  };
}
