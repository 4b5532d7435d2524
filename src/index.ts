/**
 * images-purge as a library: the same purge, with the same checkpoint, report and guarantees, from a program.
 *
 * @module
 */
export { purge, PurgeError, type PurgeCredentials, type PurgeOptions } from './library/purge.ts';
export type { ProgressSnapshot, PurgeEvent } from './observe/events.ts';
export type { IntakeCounts, OutcomeCounts, RunCounts, Summary } from './domain/summary.ts';
