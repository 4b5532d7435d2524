import type { Draw } from '../draw.ts';
import { EXCLUDES, type ListFiles, SOURCES } from './list-files.ts';

export type Step =
  | { readonly kind: 'edit' }
  | { readonly kind: 'command'; readonly args: readonly string[]; readonly isPasted: boolean; readonly hasWrongToken: boolean };

/** The folder that images are saved in. */
export const BACKUP = 'saved';

const CHECKPOINT = ['--checkpoint', 'x.checkpoint'];

/** What the person does next. */
export function drawStep(
  draw: Draw,
  { files, advice }: { readonly files: ListFiles; readonly advice: readonly (readonly string[])[] },
): Step {
  if (draw.chance(0.25)) return { kind: 'edit' };
  const hasWrongToken = draw.chance(0.08);
  if (advice.length > 0 && draw.chance(0.6)) return { kind: 'command', args: consented(draw.pick(advice)), isPasted: true, hasWrongToken };
  const command = draw.pick(['plan', 'delete', 'delete', 'resume'] as const);
  const args = command === 'resume' ? ['resume', 'x.checkpoint', ...resumed(draw, files)] : [command, ...listArgs(draw, files, command)];
  return { kind: 'command', args, isPasted: false, hasWrongToken };
}

function resumed(draw: Draw, files: ListFiles): string[] {
  return ['--yes', ...excludes(draw, files, 0.3), ...guards(draw), ...limits(draw)];
}

function listArgs(draw: Draw, files: ListFiles, command: 'plan' | 'delete'): string[] {
  return [
    draw.pick(SOURCES),
    ...CHECKPOINT,
    ...excludes(draw, files, 0.6),
    ...(draw.chance(0.15) ? ['--min-ids', String(draw.between(1, 12))] : []),
    ...(draw.chance(0.15) ? ['--max-deletes', String(draw.between(2, 12))] : []),
    ...guards(draw),
    ...(draw.chance(0.1) ? ['--supersede'] : []),
    ...(draw.chance(0.05) ? ['--drop-guards'] : []),
    ...(command === 'delete' ? ['--yes'] : []),
    ...limits(draw),
  ];
}

/** What asks the account, or reads its images, before it deletes. */
function guards(draw: Draw): string[] {
  return [...(draw.chance(0.15) ? ['--protect-newer-than', '30d'] : []), ...(draw.chance(0.12) ? ['--backup', BACKUP] : [])];
}

/** Nearly all are not slowed down: at the default pace a history takes ten seconds. */
function limits(draw: Draw): string[] {
  return [...(draw.chance(0.95) ? ['--rate', '500/s'] : []), ...(draw.chance(0.5) ? ['--limit', String(draw.between(1, 4))] : [])];
}

/** An `=`: the shell would not part them. */
function excludes(draw: Draw, files: ListFiles, probability: number): string[] {
  return EXCLUDES.filter((name) => files.exists(name) && draw.chance(probability / 1.5)).map((name) => `--exclude=${name}`);
}

/** A person who has read the text answers the question with yes. */
function consented(args: readonly string[]): readonly string[] {
  const asks = (args[0] === 'resume' || args[0] === 'delete') && !args.includes('--yes') && !args.includes('--confirm');
  return asks ? [...args, '--yes'] : args;
}
