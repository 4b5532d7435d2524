/**
 * All pages of the account's list, one after another, each image once. The stream ends by itself only after the last page; whatever
 * else ends it is thrown, so that no half of a list is ever taken for the whole.
 *
 * @module
 */
import type { ListAnswer, readListAnswer } from '../answer/list-answer.ts';
import type { ReadAnswer } from '../answer/answers.ts';
import { retryDelayMs } from '../answer/retry-timing.ts';
import { describeAnswer } from '../answer/stop-texts.ts';
import type { AccountAccess, Answered } from '../connect/account-access.ts';
import type { Clock } from '../domain/clock.ts';
import { storageError, type UserError } from '../domain/errors.ts';
import { escapeForTerminal } from '../text/escape.ts';
import { countOf } from '../text/format.ts';
import { type ListedImage, parseListedImage } from './image.ts';
import type { IdMemory } from './seen-ids.ts';

/** What the API is asked for. */
export interface PageQuery {
  readonly sortOrder: 'asc' | 'desc';
  /** Filters that the API applies, at most {@link CONDITIONS_MAX}: `creator`, `meta.key[op]`. */
  readonly conditions: readonly (readonly [name: string, value: string])[];
}

/** So often a list is begun before it is given up: one whose token is refused again and again never ends. */
export const BEGINNINGS_MAX = 5;

export interface PagesOptions {
  readonly access: Pick<AccountAccess, 'ask' | 'reader' | 'giveUp'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Aborts when the run is told to end. */
  readonly halt: AbortSignal;
  readonly query: PageQuery;
  /** What an answer means: `readListAnswer` where one that is refused ends the run. */
  readonly read: typeof readListAnswer;
  /** Where to begin; `undefined`: with the first page. */
  readonly fromToken: string | undefined;
  /** The IDs of the pages before; those that are found are added. */
  readonly seen: IdMemory;
  /** So often a page is asked for that comes, but is none. */
  readonly attemptsMax: number;
}

export interface ImagePage {
  /** Those that no page before had. */
  readonly images: readonly ListedImage[];
  /** How many were left out: a page before, or this one, had them. */
  readonly repeatedCount: number;
  /** Of the page that follows; `undefined`: this is the last one. */
  readonly nextToken: string | undefined;
}

/** The API takes no more of them in one question; each operator counts. */
export const CONDITIONS_MAX = 5;
const PER_PAGE_MAX = 1_000;
const PER_PAGE_MIN = 10;
/** With filters, a page may hold nothing; so many in a row are an endless list. */
const EMPTY_PAGES_MAX = 10_000;
/** So many pages in a row that only repeat: the list goes round in a circle. */
const REPEATING_PAGES_MAX = 3;

/** The run was told to end; `halt` says why. */
export class ListStopped extends Error {
  override readonly name = 'ListStopped';
}

/** The API does not take the question: the token has expired, or a filter is not known to it. */
export class QueryRefused extends Error {
  override readonly name = 'QueryRefused';
  readonly answer: ReadAnswer;
  /** Which part of the question it may be. */
  readonly part: 'token' | 'filters';

  constructor(answer: ReadAnswer, part: 'token' | 'filters') {
    super(`the API refused the ${part} of a list`);
    this.answer = answer;
    this.part = part;
  }
}

/**
 * @throws {@link ListStopped} where the run was told to end, {@link QueryRefused} where the list must be begun again, `UserError`
 *   (exit 5) where what the API answers is no list
 */
