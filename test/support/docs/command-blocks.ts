import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Pages for users, whose commands are meant to be pasted. */
const DOCS = readdirSync(`${ROOT}docs`, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
const PAGES = ['README.md', 'SECURITY.md', ...DOCS.map((name) => `docs/${name}`)];

/** What the comment above a block says of it: `<!-- not run: why -->`, `<!-- run by: FILE -->`, `<!-- run after: COMMAND -->`. */
export interface Mark {
  readonly kind: 'not run' | 'run by' | 'run after';
  readonly text: string;
}

export interface CommandBlock {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly mark: Mark | undefined;
  /** Its commands, comments left out, lines that go on joined. */
  readonly commands: readonly string[];
}

const BLOCK = /^ *(?:<!-- (not run|run by|run after): (.+) -->\n *)?```(\w*)\n([\s\S]*?)^ *```$/gm;

export const BLOCKS: readonly CommandBlock[] = PAGES.flatMap((page) => {
  const text = readFileSync(`${ROOT}${page}`, 'utf8');
  return Array.from(text.matchAll(BLOCK), ({ index, 1: kind, 2: why = '', 3: language = '', 4: body = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length,
    language,
    mark: kind === undefined ? undefined : { kind: kind as Mark['kind'], text: why },
    commands: commandsIn(body),
  }));
});

function commandsIn(body: string): string[] {
  return body
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => {
      const command = line.replace(/(?:^|\s+)# .*$/, '').trim();
      return command === '' ? [] : [command];
    });
}

/** The arguments of a command of plain words, as a shell parts them; `undefined` where it needs a shell, or is not ours. */
export function ourArguments(command: string): string[] | undefined {
  if (!command.startsWith('images-purge ')) return undefined;
  const words = command.match(/'[^']*'|[^\s'"`$|;&<>()\\]+/g) ?? [];
  if (words.join(' ') !== command.replaceAll(/\s+/g, ' ')) return undefined;
  return words.slice(1).map((word) => word.replaceAll("'", ''));
}
