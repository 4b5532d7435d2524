import { resolve } from 'node:path';

import type { GivenCommand } from '../run/run-options.ts';
import { shellWord } from '../text/shell-word.ts';
import { OPTIONS, type Option, type OptionKey, type OptionValues } from './option-table.ts';
import type { PACE_OPTIONS } from './definitions/pace.ts';
import type { GivenTexts } from './option-values.ts';

/** What a command that is suggested does with an option that the run was given. */
type Repeating =
  /** It counts for one run alone, so that each further run is given it again. */
  | 'each-run'
  /** As well, where the list is given again. */
  | 'each-reading'
  /** The checkpoint records it, and what needs it takes it from there. */
  | 'recorded'
  /** It is for this run, or for this command. */
  | 'once';

type PurgeOption = Exclude<OptionKey, keyof typeof PACE_OPTIONS>;

/** Every option stands here: one that is forgotten would be missing in a command that people paste. */
const REPEATING: Readonly<Record<PurgeOption, Repeating>> = {
  accountId: 'recorded',
  baseUrl: 'recorded',
  batchBaseUrl: 'each-run',
  format: 'recorded',
  column: 'recorded',
  noHeader: 'recorded',
  delimiter: 'recorded',
  quote: 'recorded',
  skipLines: 'recorded',
  acceptLastLine: 'recorded',
  literal: 'recorded',
  deliveryUrls: 'recorded',
  exclude: 'recorded',
  excludeColumn: 'recorded',
  excludeLiteral: 'recorded',
  excludeId: 'recorded',
  protectNewerThan: 'recorded',
  allowEmptyExclude: 'each-reading',
  shard: 'recorded',
  checkpoint: 'recorded',
  report: 'each-run',
  keep: 'each-reading',
  supersede: 'once',
  dropGuards: 'once',
  force: 'once',
  maxAge: 'each-run',
  allowNetworkCheckpoint: 'each-run',
  maxDuration: 'each-run',
  limit: 'each-run',
  maxFailures: 'each-run',
  maxAbsent: 'each-run',
  minIds: 'recorded',
  maxDeletes: 'recorded',
  minProtected: 'recorded',
  strict: 'recorded',
  failOnAbsent: 'recorded',
  verify: 'recorded',
  backup: 'recorded',
  expectAbsent: 'each-run',
  retryFailed: 'once',
  dryRun: 'once',
  checkExists: 'once',
  confirm: 'once',
  yes: 'once',
  note: 'recorded',
  onEnd: 'each-run',
  progress: 'once',
  logLevel: 'once',
  logFile: 'once',
  metricsFile: 'once',
  metricsListen: 'once',
  json: 'once',
  reportFormat: 'once',
  outcome: 'once',
  price: 'once',
  output: 'once',
  listFormat: 'once',
  fields: 'once',
  sort: 'once',
  listLimit: 'once',
  uploadedBefore: 'once',
  uploadedAfter: 'once',
  creator: 'once',
  noCreator: 'once',
  meta: 'once',
  filename: 'once',
  id: 'once',
  prefix: 'once',
  requireSignedUrls: 'once',
  noRequireSignedUrls: 'once',
  in: 'once',
  notIn: 'once',
  only: 'once',
  restoreReport: 'once',
  check: 'once',
  port: 'once',
  images: 'once',
  quota: 'once',
  block: 'once',
  strayRefusals: 'once',
  faults: 'once',
  edgeFaults: 'once',
  edgeCodes: 'once',
  edgeForms: 'once',
  edgeWaits: 'once',
  latency: 'once',
  seed: 'once',
  record: 'once',
};

/** The options that `resume` is given again. */
export const EACH_RUN: readonly OptionKey[] = OPTIONS.map(({ key }) => key).filter((key) => repeatingOf(key) === 'each-run');

function repeatingOf(key: OptionKey): Repeating {
  return (REPEATING as Partial<Record<OptionKey, Repeating>>)[key] ?? 'each-run';
}

/**
 * What commands repeat that a run suggests.
 *
 * @param command - the run's own, without options: `images-purge delete /data/ids.csv`
 * @param cwd - relative paths were given for this folder
 */
export function givenCommand(command: string, given: GivenTexts, values: OptionValues, cwd: string): GivenCommand {
  const words = (isMeant: (repeating: Repeating) => boolean): readonly string[] =>
    OPTIONS.filter(({ key }) => given.has(key) && isMeant(repeatingOf(key))).flatMap((option) =>
      wordsOf(option, given.get(option.key) ?? [], values, cwd),
    );
  return {
    repeated: {
      delete: words((repeating) => repeating === 'each-run' || repeating === 'each-reading'),
      resume: words((repeating) => repeating === 'each-run'),
    },
    spelledWith: (options) => [command, ...words(() => true).map(shellWord), options].join(' '),
  };
}

function wordsOf(option: Option, texts: readonly string[], values: OptionValues, cwd: string): readonly string[] {
  const name = `--${option.name}`;
  if (option.argument === undefined) return values[option.key] === true ? [name] : [];
  // Others can read a command line, and a log keeps it.
  const tellable = option.key === 'quotaRedis' ? texts.filter((text) => !hasUserInfo(text)) : texts;
  const isPath = option.isFile || (option.key === 'report' && values.report !== '-');
  return tellable.flatMap((text) => [name, isPath ? resolve(cwd, text) : text]);
}

function hasUserInfo(text: string): boolean {
  const url = URL.parse(text.trim());
  return url === null || url.username !== '' || url.password !== '';
}
