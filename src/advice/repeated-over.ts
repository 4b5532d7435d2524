import type { RepeatedOptions } from '../checkpoint/facts.ts';
import { OF_BATCH_LANES } from './next-command.ts';

/**
 * What a purge was run with, unless this command says otherwise. Whose lanes and how fast belongs together: a rate for one quota is
 * none for another.
 */
export function repeatedOver(recorded: RepeatedOptions, given: RepeatedOptions): RepeatedOptions {
  return { delete: wordsOver(recorded.delete, given.delete), resume: wordsOver(recorded.resume, given.resume) };
}

function wordsOver(recorded: readonly string[], given: readonly string[]): readonly string[] {
  const names = new Set(given.filter(isName));
  const saysLanes = OF_BATCH_LANES.some((name) => names.has(name));
  const isSaid = (name: string): boolean => names.has(name) || (saysLanes && OF_BATCH_LANES.includes(name));
  return [
    ...given,
    ...optionsIn(recorded)
      .filter(([name = '']) => !isSaid(name))
      .flat(),
  ];
}

/** Each option with its values. */
function optionsIn(words: readonly string[]): string[][] {
  const options: string[][] = [];
  for (const word of words) {
    if (isName(word)) options.push([word]);
    else options.at(-1)?.push(word);
  }
  return options;
}

function isName(word: string): boolean {
  return word.startsWith('--');
}
