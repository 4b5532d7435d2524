import { UserError } from '../domain/errors.ts';
import { escapeForTerminal } from '../text/escape.ts';
import { createRedact } from '../text/redact.ts';
import { parseCommandLine, type CommandLine } from './command-line.ts';
import { deleteCommand } from './commands/delete.ts';
import { reportCommand } from './commands/report.ts';
import { resumeCommand } from './commands/resume.ts';
import { simulateCommand } from './commands/simulate.ts';
import { statusCommand } from './commands/status.ts';
import { realEngines, type Engines } from './engines.ts';
import { bugText, errorText } from './texts/error-text.ts';
import { environmentSecrets } from './input/environment-secrets.ts';
import type { Invocation } from './invocation.ts';
import { OPTION_TABLE } from '../options/option-table.ts';
import type { OptionValues } from '../options/option-types.ts';
import type { CommandName, OptionSpec } from '../options/option-spec.ts';
import { optionValues, unknownEnvNames } from '../options/option-values.ts';
import { createStdoutWriter, StdoutClosedError } from './stdout.ts';
import { hasColors, textStyle } from './texts/style.ts';
import type { World } from './world.ts';

/** No code of the contract's: a defect must not pass for "finished, but some failed" (1), which is what Node would say. */
export const EXIT_BUG = 70;

const COMMANDS: { readonly [K in CommandName]: (invocation: Invocation) => Promise<number> } = {
  delete: (invocation) => deleteCommand('delete', invocation),
  plan: (invocation) => deleteCommand('plan', invocation),
  resume: resumeCommand,
  status: statusCommand,
  report: reportCommand,
  simulate: simulateCommand,
};

const HELP_COLUMNS = 100;
const ALL_OPTIONS: readonly OptionSpec<unknown>[] = Object.values(OPTION_TABLE);

/** The command line from arguments to exit code. Everything outside is in `world`. */
export async function runCli(world: World, engines: Engines = realEngines): Promise<number> {
  const secrets = new Set(environmentSecrets(world.env));
  const redact = createRedact(secrets);
  const say = (text: string): void => void world.stderr.write(redact(text));
  // Where nobody hears what is said the work still goes on; without a listener the process would end.
  world.stderr.on('error', () => undefined);
  const style = textStyle(hasColors(world.isStderrTerminal, world.env));
  const stdout = createStdoutWriter(world.stdout);
  world.onBug((error) => {
    say(bugText(error, style));
    world.exitNow(EXIT_BUG);
  });

  try {
    const line = parseCommandLine(world.args, ALL_OPTIONS, {
      widthColumns: Math.min(HELP_COLUMNS, world.stdoutColumns ?? HELP_COLUMNS),
      heading: textStyle(hasColors(world.isStdoutTerminal, world.env)).strong,
    });
    if (line.kind === 'print') {
      await stdout.write(line.text);
      return 0;
    }
    for (const name of unknownEnvNames(ALL_OPTIONS, world.env)) {
      say(`${style.warning('warning:')} ${escapeForTerminal(name)} is no option of images-purge; it is ignored\n`);
    }
    return await runCommand(line, { world, engines, stdout, say, style, secrets, redact });
  } catch (error) {
    // Whoever read stdout has seen enough: nothing to complain about.
    if (error instanceof StdoutClosedError) return 0;
    if (!(error instanceof UserError)) {
      say(bugText(error, style));
      return EXIT_BUG;
    }
    say(errorText(error, style));
    return error.exitCode;
  }
}

function runCommand(line: CommandLine & { kind: 'run' }, tools: Omit<Invocation, 'context'>): Promise<number> {
  const { world } = tools;
  const values: OptionValues = optionValues<OptionValues>(OPTION_TABLE, line.command, line.flags, world.env);
  const { env, cwd, readTextFile, realPath } = world;
  const invocation: Invocation = { ...tools, context: { operands: line.operands, values, env, cwd, readTextFile, realPath } };
  return COMMANDS[line.command](invocation);
}
