/**
 * Variables of the environment that look like ours and are not. One that is nearly an option's was meant to be it: a run that ignored
 * `IMAGES_PURGE_DRYRUN=1` would delete.
 *
 * @module
 */

import { usageError } from '../domain/errors.ts';
import { nearestTo } from '../text/nearest.ts';
import { type Env, envNameOf } from './env.ts';
import { OPTIONS } from './option-table.ts';

/** Options of the contract that this version does not have, variables without an option, and what a command of `--on-end` is told. */
const KNOWN_ELSEWHERE: readonly string[] = ['forbid-yes', 'shards', 'quota-redis-file', 'exit-code', 'state'];

const KNOWN: ReadonlySet<string> = new Set([...OPTIONS.map(({ name }) => name), ...KNOWN_ELSEWHERE].map(envNameOf));
/** `images_purge_rate` and `IMAGE_PURGE_RATE` were meant for us, too. */
const LOOKS_LIKE_OURS = /^images?_?purge_/i;
/** What Kubernetes sets in each container for a Service `images-purge`, or `images-purge-…`, whether it is ours or not. */
const OF_A_SERVICE = /^IMAGES_PURGE_(?:\w+_)?(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
const SERVICE_PORT_NAME = /^IMAGES_PURGE_(?:\w+_)?PORT$/;
const SERVICE_PORT_VALUE = /^(?:tcp|udp|sctp):\/\//;

/** Whether Kubernetes has set it for a Service. The address of a Service `images-purge` has the name of `simulate --port`. */
export function isOfService(name: string, value: string): boolean {
  return OF_A_SERVICE.test(name) || (SERVICE_PORT_NAME.test(name) && SERVICE_PORT_VALUE.test(value));
}

/**
 * The names that are no option's and like none: they are worth a warning.
 *
 * @throws UserError (exit 2) where some are nearly an option's
 */
export function unknownEnvNames(env: Env): readonly string[] {
  const unknown = Object.entries(env).flatMap(([name, value = '']) =>
    value === '' || !LOOKS_LIKE_OURS.test(name) || KNOWN.has(name) || isOfService(name, value) ? [] : [name],
  );
  const misspelt = unknown.flatMap((name) => {
    const meant = nearestTo(name.toUpperCase(), KNOWN);
    return meant === undefined ? [] : [{ name, meant }];
  });
  if (misspelt.length > 0) {
    throw usageError(
      'VARIABLE_MISSPELT',
      `${misspelt.map(({ name }) => name).join(', ')}: no option of images-purge is called so, and one nearly is; nothing was read or sent`,
      ...misspelt.map(({ name, meant }) => `If ${meant} is meant, rename ${name}; else unset it`),
    );
  }
  return unknown.filter((name) => name.toUpperCase().startsWith(envNameOf('')));
}
