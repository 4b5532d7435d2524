import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import { failure, type SimulatedAnswer, success } from '../simulated-answers.ts';
import type { SimulatedImage } from '../simulator-options.ts';
import { detailsOf } from './image-list.ts';
import type { ImageStore } from './image-store.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ID_CHARACTERS_MAX = 1024;

/** What an upload sent, file by file and field by field. */
export interface UploadForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: { readonly name: string; readonly bytes: Uint8Array } | undefined;
}

/** `undefined` where the body is no form, or did not come to its end. */
export async function readUpload(request: IncomingMessage): Promise<UploadForm | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    const form = await new Response(Buffer.concat(chunks), { headers }).formData();
    const fields: Record<string, string> = {};
    let file: UploadForm['file'];
    for (const [name, value] of form.entries()) {
      if (typeof value === 'string') fields[name] = value;
      else if (name === 'file') file = { name: value.name, bytes: await value.bytes() };
    }
    return { fields, file };
  } catch {
    return undefined; // The sender has gone, or sent something else: either way there is nothing to take.
  }
}

/** What `POST images/v1` answers; `image` is there once the work is done. */
export function uploadAnswer(
  form: UploadForm | undefined,
  images: ImageStore,
): { readonly answer: SimulatedAnswer; readonly image: SimulatedImage | undefined } {
  const refused = (status: number, code: number, message: string): ReturnType<typeof uploadAnswer> => ({
    answer: failure(status, code, message),
    image: undefined,
  });
  if (form?.file === undefined || form.file.bytes.length === 0) return refused(400, 5400, 'Bad request: no image was sent');
  const { id = randomUUID(), metadata, creator, requireSignedURLs } = form.fields;
  if (form.fields['id'] !== undefined && (UUID.test(id) || id === '' || Array.from(id).length > ID_CHARACTERS_MAX || /^\/|\/$/.test(id)))
    return refused(400, 5400, 'Bad request: no ID that can be chosen');
  if (images.has(id)) return refused(409, 5409, 'Resource already exists');
  const meta = metadata === undefined ? {} : objectIn(metadata);
  if (meta === undefined) return refused(400, 5400, 'Bad request: metadata is no JSON object');
  const image: SimulatedImage = {
    id,
    filename: form.file.name,
    uploaded: new Date().toISOString(),
    ...(creator === undefined ? {} : { creator }),
    meta,
    requireSignedURLs: requireSignedURLs === 'true',
    original: form.file.bytes,
  };
  return { answer: success(detailsOf(image)), image };
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined; // Refused as the API refuses it.
  }
}
