import { open, readFile, stat, truncate } from 'node:fs/promises';

import { DurableLines } from '../backup/durable-lines.ts';
import type { ErrorCode } from '../domain/result-fields.ts';
import { usageError } from '../domain/errors.ts';
import { orUnwritable } from '../report/output-file.ts';

/** One image, as the report tells it. Of several lines with one ID the last one counts. */
export interface RestoreLine {
  readonly id: string;
  /** `uploading`: of an image that gets a new ID, a request is under way; without a line after it nobody knows how that ended. */
  readonly outcome: 'restored' | 'exists' | 'failed' | 'uploading';
  /** Where it is another than `id`. */
  readonly newId?: string;
  readonly httpStatus?: number;
  readonly code?: ErrorCode;
  readonly message?: string;
  /** RFC 3339, in UTC. */
  readonly at: string;
}

/** The first line. */
interface ReportHead {
  readonly restore: 'images-purge restore 1';
  readonly accountId: string;
  readonly baseUrl: string;
}

/** The report of a restore, by which the next run goes on: a line is durable before the next request is sent. */
export class RestoreReport {
  readonly #path: string;
  readonly #lines: DurableLines;
  readonly #last: Map<string, RestoreLine['outcome']>;
  readonly newIds: Map<string, string>;

  /** @throws `UserError`: exit 2 where a file is there that is no report of a restore into this account, 5 */
  static async open(path: string, accountId: string, baseUrl: string): Promise<RestoreReport> {
    const head: ReportHead = { restore: 'images-purge restore 1', accountId: accountId.toLowerCase(), baseUrl };
    const last = new Map<string, RestoreLine['outcome']>();
    const newIds = new Map<string, string>();
    return orUnwritable(path, async () => {
      const headLine = `${JSON.stringify(head)}\n`;
      await takeBackHalfOf(headLine, path);
      const found = await stat(path).catch(() => undefined);
      const isNew = found === undefined || found.size === 0;
      if (!isNew) await readInto({ last, newIds }, path, head);
      const lines = await DurableLines.open(path);
      if (isNew) await lines.append(headLine);
      return new RestoreReport(path, lines, last, newIds);
    });
  }

  private constructor(path: string, lines: DurableLines, last: Map<string, RestoreLine['outcome']>, newIds: Map<string, string>) {
    this.#path = path;
    this.#lines = lines;
    this.#last = last;
    this.newIds = newIds;
  }

  outcomeOf(id: string): RestoreLine['outcome'] | undefined {
    return this.#last.get(id);
  }

  /** Nothing is left to do for it. */
  isDone(id: string): boolean {
    const outcome = this.#last.get(id);
    return outcome === 'restored' || outcome === 'exists';
  }

  async add(line: RestoreLine): Promise<void> {
    await orUnwritable(this.#path, () => this.#lines.append(`${JSON.stringify(line)}\n`));
    this.#last.set(line.id, line.outcome);
    if (line.newId !== undefined) this.newIds.set(line.id, line.newId);
  }

  close(): Promise<void> {
    return orUnwritable(this.#path, () => this.#lines.close());
  }
}

/** A run that was killed while it wrote its first line has told nothing yet: the report begins again. */
async function takeBackHalfOf(headLine: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size >= Buffer.byteLength(headLine)) return;
  if (headLine.startsWith(await readFile(path, 'utf8'))) await truncate(path);
}

async function readInto(
  { last, newIds }: { readonly last: Map<string, RestoreLine['outcome']>; readonly newIds: Map<string, string> },
  path: string,
  head: ReportHead,
): Promise<void> {
  let isFirst = true;
  const file = await open(path);
  for await (const text of file.readLines()) {
    const line = parsed(text);
    if (isFirst && !isSameHead(line, head)) throw otherReport(path);
    isFirst = false;
    const { id, outcome, newId } = (line ?? {}) as Partial<RestoreLine>;
    if (id === undefined || outcome === undefined) continue;
    last.set(id, outcome);
    if (newId !== undefined) newIds.set(id, newId);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Half a line that a kill has left: what it would have said is not known.
  }
}

function isSameHead(line: unknown, head: ReportHead): boolean {
  const { restore, accountId, baseUrl } = (line ?? {}) as Partial<ReportHead>;
  return restore === head.restore && accountId === head.accountId && baseUrl === head.baseUrl;
}

function otherReport(path: string): Error {
  return usageError(
    'OTHER_RESTORE',
    `${path} is no report of a restore into this account; it was not touched`,
    'Give another file with --report.',
  );
}
