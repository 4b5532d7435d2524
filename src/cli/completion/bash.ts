import type { Taken } from '../../options/taken.ts';
import { type CompletedCommand, type CompletedOption, PROGRAM_OPTIONS, spellings } from './completed.ts';

/**
 * The script for bash, from 3.2 (macOS) on; there `compopt` is missing, and files are offered where nothing else is known.
 * Where it offers nothing itself, readline completes files: it knows quotes, spaces and `~`.
 */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# bash completion of images-purge. In ~/.bashrc: source <(images-purge completion bash)
_images_purge() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local command= ended= takes= operand= words= options= repeatable= given=' ' before= word i
  COMPREPLY=()
  # Bash parts --format=csv at its "=".
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    given+="$word "
    [[ $word == -- ]] && ended=yes
    [[ -z $command && $word != -* ]] && command=$word
  done
  [[ -n $ended ]] && prev=

  case $command in
    '')
      takes=words
      words='${commands.map(({ name }) => name).join(' ')} ${longs(PROGRAM_OPTIONS)}'
      ;;
${commands.map(caseOfCommand).join('\n')}
    *) takes=unknown ;;
  esac

  if [[ -z $takes && $cur == -* && -z $ended ]]; then
    # One that is given already would be refused.
    takes=words words=
    for word in $options; do
      [[ $given == *" $word "* && " $repeatable " != *" $word "* ]] || words+=" $word"
    done
  fi
  case \${takes:-$operand} in
    files) return ;;
    folders) compopt +o default -o dirnames 2>/dev/null ;;
    checkpoints)
      compopt -o filenames 2>/dev/null
      while IFS= read -r word; do
        COMPREPLY+=("$word")
      done < <(compgen -f -X '!*.checkpoint' -- "$cur"; compgen -d -- "$cur")
      ;;
    words)
      compopt +o default 2>/dev/null
      COMPREPLY=($(compgen -W "$words" -- "$cur"))
      ;;
    list)
      compopt +o default -o nospace 2>/dev/null
      before=\${cur%"\${cur##*,}"}
      COMPREPLY=($(compgen -P "$before" -W "$words" -- "\${cur##*,}"))
      ;;
    *) compopt +o default 2>/dev/null ;;
  esac
}
complete -o bashdefault -o default -F _images_purge images-purge
`;
}

function caseOfCommand({ name, operand, options }: CompletedCommand): string {
  const withValue = options.filter(({ value }) => value !== undefined);
  return [
    `    ${name})`,
    `      options='${longs(options)}'`,
    `      repeatable='${longs(options.filter(({ isRepeatable }) => isRepeatable))}'`,
    `      ${settingOf('operand', operand?.takes ?? { kind: 'unknown' })}`,
    ...(withValue.length === 0 ? [] : ['      case $prev in', ...casesOfValues(withValue), '      esac']),
    '      ;;',
  ].join('\n');
}

/** Options whose values are of a kind share a line. */
function casesOfValues(options: readonly CompletedOption[]): readonly string[] {
  const bySetting = Map.groupBy(options, ({ value }) => settingOf('takes', value?.takes ?? { kind: 'unknown' }));
  return [...bySetting].map(([setting, same]) => `        ${same.flatMap(spellings).join(' | ')}) ${setting} ;;`);
}

function settingOf(variable: 'takes' | 'operand', takes: Taken): string {
  if (takes.kind !== 'words') return `${variable}=${takes.kind}`;
  return `${variable}=${takes.isList ? 'list' : 'words'} words='${takes.words.join(' ')}'`;
}

function longs(options: readonly CompletedOption[]): string {
  return options.map(({ long }) => long).join(' ');
}
