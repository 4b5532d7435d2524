import { EXIT, usageError } from '../../domain/errors.ts';
import { CODES, codeOf, entryOf } from '../../explain/explain.ts';
import { editDistance } from '../../text/nearest.ts';
import { wrapped } from '../../text/wrap.ts';
import type { Invocation } from '../invocation.ts';
import { codeListText, explainText } from '../texts/explain-text.ts';
import { oneOf } from '../../options/taken.ts';
import type { Command } from './command.ts';

export const explainCommand: Command = {
  name: 'explain',
  summary: 'explain an error or a warning by its code',
  description:
    'Explains an error or a warning by the code at its end: what happened, why, what to do. Needs no network. ' +
    'Without a code, lists them all.',
  argument: { name: '[code]', help: 'as the error shows it: ABSENT_RULE', takes: oneOf(CODES) },
  options: [],
  examples: ['images-purge explain ABSENT_RULE', 'images-purge explain'],
  needsCredentials: false,
  run: explain,
};

async function explain({ request, world, stdout }: Invocation): Promise<number> {
  const [text] = request.operands;
  if (text === undefined) {
    await stdout.write(codeListText());
    return EXIT.done;
  }
  const code = codeOf(text);
  const entry = entryOf(code);
  if (entry === undefined) throw unknownCode(text, code);
  await stdout.write(explainText(code, entry, world.stdoutColumns));
  return EXIT.done;
}

/** Letters that may be added, left out or other ones. */
const EDITS_MAX = 3;
const LIST_COLUMNS = 100;

function unknownCode(text: string, code: string): Error {
  const near = CODES.filter((known) => editDistance(code, known) <= EDITS_MAX || (code !== '' && known.includes(code)));
  return usageError(
    'CODE_UNKNOWN',
    `${JSON.stringify(text)} is no code of images-purge`,
    ...(near.length === 0 ? [] : [`Did you mean ${near.join(', ')}?`]),
    ...wrapped(`Codes: ${CODES.join(', ')}`, LIST_COLUMNS),
  );
}
