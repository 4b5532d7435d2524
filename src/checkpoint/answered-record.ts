import type { ImageId } from '../domain/image-id.ts';
import type { AnsweredRecord } from '../domain/record.ts';
import type { ItemResult } from './results.ts';

/** The code that makes a 404 mean "no such image"; every absent ID was answered with it. */
const CODE_NO_SUCH_IMAGE = 5404;

/**
 * What the report says of an answer, the same whether the line is written at once or again from the checkpoint: why it
 * failed belongs to failed IDs only, and an earlier request matters only where it may be the reason for an absence.
 */
export function answeredRecord(
  answer: Omit<ItemResult, 'seq'>,
  item: { readonly id: ImageId; readonly source: string; readonly line: number },
): AnsweredRecord {
  const { outcome, httpStatus, attempts, atMs, durationMs } = answer;
  const isFailed = outcome === 'failed';
  return {
    outcome,
    id: item.id,
    httpStatus,
    code: isFailed ? answer.code : outcome === 'absent' ? CODE_NO_SUCH_IMAGE : undefined,
    message: isFailed ? answer.message : undefined,
    cfRay: isFailed ? answer.cfRay : undefined,
    attempts,
    earlierUnknown: outcome === 'absent' && answer.isUnknown,
    atMs,
    durationMs,
    source: item.source,
    line: item.line,
  };
}
