import { formatCount, formatDuration, perSecondText } from '../text/format.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Sentences for events a person at a terminal should hear of; the others show as name and fields. */
const SENTENCES: Readonly<Record<string, (fields: Fields) => string>> = {
  'run.started': ({ isResumed, checkpointPath, pending }) =>
    isResumed === true
      ? `resuming ${text(checkpointPath)}, ${counted(pending, 'ID')} left`
      : `new purge, checkpoint ${text(checkpointPath)}`,
  'source.waiting': ({ source, isTerminal }) =>
    isTerminal === true
      ? 'reading IDs from the terminal; end with Ctrl-D'
      : `waiting for ${source === '-' ? 'standard input' : `the pipe ${text(source)}`}: nothing has been written to it yet`,
  'intake.started': ({ sources }) => `reading ${Array.isArray(sources) ? sources.join(', ') : ''}`,
  'intake.finished': ({ accepted, elapsedMs }) => `read ${counted(accepted, 'ID')} in ${duration(elapsedMs)}`,
  'lane.throttled': ({ lane, httpStatus, code, waitMs, until, cause, ratePerSecond }) =>
    `${laneText(lane)} was told to wait ${duration(waitMs)} (${codesText(httpStatus, code)}), until ${clock(until)}` +
    throttleText(cause, ratePerSecond) +
    (lane === 'account' ? '' : '; the others go on'),
  'lane.policy': ({ lane, requests, windowMs, isTighter }) =>
    `${laneText(lane)}: the API allows ${formatCount(Number(requests))} in ${duration(windowMs)}` +
    (isTighter === true ? ', less than --rate; it is obeyed' : ''),
  'lane.renewed': ({ lane, why }) => `${laneText(lane)} has a new token${why === 'refused' ? ', the one before was refused' : ''}`,
  'lane.closed': ({ lane, why }) => `${laneText(lane)} is closed: ${text(why)}; the others go on`,
  'quota.divided': ({ by, why }) =>
    `the quota's Redis does not answer (${text(why)}); until it does, this process ` +
    (Number(by) === 1 ? 'counts as the only one' : `keeps to one part in ${String(by)} of the quota`),
  'quota.shared': () => "the quota's Redis is back; the whole quota is shared again in a few seconds",
  'outage.started': ({ lane, failures, lastError }) =>
    failures === 0
      ? `${lane === undefined ? 'the API' : laneText(lane)} cannot be reached (${text(lastError)}); probes go on`
      : `${lane === undefined ? 'the API' : laneText(lane)} does not answer ` +
        `(${counted(failures, 'failure')} in a row, the last: ${text(lastError)}); sending stops, probes go on`,
  'outage.probed': ({ answered, nextProbeMs }) =>
    answered === true ? 'a probe was answered' : `a probe was not answered; the next in ${duration(nextProbeMs)}`,
  'outage.ended': ({ lane, elapsedMs }) =>
    `sending${lane === undefined ? '' : ` on ${laneText(lane)}`} goes on after ${duration(elapsedMs)}`,
  'refusal.doubted': ({ lane, httpStatus, code, message, deleted, waitMs }) =>
    `${lane === 'account' ? 'the API' : laneText(lane)} refused a request (${because(httpStatus, code, message)}), ` +
    `after ${counted(deleted, 'ID')} had been deleted; sending stops, and it is asked again in ${duration(waitMs)}`,
  'refusal.unanswered': ({ waitMs }) => `whether the refusal lasts is not known yet: no answer; it is asked again in ${duration(waitMs)}`,
  'refusal.passed': ({ strays, straysMax }) =>
    `the refusal was a mistake: asked again, all is well, and sending goes on (${String(strays)} such within an hour; ` +
    `the ${String(straysMax)}th ends the run)`,
  'item.failed': ({ id, httpStatus, code, message }) => `failed ${text(id)}: ${because(httpStatus, code, message)}`,
  'item.more': ({ count }) => `and ${formatCount(Number(count))} more failed`,
  'item.retried': ({ id, attempt, delayMs, httpStatus, message }) =>
    `${text(id)} is tried again in ${duration(delayMs)} (attempt ${String(attempt)}: ${because(httpStatus, undefined, message)})`,
  progress: ({ done, total, perSecond, etaSeconds }) =>
    `${formatCount(Number(done))} of ${counted(total, 'ID')} done, ${String(perSecond)}/s` +
    (typeof etaSeconds === 'number' ? `, ${duration(etaSeconds * 1000)} left` : ''),
  'newer.started': ({ rule, images }) =>
    `${text(rule)}: reading the account's list${images === undefined ? '' : ` of ${counted(images, 'image')}`} before anything is sent`,
  'newer.finished': ({ rule, listed, newer, untold, held }) =>
    `${text(rule)}: ${formatCount(Number(newer))} of ${counted(listed, 'listed image')} are newer` +
    (untold === 0 ? '' : ` (${formatCount(Number(untold))} of them without a time of upload)`) +
    `, ${counted(held, 'ID')} held; drafts and images that the list does not show are not protected by it`,
  'backup.finished': ({ folder, images }) => `${counted(images, 'image')} saved to ${text(folder)}`,
  'verify.started': ({ method, ids, images }) =>
    method === 'list'
      ? `looking for ${counted(ids, 'ID')} in the account's list${images === undefined ? '' : ` of ${counted(images, 'image')}`}`
      : `asking for ${counted(ids, 'ID')} by themselves, whether they are gone`,
  'verify.finished': verifiedText,
  'metrics.listening': ({ address }) => `metrics are served at http://${text(address)}/metrics`,
  stopping: ({ inFlight }) => `stopping: waiting for ${counted(inFlight, 'request')} in flight`,
  warning: ({ message }) => `warning: ${text(message)}`,
  'run.finished': ({ stoppedBecause }) => `the run ended: ${text(stoppedBecause)}`,
};

