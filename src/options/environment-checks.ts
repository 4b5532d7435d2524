import { usageError } from '../domain/errors.ts';
import { type Env, envNameOf } from './env.ts';
import type { OptionValues } from './option-table.ts';
import { parseBoolean } from './parse/text.ts';

type Purging = 'delete' | 'plan' | 'resume';

/** Ignoring one of these in silence would delete more, or with less care, than the person asked for. */
const PROMISES_NOT_KEPT: readonly { readonly option: string; readonly commands: readonly Purging[]; readonly why: string }[] = [
  { option: 'dry-run', commands: ['resume'], why: 'resume has no dry run: it deletes' },
];

/** Refuses a run whose environment asks for protection that the command cannot give. */
export function refuseUnkeptPromises(command: Purging, env: Env): void {
  for (const { option, commands, why } of PROMISES_NOT_KEPT) {
    const name = envNameOf(option);
    const text = (env[name] ?? '').trim().toLowerCase();
    if (commands.includes(command) && !['', '0', 'false', 'no'].includes(text)) {
      throw usageError('OPTION_NOT_OFFERED', `${name} is set, but ${why}`, 'Unset it to go on without');
    }
  }
}

/** Where `IMAGES_PURGE_FORBID_YES` is set, only a person or `--confirm` consents: a set is named, or it is looked at. */
export function refuseForbiddenYes({ yes, confirm }: Pick<OptionValues, 'yes' | 'confirm'>, env: Env): void {
  const name = envNameOf('forbid-yes');
  const text = env[name] ?? '';
  if (text === '' || !parseBoolean(text, name) || !yes || confirm !== undefined) return;
  throw usageError(
    'YES_FORBIDDEN',
    `--yes is given, and ${name} forbids it; nothing was read or sent`,
    'Look at the plan (--dry-run, or images-purge plan), then give the digest it shows: --confirm DIGEST',
  );
}
