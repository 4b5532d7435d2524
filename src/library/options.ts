import { usageError } from '../domain/errors.ts';
import { OPTIONS, type OptionValues } from '../options/option-table.ts';
import { programValues } from '../options/option-values.ts';

const KEYS: readonly string[] = OPTIONS.filter(({ inLibrary }) => inLibrary).map(({ key }) => key);
const REQUIRED: readonly string[] = ['accountId', 'checkpoint'];

/**
 * The values of a program's options, checked and with every default.
 *
 * @param given - what `purge()` takes besides options is not among them
 * @throws UserError for an option that is not known, so that no guard is lost to a misspelling
 */
export function libraryValues(given: object): OptionValues {
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Record<string, unknown>;
  for (const key of Object.keys(options)) {
    if (!KEYS.includes(key)) throw usageError('OPTION_UNKNOWN', `purge() knows no option ${key}`, `It knows: ${KEYS.join(', ')}.`);
  }
  for (const key of REQUIRED) {
    if (!(key in options)) throw usageError('OPTION_MISSING', `purge() needs ${key}`, 'Give it in the options.');
  }
  return programValues(options);
}
