import { waitBeforeRetryMs } from '../answer/retry-timing.ts';
import { readPresenceAnswer } from '../answer/presence-answer.ts';
import type { ReadAnswer } from '../answer/answers.ts';
import { readUploadAnswer } from '../answer/backup/upload-answer.ts';
import type { BackupEntry } from '../backup/layout.ts';
import { whyNotWhole } from '../backup/read-backup.ts';
import type { ImageUploader } from '../cloudflare/types.ts';
import type { AccountAccess } from '../connect/account-access.ts';
import { parseImageId } from '../domain/image-id.ts';
import type { PurgeDeps } from '../run/deps.ts';
import { hasGivenId } from './given-id.ts';
import type { RestoreLine, RestoreReport } from './restore-report.ts';
import { uploadBody } from './upload-body.ts';

export interface RestoringOptions {
  readonly folder: string;
  readonly access: AccountAccess;
  readonly uploader: ImageUploader;
  readonly report: RestoreReport;
  readonly deps: Pick<PurgeDeps, 'clock' | 'random' | 'observer'>;
  readonly halt: AbortSignal;
  readonly attemptsMax: number;
}

type Said = Omit<RestoreLine, 'id' | 'at'>;

/** Uploads images again. Several may be under way at once: each is looked for, and told in the report, by itself. */
export class Restoring {
  readonly #options: RestoringOptions;

  constructor(options: RestoringOptions) {
    this.#options = options;
  }

  /** Puts what became of the image into the report; `undefined` where the run ends. */
  async restore(entry: BackupEntry): Promise<RestoreLine['outcome'] | undefined> {
    const { access, report, deps } = this.#options;
    const said = await this.#restore(entry);
    if (said === undefined) return undefined;
    access.giveUp.finalAnswer();
    await report.add({ id: entry.id, ...said, at: new Date(deps.clock.wallMs()).toISOString() });
    const { outcome, httpStatus, code, message } = said;
    if (outcome === 'failed') deps.observer.event({ kind: 'item.failed', id: entry.id, httpStatus, code, message });
    return outcome;
  }

  async #restore(entry: BackupEntry): Promise<Said | undefined> {
    const parsed = parseImageId(entry.id);
    if (parsed.kind === 'unusable') return { outcome: 'failed', message: `no ID that can be asked for: it ${parsed.reason}` };
    const why = await whyNotWhole(this.#options.folder, entry);
    if (why !== undefined) return { outcome: 'failed', message: `damaged in the backup: ${entry.file}: ${why}` };
    const { access } = this.#options;
    const presence = await access.ask(
      {
        send: () => access.reader.imageDetails(parsed.id),
        read: (exchange, nowMs) => readPresenceAnswer(exchange, entry.id, nowMs),
      },
      Infinity,
    );
    if (presence === undefined) return undefined;
    if (presence.kind === 'there') return { outcome: 'exists' };
    if (presence.kind !== 'gone') return failed(presence.answer);
    return hasGivenId(entry.id) ? this.#uploadUnderNewId(entry) : this.#uploadUnderItsId(entry);
  }

  /** Asked again, it meets the image that it has uploaded itself: no answer is lost. */
  async #uploadUnderItsId(entry: BackupEntry): Promise<Said | undefined> {
    const { access, uploader, folder } = this.#options;
    let sentCount = 0;
    const send = (): ReturnType<ImageUploader['uploadImage']> => {
      sentCount++;
      return uploader.uploadImage(uploadBody(folder, entry, entry.id));
    };
    const answer = await access.ask({ send, read: readUploadAnswer }, Infinity);
    if (answer === undefined) return undefined;
    switch (answer.kind) {
      case 'uploaded':
        return answer.id === entry.id ? { outcome: 'restored' } : { outcome: 'restored', newId: answer.id };
      case 'taken':
        return { outcome: sentCount > 1 ? 'restored' : 'exists' };
      case 'retry':
      case 'refused-image':
        return failed(answer.answer);
    }
  }

  /** Each upload makes another image. So one whose answer is lost is not sent again: a person may look whether it is there. */
  async #uploadUnderNewId(entry: BackupEntry): Promise<Said | undefined> {
    const { access, uploader, folder, report, deps, halt, attemptsMax } = this.#options;
    if (report.outcomeOf(entry.id) === 'uploading') {
      const message = `an earlier run was ended while it uploaded ${entry.id}: the image may be there twice, under two new IDs`;
      deps.observer.event({ kind: 'warning', code: 'RESTORED_TWICE', message });
    }
    await report.add({ id: entry.id, outcome: 'uploading', at: new Date(deps.clock.wallMs()).toISOString() });
    for (let attempt = 1; ; attempt++) {
      const send = (): ReturnType<ImageUploader['uploadImage']> => uploader.uploadImage(uploadBody(folder, entry, undefined));
      const answer = await access.ask({ send, read: readUploadAnswer }, 1);
      if (answer === undefined) return undefined;
      if (answer.kind === 'uploaded') return { outcome: 'restored', newId: answer.id };
      if (answer.kind === 'taken') return { outcome: 'failed', message: 'the API says that its ID is taken, and none was asked for' };
      const { httpStatus, message } = answer.answer;
      if (answer.kind === 'refused-image') return failed(answer.answer);
      if (httpStatus === undefined) return { outcome: 'failed', message: `no answer (${message}): it may be there under a new ID` };
      if (attempt >= attemptsMax) return failed(answer.answer);
      await deps.clock.sleep(waitBeforeRetryMs(attempt, answer.retryAfterMs, deps.random), halt);
    }
  }
}

function failed({ httpStatus, code, message }: ReadAnswer): Said {
  return {
    outcome: 'failed',
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(code === undefined ? {} : { code }),
    message,
  };
}
