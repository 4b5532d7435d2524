import { EXIT } from '../../domain/errors.ts';
import { escapeForTerminal, escapeInCsv, escapeInJson } from '../../text/escape.ts';
import type { ReportRequest } from '../../inspect/write-report.ts';
import type { Invocation } from '../invocation.ts';
import { parseFilePath } from '../../options/parse/text.ts';
import { checkpointPaths, refuseSharedPaths } from '../input/paths.ts';
import { countOf } from '../../text/format.ts';

/** `images-purge report`: writes the report again, from what the checkpoints know. */
export async function reportCommand({ context, engines, stdout, say, world }: Invocation): Promise<number> {
  const { values, operands, cwd, realPath } = context;
  const paths = operands.map((path) => parseFilePath(path, 'a checkpoint'));
  if (values.output !== undefined) {
    refuseSharedPaths([{ label: '--output', path: values.output }], paths.flatMap(checkpointPaths), cwd, realPath);
  }

  const request: ReportRequest = { checkpointPaths: paths, format: values.reportFormat, outcomes: values.outcome, outPath: values.output };
  const escape = values.reportFormat === 'csv' ? escapeInCsv : escapeInJson;
  const { lineCount } = await engines.writeReport(request, (text) => stdout.write(world.isStdoutTerminal ? escape(text) : text));
  if (values.output !== undefined) say(`${escapeForTerminal(values.output)}: ${countOf(lineCount, 'line')}\n`);
  return EXIT.done;
}
