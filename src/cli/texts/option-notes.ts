import { envNameOf } from '../../options/env.ts';
import type { Option } from '../../options/option-table.ts';

/** What help tells of an option behind its sentence: bounds, default, and variables where they are not the one of its name alone. */
export function notesOn({ name, bounds, defaultText, envNames }: Option): readonly string[] {
  const others = envNames.filter((env) => env !== envNameOf(name));
  return [
    ...(bounds === undefined ? [] : [bounds]),
    ...(defaultText === undefined ? [] : [`default: ${defaultText}`]),
    ...others.map((env) => `also ${env}`),
    ...(envNames.length === 0 ? ['no variable'] : []),
  ];
}
