/**
 * Looks for the IDs that a purge says are gone: through the whole list of the account, or one by one where that takes fewer requests.
 * What the list shows is confirmed by its own GET, because a list may be behind.
 *
 * @module
 */
import { readListAnswer } from '../answer/list-answer.ts';
import { describeAnswer } from '../answer/stop-texts.ts';
import type { GoneItem, GoneSource } from '../checkpoint/gone/gone-items.ts';
import type { AccountAccess } from '../connect/account-access.ts';
import { instantMs, type ListedImage } from '../list/image.ts';
import { goThroughList } from '../list/whole-list.ts';
import type { PurgeDeps } from '../run/deps.ts';
import { askPresence } from './presence.ts';
import type { Findings, MetItem, UnclearItem, VerifyMethod, VerifyProgress } from './verify-request.ts';

export interface VerifyingOptions {
  readonly access: Pick<AccountAccess, 'ask' | 'reader' | 'giveUp'>;
  readonly deps: Pick<PurgeDeps, 'clock' | 'random' | 'observer'>;
  readonly halt: AbortSignal;
  readonly gone: GoneSource;
  readonly purgeBeganAtMs: number;
  /** So often a page, or an image, is asked for that is answered, but without saying anything. */
  readonly attemptsMax: number;
  readonly method: VerifyMethod;
  /** Images, or IDs, that there are to go through; `undefined` where it is not known. */
  readonly total: number | undefined;
}

const IDS_READ_MAX = 1_000;

/** One verification on its way. What it has found is there at any time. */
export class Verifying {
  readonly #options: VerifyingOptions;
  readonly #startedMs: number;
  /** What the list shows of the purge, to be asked for by itself once the list is done: its tokens do not last for ever. */
  #listed: MetItem[] = [];
  /** Of those that the list has shown: a page much later may show one again. */
  readonly #metSeqs = new Set<number>();
  readonly #stillThere: MetItem[] = [];
  #uploadedAgain: MetItem[] = [];
  readonly #unclear: UnclearItem[] = [];
  #listedOnlyCount = 0;
  #listedCount = 0;
  #uploadedSinceCount = 0;
  #askedCount = 0;

  constructor(options: VerifyingOptions) {
    this.#options = options;
    this.#startedMs = options.deps.clock.monotonicMs();
  }

  get findings(): Findings {
    return {
      stillThere: this.#stillThere,
      uploadedAgain: this.#uploadedAgain,
      unclear: this.#unclear,
      listedOnlyCount: this.#listedOnlyCount,
      listedCount: this.#listedCount,
      uploadedSinceCount: this.#uploadedSinceCount,
      askedCount: this.#askedCount,
    };
  }

  progress(): VerifyProgress {
    const { deps, method, total } = this.#options;
    const elapsedMs = deps.clock.monotonicMs() - this.#startedMs;
    const done = method === 'list' ? this.#listedCount : this.#askedCount;
    const met = this.#listed.length + this.#stillThere.length + this.#unclear.length;
    return { method, done, total, met, perSecond: elapsedMs === 0 ? 0 : (done * 1000) / elapsedMs };
  }

  /** @throws {@link ListStopped} where the run was told to end, `UserError` where the list, or the checkpoint, cannot be read */
  async run(): Promise<void> {
    if (this.#options.method === 'single') return this.#askAll();
    await this.#goThroughList();
    for (let item = this.#listed.shift(); item !== undefined; item = this.#listed.shift()) await this.#ask(item, true);
  }

  async #goThroughList(): Promise<void> {
    const { access, deps, halt, attemptsMax } = this.#options;
    await goThroughList(
      { access, deps, halt, read: readListAnswer, attemptsMax },
      {
        begin: () => {
          this.#listed = [];
          this.#uploadedAgain = [];
          this.#metSeqs.clear();
          this.#listedCount = this.#uploadedSinceCount = 0;
        },
        take: (images) => this.#compare(images),
      },
    );
  }

  async #compare(images: readonly ListedImage[]): Promise<void> {
    const { gone, purgeBeganAtMs } = this.#options;
    this.#listedCount += images.length;
    for (const { uploadedMs } of images) if (uploadedMs !== undefined && uploadedMs > purgeBeganAtMs) this.#uploadedSinceCount++;
    const byId = new Map(images.map((image) => [image.id, image]));
    for (const item of await gone.among([...byId.keys()])) {
      if (this.#metSeqs.has(item.seq)) continue;
      this.#metSeqs.add(item.seq);
      const met = metItem(item, byId.get(item.id)?.uploaded);
      // Only what may be left of the purge is worth a request.
      if (isUploadedAgain(met)) this.#uploadedAgain.push(met);
      else this.#listed.push(met);
    }
  }

  async #askAll(): Promise<void> {
    for (let after = -1; ;) {
      const items = await this.#options.gone.after(after, IDS_READ_MAX);
      for (const item of items) await this.#ask(metItem(item, undefined), false);
      const last = items.at(-1);
      if (last === undefined) return;
      after = last.seq;
    }
  }

  async #ask(item: MetItem, isListed: boolean): Promise<void> {
    const answer = await askPresence(item.id, this.#options);
    this.#askedCount++;
    switch (answer.kind) {
      case 'gone':
        if (isListed) this.#listedOnlyCount++;
        return;
      case 'there': {
        const { uploaded } = answer.image;
        const met = { ...item, uploaded: typeof uploaded === 'string' ? uploaded : item.uploaded };
        (isUploadedAgain(met) ? this.#uploadedAgain : this.#stillThere).push(met);
        return;
      }
      case 'unclear':
        this.#unclear.push({ ...item, why: describeAnswer(answer.answer) });
    }
  }
}

function metItem(item: GoneItem, uploaded: string | undefined): MetItem {
  return { ...item, uploaded };
}

/** Whether it was uploaded after the purge had made it gone: somebody wanted it back. */
function isUploadedAgain({ uploaded, atMs }: MetItem): boolean {
  const uploadedMs = uploaded === undefined ? undefined : instantMs(uploaded);
  return uploadedMs !== undefined && uploadedMs > atMs;
}
