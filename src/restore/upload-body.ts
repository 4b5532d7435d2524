import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import type { BackupEntry } from '../backup/layout.ts';
import type { UploadBody } from '../cloudflare/types.ts';

/** @param id - the ID that it is to have; `undefined`: the API gives it one */
export function uploadBody(folder: string, { image, file, bytes, contentType }: BackupEntry, id: string | undefined): UploadBody {
  const boundary = `images-purge-${randomUUID()}`;
  const { filename, creator, meta, requireSignedURLs } = image;
  const hasMeta = typeof meta === 'object' && meta !== null && Object.keys(meta).length > 0;
  const fields = {
    id,
    creator: typeof creator === 'string' ? creator : undefined,
    metadata: hasMeta ? JSON.stringify(meta) : undefined,
    requireSignedURLs: requireSignedURLs === true ? 'true' : 'false',
  };
  const parts = Object.entries(fields).map(([name, value]) => (value === undefined ? '' : field(boundary, name, value)));
  const name = typeof filename === 'string' && filename !== '' ? filename : 'image';
  const head = Buffer.from(
    `${parts.join('')}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${quoted(name)}"\r\n` +
      `Content-Type: ${/^[\w.+-]+\/[\w.+-]+$/.test(contentType ?? '') ? contentType : 'application/octet-stream'}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + bytes + tail.length),
    },
    open: (onPassed) => Readable.from(chunksOf(head, join(folder, file), tail, onPassed), { objectMode: false }),
  };
}

async function* chunksOf(head: Buffer, path: string, tail: Buffer, onPassed: (bytes: number) => void): AsyncGenerator<Buffer> {
  yield head;
  for await (const chunk of createReadStream(path)) {
    onPassed((chunk as Buffer).length);
    yield chunk as Buffer;
  }
  yield tail;
}

function field(boundary: string, name: string, value: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

/** As browsers do. */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
