import { readListAnswer } from '../answer/list-answer.ts';
import { describeAnswer } from '../answer/stop-texts.ts';
import type { AccountAccess } from '../connect/account-access.ts';
import { EXIT, UserError } from '../domain/errors.ts';
import { noiseOf } from '../plan/noise.ts';
import { shortened, countOf } from '../text/format.ts';
import { apiConditions, isWanted, type ListFilters } from './filters.ts';
import type { IdRules } from './id-rules.ts';
import type { ListedImage } from './image.ts';
import { type ListCounts, type ListDeps, type ListProgress, type ListRequest, NO_COUNTS } from './list-request.ts';
import type { ListOutput, ListState } from './output/list-output.ts';
import { BEGINNINGS_MAX, type ImagePage, imagePages, QueryRefused } from './pages.ts';
import { fitsInLine, headerOf, rowOf } from './rows.ts';
import { SeenIds } from './seen-ids.ts';

export interface ListingOptions {
  readonly request: ListRequest;
  readonly deps: Pick<ListDeps, 'clock' | 'random' | 'observer'>;
  readonly halt: AbortSignal;
  readonly output: ListOutput;
  readonly rules: IdRules;
}

const SHOWN_CHARACTERS_MAX = 80;
/** IDs that are one ID wherever a line of them is read; others need quotes, which bare lines do not have. */
const CLEAR_IN_LINES = /^[\p{L}\p{N}](?:[\p{L}\p{N}._/-]| (?! ))*(?<! )$/u;

/** One list on its way from the API's pages to its output. */
export class Listing {
  readonly #options: ListingOptions;
  /** Images of the account, where that is known and all of them are gone through. */
  total: number | undefined;
  isComplete = false;
  #state: ListState = { token: undefined, isComplete: false, isUnfiltered: false, counts: NO_COUNTS };
  #filters: ListFilters;
  #readBefore = 0;
  #startedMs: number;
  /** The first ID of those that lines cannot show as they are, and that lines may show as something else. */
  #unfit: string | undefined;
  #unclear: { readonly first: string; count: number } | undefined;

  constructor(options: ListingOptions) {
    this.#options = options;
    const { request, deps, output } = options;
    this.#state = output.resumed ?? this.#state;
    this.#readBefore = this.#state.counts.read;
    this.#filters = request.filtersAt(output.startedMs);
    this.#startedMs = deps.clock.monotonicMs();
  }

  get counts(): ListCounts {
    return this.#state.counts;
  }

  /** All pages were read in an earlier run, which could not put its file in place. */
  get isDone(): boolean {
    return this.#state.isComplete;
  }

  /** Some rows are safe that the same command need not ask for again. */
  get canGoOn(): boolean {
    return this.#state.token !== undefined || this.#state.isComplete;
  }

  /** The API returns a part of the images only. */
  get isFiltered(): boolean {
    return this.#conditions.length > 0;
  }

  /** The file is in place already. */
  isThere(): void {
    this.isComplete = true;
  }

