import type { ApiReader, CloudflareClient } from './types.ts';

/** The requests of a client that change nothing, alone: whatever holds this has no way to delete. */
export function readerOf(client: CloudflareClient): ApiReader {
  return {
    imageDetails: (id) => client.imageDetails(id),
    imageBlob: (id, sink) => client.imageBlob(id, sink),
    imageStats: () => client.imageStats(),
    batchToken: () => client.batchToken(),
    verifyToken: (owner) => client.verifyToken(owner),
    listImages: (query) => client.listImages(query),
    abortAll: () => client.abortAll(),
    close: () => client.close(),
  };
}
