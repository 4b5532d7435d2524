import type { ReadAnswer } from '../../answer/answers.ts';
import { readDetailsToSave, readImageToSave } from '../../answer/backup/answers-to-save.ts';
import type { BackupFolder } from '../../backup/backup-folder.ts';
import type { Exchange, ImageReader } from '../../cloudflare/types.ts';
import type { Clock } from '../../domain/clock.ts';
import type { RunCounters } from '../../run/counters.ts';
import type { Work } from '../work.ts';

/** A request that comes before the DELETE of an ID. */
export interface SavingRequest {
  readonly send: () => Promise<Exchange>;
  /**
   * Reads the answer and keeps what came. The disposition is `next-request` only once it is safe; the ID then knows it.
   *
   * @throws `UserError` where the backup cannot be written
   */
  readonly keep: (exchange: Exchange) => Promise<ReadAnswer>;
  /** In place of `send`. */
  readonly drop: () => Promise<void>;
}

export interface BackingUpOptions {
  readonly folder: BackupFolder;
  readonly reader: ImageReader;
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly counters: Pick<RunCounters, 'saved'>;
}

/** Saves images before they are deleted: first what is told of one, then its bytes, each with a request of its own. */
export class BackingUp {
  readonly #options: BackingUpOptions;

  constructor(options: BackingUpOptions) {
    this.#options = options;
  }

  /** @throws `UserError` where the backup cannot be written */
  nextRequest(work: Work): Promise<SavingRequest> {
    const { saving } = work;
    return saving?.kind === 'told' ? this.#askImage(work, saving.image) : Promise.resolve(this.#askDetails(work));
  }

  #askDetails(work: Work): SavingRequest {
    const { reader, clock } = this.#options;
    return {
      send: () => reader.imageDetails(work.id),
      keep(exchange) {
        const { answer, image } = readDetailsToSave(exchange, work.id, clock.wallMs());
        if (image !== undefined) work.saving = { kind: 'told', image };
        return Promise.resolve(answer);
      },
      drop: () => Promise.resolve(),
    };
  }

  async #askImage(work: Work, image: Readonly<Record<string, unknown>>): Promise<SavingRequest> {
    const { folder, reader, clock, counters } = this.#options;
    const file = await folder.newImage();
    return {
      send: () => reader.imageBlob(work.id, file),
      async keep(exchange) {
        const answer = readImageToSave(exchange, clock.wallMs());
        const isWhole = answer.disposition.kind === 'next-request';
        if (!isWhole) {
          // An answer that was broken off because the disk is full is no failure of the API.
          try {
            await folder.orUnwritable(() => file.written());
          } finally {
            await folder.orUnwritable(() => file.discard());
          }
          return answer;
        }
        const contentType = (exchange.kind === 'answer' ? exchange.bodyFacts?.contentType : undefined) ?? null;
        await folder.keep(file, { id: work.id, savedAt: new Date(clock.wallMs()).toISOString(), contentType, image });
        counters.saved++;
        work.saving = { kind: 'saved' };
        return answer;
      },
      drop: () => folder.orUnwritable(() => file.discard()),
    };
  }
}
