import type { Taken } from '../../options/taken.ts';
import { type CompletedCommand, type CompletedOption, PROGRAM_OPTIONS } from './completed.ts';

/** The script for fish, from 3.0 on. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  return `# fish completion of images-purge: images-purge completion fish > ~/.config/fish/completions/images-purge.fish
function __images_purge_is
    set -l words (commandline -opc)
    test "$words[2]" = "$argv[1]"
end

complete -c images-purge -f
${[
  ...PROGRAM_OPTIONS.map((option) => completionOf(option, AT_FIRST)),
  ...commands.map(({ name, summary }) => `${COMPLETE} -n ${AT_FIRST} -a ${name} -d ${quoted(summary)}`),
].join('\n')}

${commands.map(ofCommand).join('\n\n')}
`;
}

const COMPLETE = 'complete -c images-purge';
const AT_FIRST = quoted('__images_purge_is ""');

function ofCommand({ name, operand, options }: CompletedCommand): string {
  const condition = quoted(`__images_purge_is ${name}`);
  return [
    ...options.map((option) => completionOf(option, condition)),
    ...(operand === undefined || operand.takes.kind === 'unknown' ? [] : [`${COMPLETE} -n ${condition} ${offered(operand.takes)}`]),
  ].join('\n');
}

function completionOf({ long, short, help, value }: CompletedOption, condition: string): string {
  const names = `${short === undefined ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  return `${COMPLETE} -n ${condition} ${names}${value === undefined ? '' : ` -r ${offered(value.takes)}`} -d ${quoted(help)}`;
}

/** Files come only where they are asked for: `-f` above is for all that follows. */
function offered(takes: Taken): string {
  switch (takes.kind) {
    case 'words':
      return takes.isList ? `-f -a ${quoted(`(__fish_append , ${takes.words.join(' ')})`)}` : `-f -a ${quoted(takes.words.join(' '))}`;
    case 'files':
      return '-F';
    case 'folders':
      return `-f -a ${quoted('(__fish_complete_directories (commandline -ct))')}`;
    case 'checkpoints':
      return `-k -f -a ${quoted('(__fish_complete_suffix .checkpoint)')}`;
    case 'unknown':
      return '-f';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
