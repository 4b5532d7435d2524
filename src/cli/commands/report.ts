import { EXIT } from '../../domain/errors.ts';
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
  options: ['reportFormat', 'outcome', 'output', 'force'],
  examples: [
    'images-purge report ids.csv.checkpoint --outcome failed',
    'images-purge report ids.csv.checkpoint --format csv -o report.csv',
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
  };
  const escape = values.reportFormat === 'csv' ? escapeInCsv : escapeInJson;
  const { lineCount } = await engines.writeReport(wanted, (text) => stdout.write(world.isStdoutTerminal ? escape(text) : text));
  if (values.output !== undefined) say(`${escapeForTerminal(values.output)}: ${countOf(lineCount, 'line')}\n`);
  return EXIT.done;
}
