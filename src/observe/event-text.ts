import { formatCount, formatDuration } from '../domain/format.ts';

type Fields = Record<string, unknown>;

/** Sentences for events a person at a terminal should hear of; the others show as name and fields. */
const SENTENCES: Readonly<Record<string, (fields: Fields) => string>> = {
  'run.started': ({ isGoingOn, checkpointPath, pending }) => (isGoingOn === true ? `going on with ${text(checkpointPath)}, ${count(pending)} IDs left` : `new purge, checkpoint ${text(checkpointPath)}`),
  'intake.started': ({ sources }) => `reading ${(sources as readonly string[]).join(', ')}`,
  'intake.finished': ({ accepted, elapsedMs }) => `read ${count(accepted)} IDs in ${formatDuration(Number(elapsedMs))}`,
  'lane.throttled': ({ lane, waitMs, until }) => `${text(lane)} was told to wait ${formatDuration(Number(waitMs))} (429), until ${clock(until)}`,
  'outage.started': ({ failures, lastError }) => `the API does not answer (${count(failures)} failures in a row, the last: ${text(lastError)}); sending stops, probes go on`,
  'outage.probed': ({ answered, nextProbeMs }) => (answered === true ? 'a probe was answered' : `a probe was not answered; the next in ${formatDuration(Number(nextProbeMs))}`),
  'outage.ended': ({ elapsedMs }) => `sending goes on after ${formatDuration(Number(elapsedMs))}`,
  'item.failed': ({ id, httpStatus, code, message }) => `failed ${text(id)}: ${[httpStatus, code].filter((part) => typeof part === 'number').join('/')} ${text(message)}`,
  'item.more': ({ count: more }) => `and ${count(more)} more failed`,
  stopping: ({ inFlight }) => `stopping: waiting for ${count(inFlight)} requests in flight`,
  warning: ({ message }) => text(message),
  'run.finished': ({ stoppedBecause }) => `the run ended: ${text(stoppedBecause)}`,
};

/** The sentence for an event, or `undefined` where there is none. */
export function eventSentence(event: string, fields: Fields): string | undefined {
  return Object.hasOwn(SENTENCES, event) ? SENTENCES[event]?.(fields) : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function count(value: unknown): string {
  return formatCount(Number(value));
}

function clock(value: unknown): string {
  return new Date(text(value)).toLocaleTimeString('en-GB');
}
