import { countOf, formatCount, formatDuration } from './format.ts';

/** How far something is through what it reads. */
export interface ReadProgress {
  readonly done: number;
  /** `undefined` where it is not known. */
  readonly total: number | undefined;
  readonly perSecond: number;
}

/**
 * ` 12,000 of 1,204,551 images read, 8,113 listed  332/s  59 min 53 s left`
 *
 * @param noun - one of what is counted
 * @param said - what has been done with them
 */
export function progressText({ done, total, perSecond }: ReadProgress, noun: string, said: string, columns: number): string {
  const of = total === undefined ? countOf(done, noun) : `${formatCount(done)} of ${countOf(total, noun)}`;
  const leftMs = total === undefined || perSecond === 0 ? undefined : (Math.max(total - done, 0) * 1000) / perSecond;
  const left = leftMs === undefined ? '' : `  ${formatDuration(Math.ceil(leftMs / 1000) * 1000)} left`;
  return ` ${of} ${said}  ${formatCount(Math.round(perSecond))}/s${left}`.slice(0, columns);
}
