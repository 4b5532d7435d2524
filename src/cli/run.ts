import { EXIT, UserError } from '../domain/errors.ts';
import { escapeForTerminal } from '../text/escape.ts';
import { createRedact } from '../text/redact.ts';
import { parseCommandLine, type CommandLine } from './command-line.ts';
import { realEngines, type Engines } from './engines.ts';
import { bugText, errorText } from './texts/error-text.ts';
import type { Invocation } from './invocation.ts';
import { endOfThrown, noSummary, printEnd } from './print-json.ts';
import { environmentSecrets } from './secrets/known-secrets.ts';
import { givenTexts, optionValues } from '../options/option-values.ts';
import { unknownEnvNames } from '../options/unknown-variables.ts';
import { createStdoutWriter, StdoutClosedError } from './stdout.ts';
import { hasColors, textStyle } from './texts/style.ts';
import type { World } from './world.ts';

const HELP_COLUMNS = 100;

/** The command line from arguments to exit code. Everything outside is in `world`. */
export async function runCli(world: World, engines: Engines = realEngines): Promise<number> {
  const secrets = new Set(environmentSecrets(world.env));
  const redact = createRedact(secrets);
  const say = (text: string): void => void world.stderr.write(redact(text));
  // The work goes on even where stderr has closed; without a listener the process would end.
  world.stderr.on('error', () => undefined);
  const style = textStyle(hasColors(world.isStderrTerminal, world.env));
  const stdout = createStdoutWriter(world.stdout);
  world.onBug((error) => {
    say(bugText(error, style));
    world.exitNow(EXIT.defect);
  });

  try {
    const line = parseCommandLine(world.args, {
      widthColumns: Math.min(HELP_COLUMNS, world.stdoutColumns ?? HELP_COLUMNS),
      heading: textStyle(hasColors(world.isStdoutTerminal, world.env)).strong,
    });
    if (line.kind === 'print') {
      await stdout.write(line.text);
      return 0;
    }
    for (const name of unknownEnvNames(world.env)) {
      say(`${style.warning('warning:')} ${escapeForTerminal(name)} is no option of images-purge; it is ignored\n`);
    }
    return await runCommand(line, { world, engines, stdout, say, style, secrets, redact });
  } catch (error) {
    // The reader of stdout has seen enough: that is no failure.
    if (error instanceof StdoutClosedError) return 0;
    if (!(error instanceof UserError)) {
      say(bugText(error, style));
      return EXIT.defect;
    }
    say(errorText(error, style));
    return error.exitCode;
  }
}

async function runCommand(line: CommandLine & { kind: 'run' }, tools: Omit<Invocation, 'request'>): Promise<number> {
  const { env, cwd, readTextFile, realPath } = tools.world;
  const values = optionValues(line.command.options, line.flags, env, line.command.defaults);
  const given = givenTexts(line.command.options, line.flags, env);
  try {
    return await line.command.run({ ...tools, request: { operands: line.operands, values, given, env, cwd, readTextFile, realPath } });
  } catch (error) {
    if (values.json && !(error instanceof StdoutClosedError)) await printEnd(noSummary(endOfThrown(error)), tools);
    throw error;
  }
}
