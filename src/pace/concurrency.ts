import pLimit from 'p-limit';

/**
 * Starts long-lived workers, one p-limit call each and never one for an ID: p-limit queues without bound.
 *
 * @returns resolves when all have ended; rejects with the first bug, but not before all have ended
 */
export async function startWorkers(count: number, worker: (index: number) => Promise<void>): Promise<void> {
  const limit = pLimit(count);
  const ended = await Promise.allSettled(Array.from({ length: count }, (_, index) => limit(() => worker(index))));
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
