/**
 * Part of `npm run build`: the manual page, from the definitions of commands and options. npm puts it in place where the package is
 * installed with `-g`.
 *
 * @module
 */

import { writeFileSync } from 'node:fs';

import { COMMANDS } from '../src/cli/commands/all-commands.ts';
import type { Command } from '../src/cli/commands/command.ts';
import { CREDENTIALS_HELP, EXIT_CODES_HELP, PROGRAM_DESCRIPTION, PROGRAM_EXAMPLES, VARIABLES_HELP } from '../src/cli/texts/help-text.ts';
import { VERSION } from '../src/domain/version.ts';
import { OPTIONS, type Option, optionsTaken } from '../src/options/option-table.ts';

const PAGE = new URL('../dist/images-purge.1', import.meta.url);

/** The page in the language of man(7). */
export function manPage(): string {
  const headings = [...new Set(OPTIONS.map(({ heading }) => heading))];
  return `${[
    `.TH IMAGES\\-PURGE 1 "" "images\\-purge ${VERSION}" "User Commands"`,
    // No word is broken at a line's end: commands and options could not be copied.
    '.nh',
    '.ad l',
    '.SH NAME',
    `images\\-purge \\- ${plain('delete images from Cloudflare Images by ID, in bulk')}`,
    '.SH SYNOPSIS',
    '.B images\\-purge',
    '.I command',
    '[options]',
    '.SH DESCRIPTION',
    plain(PROGRAM_DESCRIPTION),
    '.SH COMMANDS',
    ...COMMANDS.flatMap(aboutCommand),
    '.SH OPTIONS',
    plain(
      'Below each, in brackets: the commands that take it, its bounds and default, and the variables that are read where it is not given.',
    ),
    ...headings.flatMap((heading) => [
      `.SS ${plain(heading)}`,
      ...OPTIONS.filter((option) => option.heading === heading).flatMap(aboutOption),
    ]),
    '.SH ENVIRONMENT',
    plain(VARIABLES_HELP),
    '.PP',
    ...verbatim(CREDENTIALS_HELP.split('\n')),
    '.SH "EXIT STATUS"',
    ...verbatim(EXIT_CODES_HELP.split('\n').slice(1)),
    '.SH EXAMPLES',
    ...verbatim(PROGRAM_EXAMPLES),
  ].join('\n')}\n`;
}

function aboutCommand({ name, argument, description, examples, defaults, options }: Command): readonly string[] {
  const own = optionsTaken(options, defaults).filter(({ key }) => defaults?.[key] !== undefined);
  return [
    `.SS ${plain([name, ...(argument === undefined ? [] : [argument.name])].join(' '))}`,
    plain(description),
    ...(argument === undefined ? [] : ['.PP', `${plain(argument.name)}: ${plain(argument.help)}.`]),
    ...own.flatMap((option) => ['.PP', plain(`--${option.name} is ${option.defaultText} where it is not given.`)]),
    '.PP',
    ...verbatim(examples),
  ];
}

function aboutOption(option: Option): readonly string[] {
  const { key, name, short, argument, help, bounds, defaultText, envNames } = option;
  const takers = COMMANDS.filter(({ options }) => options.includes(key)).map((command) => command.name);
  const spelled = [...(short === undefined ? [] : [`\\fB\\-${short}\\fR`]), `\\fB${plain(`--${name}`)}\\fR`].join(', ');
  const facts = [
    takers.join(', '),
    ...(bounds === undefined ? [] : [bounds]),
    ...(defaultText === undefined ? [] : [`default: ${defaultText}`]),
    envNames.length === 0 ? 'no variable' : envNames.join(', '),
  ];
  return [
    '.TP',
    argument === undefined ? spelled : `${spelled} \\fI${plain(argument)}\\fR`,
    plain(help),
    '.br',
    plain(`(${facts.join('; ')})`),
  ];
}

/** Lines that stay as they are. */
function verbatim(lines: readonly string[]): readonly string[] {
  return ['.nf', ...lines.map(plain), '.fi'];
}

/** A text that says nothing to troff: no escapes, no requests; its hyphens can be copied as such. */
function plain(text: string): string {
  return text
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll('…', String.raw`\[u2026]`)
    .replaceAll('~', String.raw`\(ti`)
    .replaceAll('^', String.raw`\(ha`)
    .replaceAll("'", String.raw`\(aq`)
    .replaceAll(/^(?=\.)/gm, String.raw`\&`);
}

if (import.meta.main) writeFileSync(PAGE, manPage());
