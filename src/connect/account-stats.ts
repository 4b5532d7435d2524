import { readStatsAnswer, type StatsAnswer } from '../answer/answers.ts';
import type { ApiReader } from '../cloudflare/types.ts';
import type { Question } from './paced-request.ts';

/** What `GET stats` answered before the first DELETE. */
export type AccountStats = { readonly kind: 'count'; readonly current: number } | { readonly kind: 'unreadable'; readonly why: string };

/** `GET images/v1/stats`: how many images the account holds, if these credentials may read it. */
export function statsQuestion(reader: ApiReader): Question<StatsAnswer> {
  return { send: () => reader.imageStats(), read: readStatsAnswer };
}