export async function* imagePages(options: PagesOptions): AsyncGenerator<ImagePage, void, undefined> {
  const ask = createAsk(options);
  const { seen } = options;
  const tokens = new Set<string>(options.fromToken === undefined ? [] : [options.fromToken]);
  let token = options.fromToken;
  let emptyCount = 0;
  let repeatingCount = 0;
  for (;;) {
    const { images, nextToken } = await ask(token);
    if (nextToken !== undefined && tokens.has(nextToken))
      throw brokenList('it gives the same continuation token again, and would never end');
    if (nextToken !== undefined) tokens.add(nextToken);
    const fresh = images.filter(({ id }) => seen.add(id));
    emptyCount = images.length === 0 ? emptyCount + 1 : 0;
    repeatingCount = images.length > 0 && fresh.length === 0 ? repeatingCount + 1 : 0;
    if (nextToken !== undefined && emptyCount >= EMPTY_PAGES_MAX)
      throw brokenList(`${countOf(emptyCount, 'page')} in a row were empty, and it does not end`);
    if (nextToken !== undefined && repeatingCount >= REPEATING_PAGES_MAX)
      throw brokenList(`${countOf(repeatingCount, 'page')} in a row held nothing but images of pages before, and it does not end`);
    yield { images: fresh, repeatedCount: images.length - fresh.length, nextToken };
    if (nextToken === undefined) return;
    token = nextToken;
  }
}

interface WholePage {
  readonly images: readonly ListedImage[];
  readonly nextToken: string | undefined;
}

/** Asks for one page, as often as it takes. */
function createAsk({
  access,
  clock,
  random,
  halt,
  query,
  read,
  attemptsMax,
}: PagesOptions): (token: string | undefined) => Promise<WholePage> {
  let perPage = PER_PAGE_MAX;
  return async (token) => {
    for (let attempt = 1; ;) {
      const text = queryText(query, perPage, token);
      const answer: Answered<ListAnswer> | undefined = await access.ask({
        send: () => access.reader.listImages(text),
        read,
      });
      if (answer === undefined || halt.aborted) throw new ListStopped();
      if (answer.kind === 'query-refused') throw refusedQuery(answer.answer, token, query);
      if (answer.kind === 'too-large') {
        if (perPage === PER_PAGE_MIN) throw brokenList(`${perPage} images of it are longer than a page may be`);
        perPage = Math.max(Math.floor(perPage / 2), PER_PAGE_MIN);
        continue;
      }
      const page = answer.kind === 'page' ? wholePage(answer) : undefined;
      if (page !== undefined) {
        access.giveUp.finalAnswer();
        return page;
      }
      const why = answer.kind === 'page' ? 'one of its images has no ID' : whyOf(answer);
      if (attempt >= attemptsMax) throw brokenList(`a page cannot be read: ${why}`);
      await clock.sleep(retryDelayMs(attempt++, random), halt);
    }
  };
}

function wholePage({ images, nextToken }: Extract<ListAnswer, { kind: 'page' }>): WholePage | undefined {
  const parsed = images.map(parseListedImage);
  return parsed.includes(undefined) ? undefined : { images: parsed as ListedImage[], nextToken };
}

function whyOf(answer: Extract<ListAnswer, { kind: 'unusable' | 'retry' }>): string {
  return answer.kind === 'unusable' ? answer.why : describeAnswer(answer.answer);
}

function queryText({ sortOrder, conditions }: PageQuery, perPage: number, token: string | undefined): string {
  const parameters: (readonly [string, string])[] = [
    ['per_page', String(perPage)],
    ['sort_order', sortOrder],
    ...conditions,
    ...(token === undefined ? [] : [['continuation_token', token] as const]),
  ];
  return parameters.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}

function refusedQuery(answer: ReadAnswer, token: string | undefined, { conditions }: PageQuery): Error {
  if (token !== undefined) return new QueryRefused(answer, 'token');
  if (conditions.length > 0) return new QueryRefused(answer, 'filters');
  return brokenList(`the API refuses to give it (${describeAnswer(answer)})`);
}

/** The account's list cannot be read, as a source cannot that is damaged. */
export function brokenList(why: string): UserError {
  return storageError('LIST_BROKEN', `the account’s list of images cannot be trusted: ${escapeForTerminal(why)}.`, [
    'Run the same command again later. If it ends like this again, what answers at --base-url is not the API as it is described.',
  ]);
}
