import type { SimulatedImage, SimulatedImages } from '../simulator-options.ts';

/** The images of the simulated account. */
export interface ImageStore {
  readonly count: number;
  has(id: string): boolean;
  /** Whether it was there to be deleted. */
  delete(id: string): boolean;
  /** What is known of an image that is there. */
  find(id: string): SimulatedImage | undefined;
  /** An image that was uploaded; `false` where its ID is taken. */
  add(image: SimulatedImage): boolean;
  /** How many there were at the beginning, and were uploaded since: positions in the order of upload are below it. */
  readonly positionCount: number;
  /** `undefined` where the image at this position is gone, or a draft. */
  listedAt(position: number): SimulatedImage | undefined;
}

/** The count in stats of an account in which every ID exists. */
const ANY_COUNT = 1_000_000;

type GivenImages = Omit<ImageStore, 'add'>;

export function createImageStore(images: SimulatedImages): ImageStore {
  return withUploads(givenImages(images));
}

/** Images that were uploaded come after the others. */
function withUploads(given: GivenImages): ImageStore {
  const uploaded: SimulatedImage[] = [];
  const left = new Map<string, SimulatedImage>();
  return {
    get count() {
      return given.count + left.size;
    },
    has: (id) => left.has(id) || given.has(id),
    delete: (id) => left.delete(id) || given.delete(id),
    find: (id) => left.get(id) ?? given.find(id),
    add(image) {
      if (left.has(image.id) || given.has(image.id)) return false;
      left.set(image.id, image);
      uploaded.push(image);
      return true;
    },
    get positionCount() {
      return given.positionCount + uploaded.length;
    },
    listedAt(position) {
      if (position < given.positionCount) return given.listedAt(position);
      const image = uploaded[position - given.positionCount];
      return image !== undefined && left.get(image.id) === image ? image : undefined;
    },
  };
}

function givenImages(images: SimulatedImages): GivenImages {
  switch (images.kind) {
    case 'any':
      return anyImages();
    case 'none':
      return knownImages([]);
    case 'list':
      return knownImages(Array.from(images.ids, (id) => ({ id })));
    case 'detailed':
      return knownImages(images.images);
    case 'numbered':
      return numberedImages(images.count);
  }
}

function anyImages(): GivenImages {
  const deleted = new Set<string>();
  return {
    get count() {
      return Math.max(ANY_COUNT - deleted.size, 0);
    },
    has: (id) => !deleted.has(id),
    delete(id) {
      if (deleted.has(id)) return false;
      deleted.add(id);
      return true;
    },
    find: (id) => (deleted.has(id) ? undefined : { id }),
    positionCount: 0,
    listedAt: () => undefined,
  };
}

function knownImages(given: Iterable<SimulatedImage>): GivenImages {
  const byUpload = [...given].toSorted((a, b) => uploadedMs(a) - uploadedMs(b));
  const left = new Map(byUpload.map((image) => [image.id, image]));
  return {
    get count() {
      return left.size;
    },
    has: (id) => left.has(id),
    delete: (id) => left.delete(id),
    find: (id) => left.get(id),
    positionCount: byUpload.length,
    listedAt(position) {
      const image = byUpload[position];
      return image === undefined || image.draft === true || !left.has(image.id) ? undefined : image;
    },
  };
}

/** One without a time of upload comes first. */
function uploadedMs({ uploaded = UPLOADED_DEFAULT }: SimulatedImage): number {
  return uploaded === null ? -Infinity : Date.parse(uploaded);
}

/** Of an image of which only the ID is said. */
export const UPLOADED_DEFAULT = '2026-01-02T03:04:05.678Z';

/** Images that take no memory until they are deleted, uploaded a second after each other. */
function numberedImages(count: number): GivenImages {
  const deleted = new Set<number>();
  const imageOf = (number: number): SimulatedImage | undefined =>
    number >= 0 && number < count && !deleted.has(number) ? numberedImage(number) : undefined;
  const find = (id: string): SimulatedImage | undefined => {
    const image = imageOf(Number.parseInt(id.slice(-12), 16));
    return image?.id === id ? image : undefined;
  };
  return {
    get count() {
      return count - deleted.size;
    },
    has: (id) => find(id) !== undefined,
    delete(id) {
      if (find(id) === undefined) return false;
      deleted.add(Number.parseInt(id.slice(-12), 16));
      return true;
    },
    find,
    positionCount: count,
    listedAt: imageOf,
  };
}

const NUMBERED_FROM_MS = Date.UTC(2020, 0, 1);

/** The image of a number, its ID a UUID whose beginning is as good as random. */
export function numberedImage(number: number): SimulatedImage {
  const mixed = (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return {
    id: `${mixed}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`,
    filename: `photo-${number}.jpg`,
    uploaded: new Date(NUMBERED_FROM_MS + number * 1000).toISOString(),
    ...(number % 3 === 0 ? { creator: `user-${number % 1000}` } : {}),
    meta: { album: number % 10, state: number % 2 === 0 ? 'active' : 'gone' },
  };
}
