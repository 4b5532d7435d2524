import type { Taken } from '../../options/taken.ts';
import { type CompletedCommand, type CompletedOption, PROGRAM_OPTIONS, spellings } from './completed.ts';

/** The script for zsh: a file `_images-purge` on its `fpath`, or sourced once `compinit` has run. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef images-purge
# zsh completion of images-purge. In ~/.zshrc, below compinit: source <(images-purge completion zsh)
_images-purge() {
  local curcontext=$curcontext state state_descr line
  typeset -A opt_args
  _arguments -C \\
${PROGRAM_OPTIONS.map((option) => `    ${optionSpec(option, '(- *)')} \\\n`).join('')}    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
${commands.map(({ name, summary }) => `        ${quoted(`${name}:${summary}`)}`).join('\n')}
      )
      _describe command commands
      ;;
    argument)
      curcontext=\${curcontext%:*:*}:images-purge-$words[1]:
      case $words[1] in
${commands.map(caseOfCommand).join('\n')}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _images-purge ]]; then
  _images-purge "$@"
else
  compdef _images-purge images-purge
fi
`;
}

function caseOfCommand({ name, operand, options }: CompletedCommand): string {
  const operandSpec =
    operand === undefined ? [] : [quoted(`${operand.isRepeated ? '*' : '1'}:${escaped(operand.name)}:${actionOf(operand.takes)}`)];
  const specs = [...options.map((option) => optionSpec(option)), ...operandSpec];
  return [`        ${name})`, `          _arguments -s -S \\`, ...joined(specs), '          ;;'].join('\n');
}

function joined(specs: readonly string[]): readonly string[] {
  return specs.map((spec, index) => `            ${spec}${index === specs.length - 1 ? '' : ' \\'}`);
}

/** `'(-o --output)'{-o+,--output=}'[write there]:FILE:_files'`: of two spellings one is enough. */
function optionSpec(option: CompletedOption, excludes?: string): string {
  const { help, value, isRepeatable, short } = option;
  const names = spellings(option).map((name) => (value === undefined ? name : `${name}${name.startsWith('--') ? '=' : '+'}`));
  const behind = `[${escaped(help)}]${value === undefined ? '' : `:${escaped(value.name)}:${actionOf(value.takes)}`}`;
  const [only = ''] = names;
  if (short === undefined) return quoted(`${isRepeatable ? '*' : ''}${only}${behind}`);
  const before = isRepeatable ? '*' : (excludes ?? `(${spellings(option).join(' ')})`);
  return `${quoted(before)}{${names.join(',')}}${quoted(behind)}`;
}

function actionOf(takes: Taken): string {
  switch (takes.kind) {
    case 'words':
      return takes.isList ? `_sequence compadd - ${takes.words.join(' ')}` : `(${takes.words.join(' ')})`;
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'checkpoints':
      return '_files -g "*.checkpoint"';
    case 'unknown':
      return ' ';
  }
}

/** What means something to `_arguments`. */
function escaped(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, String.raw`\$&`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