  progress(): ListProgress {
    const elapsedMs = this.#options.deps.clock.monotonicMs() - this.#startedMs;
    const { counts } = this.#state;
    return { ...counts, total: this.total, perSecond: elapsedMs === 0 ? 0 : ((counts.read - this.#readBefore) * 1000) / elapsedMs };
  }

  /** Goes through all pages, from where an earlier run ended. Begins again where the API has forgotten where that was. */
  async run(access: AccountAccess): Promise<void> {
    const { output, deps, request } = this.#options;
    this.#startedMs = deps.clock.monotonicMs();
    for (let beginnings = 1; ; beginnings++) {
      try {
        for await (const page of this.#pages(access)) if (await this.#take(page)) break;
        return await this.complete();
      } catch (error) {
        if (!(error instanceof QueryRefused)) throw error;
        if (beginnings === BEGINNINGS_MAX || !output.beginAgain()) throw cannotGoOn(error, request);
        this.#tellBeginning(error);
        this.#state = {
          token: undefined,
          isComplete: false,
          isUnfiltered: this.#state.isUnfiltered || error.part === 'filters',
          counts: NO_COUNTS,
        };
        this.#readBefore = 0;
        this.#filters = request.filtersAt(output.startedMs);
      }
    }
  }

  async complete(): Promise<void> {
    await this.#options.output.complete();
    this.isComplete = true;
    this.#warnOfIds();
  }

  #pages(access: AccountAccess): AsyncIterable<ImagePage> {
    const { request, deps, halt, output } = this.#options;
    const seen = new SeenIds();
    for (const id of output.idsBefore()) seen.add(id);
    return imagePages({
      access,
      clock: deps.clock,
      random: deps.random,
      halt,
      query: { sortOrder: request.sortOrder, conditions: this.#conditions },
      read: readListAnswer,
      fromToken: this.#state.token,
      seen,
      attemptsMax: request.pace.attemptsMax,
    });
  }

  get #conditions(): ReturnType<typeof apiConditions> {
    return this.#state.isUnfiltered ? [] : apiConditions(this.#filters);
  }

  /** Writes the rows of a page; whether they were the last ones. */
  async #take({ images, repeatedCount, nextToken }: ImagePage): Promise<boolean> {
    const { request, output } = this.#options;
    const { format, fields, countMax } = request;
    const { counts } = this.#state;
    const isFirst = this.#state.token === undefined;
    let { listed, leftOut } = counts;
    let rows = isFirst ? headerOf(format, fields) : '';
    for (const image of images) {
      if (listed >= countMax) break;
      if (!this.#isWanted(image)) continue;
      if (format !== 'ndjson' && !fitsInLine(image.id)) {
        this.#unfit ??= image.id;
        leftOut++;
        continue;
      }
      if (format === 'ids') this.#noteUnclear(image.id);
      rows += rowOf(image, format, fields);
      listed++;
    }
    const isLast = nextToken === undefined || listed >= countMax;
    const next: ListState = {
      ...this.#state,
      token: isLast ? undefined : nextToken,
      isComplete: isLast,
      counts: { read: counts.read + images.length, listed, leftOut, repeated: counts.repeated + repeatedCount },
    };
    await output.append(rows, next);
    this.#state = next;
    return isLast;
  }

  #isWanted(image: ListedImage): boolean {
    return isWanted(image, this.#filters) && this.#options.rules.isWanted(image.id);
  }

  #noteUnclear(id: string): void {
    if (CLEAR_IN_LINES.test(id) && noiseOf(id) === undefined) return;
    this.#unclear ??= { first: id, count: 0 };
    this.#unclear.count++;
  }

  #tellBeginning({ part, answer }: QueryRefused): void {
    const message =
      part === 'token'
        ? `the API does not take the continuation token of this list any more (${describeAnswer(answer)}): the list is begun again.`
        : `the API does not take the filters (${describeAnswer(answer)}): all images are asked for, and filtered here.`;
    this.#options.deps.observer.event({ kind: 'warning', code: part === 'token' ? 'LIST_TOKEN_EXPIRED' : 'LIST_FILTERS_REFUSED', message });
  }

  #warnOfIds(): void {
    const { observer } = this.#options.deps;
    const warn = (code: string, message: string): void => observer.event({ kind: 'warning', code, message });
    const { leftOut, repeated } = this.counts;
    if (leftOut > 0)
      warn(
        'LIST_LEFT_OUT',
        `${countOf(leftOut, 'image')} left out: the ID holds a control character, which only --format ndjson can show ` +
          `(${shortened(JSON.stringify(this.#unfit ?? ''), SHOWN_CHARACTERS_MAX)}). images-purge cannot delete such images.`,
      );
    if (this.#unclear !== undefined)
      warn(
        'LIST_UNCLEAR',
        `${countOf(this.#unclear.count, 'ID')} may be read as something else where they stand in bare lines, such as ` +
          `${shortened(JSON.stringify(this.#unclear.first), SHOWN_CHARACTERS_MAX)}: with --format csv or ndjson each is read as it is.`,
      );
    if (repeated > 0) warn('LIST_REPEATED', `the API returned ${countOf(repeated, 'image')} more than once; each is listed once.`);
  }
}

function cannotGoOn({ answer, part }: QueryRefused, { command, outPath }: ListRequest): UserError {
  return new UserError({
    code: part === 'token' ? 'LIST_TOKEN_EXPIRED' : 'LIST_REFUSED',
    exitCode: EXIT.storage,
    message: `the API does not go on with the list (${describeAnswer(answer)}); what was written is not the whole of it.`,
    nextSteps:
      outPath === undefined
        ? ['Run it again with -o FILE, which then begins again by itself and appears only when it is complete:', `  ${command} -o FILE`]
        : [`Run the same command again:  ${command}`],
  });
}
