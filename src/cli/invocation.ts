import type { Redact } from '../text/redact.ts';
import type { Engines } from './engines.ts';
import type { TextStyle } from './texts/error-text.ts';
import type { OptionContext } from './input/option-context.ts';
import type { StdoutWriter } from './stdout.ts';
import type { World } from './world.ts';

/** A command whose flags are understood, and what it works with. */
export interface Invocation {
  readonly context: OptionContext;
  readonly world: World;
  readonly engines: Engines;
  readonly stdout: StdoutWriter;
  /** Talk, on stderr; no secret gets through. */
  readonly say: (text: string) => void;
  readonly style: TextStyle;
  /** Texts that no log and no message may show; grows as they are read. */
  readonly secrets: Set<string>;
  /** Takes them out. */
  readonly redact: Redact;
}