/** The sentence for an event, or `undefined` where there is none. */
export function eventSentence(event: string, fields: Fields): string | undefined {
  return Object.hasOwn(SENTENCES, event) ? SENTENCES[event]?.(fields) : undefined;
}

/** A count that is neither deletions nor survivors is what others upload or delete meanwhile. */
function verifiedText({ ids, stillThere, uploadedAgain, unclear, imagesBefore, deleted, imagesAfter }: Fields): string {
  const told = [
    `${formatCount(Number(stillThere))} still there`,
    ...(Number(uploadedAgain) > 0 ? [`${formatCount(Number(uploadedAgain))} uploaded again`] : []),
    ...(Number(unclear) > 0 ? [`${formatCount(Number(unclear))} not told`] : []),
  ].join(', ');
  const looked = `${counted(ids, 'ID')} looked for: ${told}`;
  if (typeof imagesBefore !== 'number' || typeof imagesAfter !== 'number') return looked;
  const others = imagesAfter - (imagesBefore - Number(deleted));
  const change =
    others === 0
      ? ''
      : `; ${formatCount(Math.abs(others))} ${others > 0 ? 'more' : 'fewer'} than that leaves: others' uploads or deletions`;
  const account = `the account held ${counted(imagesBefore, 'image')}, ${formatCount(Number(deleted))} deleted`;
  return `${looked}; ${account}, now ${formatCount(imagesAfter)}${change}`;
}

/** `400/5400 Bad request`, as much of it as is known. */
function because(httpStatus: unknown, code: unknown, message: unknown): string {
  const parts = [codesText(httpStatus, code), text(message)].filter((part) => part !== '');
  return parts.length === 0 ? 'no answer' : parts.join(' ');
}

function codesText(httpStatus: unknown, code: unknown): string {
  // What kept an answer away is in the message.
  return [httpStatus, code].filter((part) => typeof part === 'number').join('/');
}

function throttleText(cause: unknown, ratePerSecond: unknown): string {
  if (cause === 'random') return '; throttled at random; the pace is kept';
  return cause === 'speed' && typeof ratePerSecond === 'number' ? `; the API allows about ${perSecondText(ratePerSecond)}` : '';
}

function laneText(lane: unknown): string {
  return typeof lane === 'number' ? `lane ${lane}` : text(lane);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function counted(value: unknown, noun: string): string {
  return `${formatCount(Number(value))} ${noun}${value === 1 ? '' : 's'}`;
}

function duration(value: unknown): string {
  return formatDuration(Number(value));
}

function clock(value: unknown): string {
  return new Date(text(value)).toLocaleTimeString('en-GB');
}
