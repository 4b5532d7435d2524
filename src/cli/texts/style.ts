import { styleText } from 'node:util';

import type { Env } from '../../options/env.ts';

export interface TextStyle {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly strong: (text: string) => string;
}

export const PLAIN: TextStyle = { error: (text) => text, warning: (text) => text, strong: (text) => text };

/** Colours only on a terminal that understands them, and never where NO_COLOR is set to anything. */
export function hasColors(isTerminal: boolean, env: Env): boolean {
  return isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

export function textStyle(isColored: boolean): TextStyle {
  if (!isColored) return PLAIN;
  return { error: styled(['bold', 'red']), warning: styled('yellow'), strong: styled('bold') };
}

/** The decision is made already: styleText must not look at a stream and decide again. */
function styled(format: Parameters<typeof styleText>[0]): (text: string) => string {
  return (text) => styleText(format, text, { validateStream: false });
}
