import { EXIT, usageError } from '../../domain/errors.ts';
import { escapeForTerminal, escapeInCsv, escapeInJson } from '../../text/escape.ts';
import type { ReportRequest } from '../../inspect/write-report.ts';
import type { Invocation } from '../invocation.ts';
import { parseFilePath } from '../../options/parse/text.ts';
import { checkpointPaths, refuseSharedPaths } from '../input/paths.ts';
import { countOf } from '../../text/format.ts';
import { CHECKPOINTS } from '../../options/taken.ts';
import type { Command } from './command.ts';

export const reportCommand: Command = {
  name: 'report',
  summary: 'write the report again from checkpoints',
  description: 'Writes the report again from one or several checkpoints. Changes nothing in them.',
  argument: { name: '<checkpoint...>', help: 'checkpoint files; several are merged', takes: CHECKPOINTS },
  options: ['reportFormat', 'outcome', 'output', 'force', 'price'],
  examples: [
    'images-purge report ids.csv.checkpoint --outcome failed',
    'images-purge report ids.csv.checkpoint --format csv -o report.csv',
    'images-purge report ids.csv.checkpoint --format html -o report.html',
  ],
  needsCredentials: false,
  run: writeReport,
};

async function writeReport({ request: { values, operands, cwd, realPath }, engines, stdout, say, world }: Invocation): Promise<number> {
  const paths = operands.map((path) => parseFilePath(path, 'a checkpoint'));
  if (values.output !== undefined) {
    refuseSharedPaths([{ label: '--output', path: values.output }], paths.flatMap(checkpointPaths), cwd, realPath);
  }

  const wanted: ReportRequest = {
    checkpointPaths: paths,
    format: values.reportFormat,
    outcomes: values.outcome,
    outPath: values.output,
    overwrites: values.force,
    price: values.price,
    nowMs: world.clock.wallMs(),
  };
  const isPage = values.reportFormat === 'html';
  if (isPage && values.output === undefined && world.isStdoutTerminal) {
    throw usageError('PAGE_TO_TERMINAL', 'a page (--format html) is for a browser, not for a terminal.', 'Give it a file: -o report.html');
  }
  const escape = values.reportFormat === 'csv' ? escapeInCsv : escapeInJson;
  const { lineCount } = await engines.writeReport(wanted, (text) => stdout.write(world.isStdoutTerminal ? escape(text) : text));
  const written = isPage ? `a page that names ${countOf(lineCount, 'row')} one by one` : countOf(lineCount, 'line');
  if (values.output !== undefined) say(`${escapeForTerminal(values.output)}: ${written}\n`);
  return EXIT.done;
}
