import type { Env } from '../options/env.ts';
import type { OptionValues } from '../options/option-table.ts';
import type { GivenTexts } from '../options/option-values.ts';
import type { Redact } from '../text/redact.ts';
import type { Engines } from './engines.ts';
import type { StdoutWriter } from './stdout.ts';
import type { TextStyle } from './texts/style.ts';
import type { World } from './world.ts';

/** What a command line asks for, and what of the world decides what it means. */
export interface CommandRequest extends Pick<World, 'cwd' | 'readTextFile' | 'realPath'> {
  readonly operands: readonly string[];
  readonly values: OptionValues;
  readonly given: GivenTexts;
  readonly env: Env;
}

/** A command whose flags are understood, and what it works with. */
export interface Invocation {
  readonly request: CommandRequest;
  readonly world: World;
  readonly engines: Engines;
  readonly stdout: StdoutWriter;
  /** Writes to stderr; no secret gets through. */
  readonly say: (text: string) => void;
  readonly style: TextStyle;
  /** Texts that no log and no message may show; grows as they are read. */
  readonly secrets: Set<string>;
  /** Takes them out. */
  readonly redact: Redact;
}
