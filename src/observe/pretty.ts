import { styleText } from 'node:util';

import { escapeForTerminal } from '../domain/escape.ts';

type Style = Parameters<typeof styleText>[0];

const LEVEL_STYLES: Readonly<Record<string, Style>> = { fatal: 'red', error: 'red', warn: 'yellow', info: 'cyan', debug: 'dim', trace: 'dim' };

/** A JSON log line as a person reads it: `14:01:52  lane.throttled  lane=account waitMs=18000`. */
export function prettyLine(jsonLine: string, hasColors: boolean): string {
  const { level, time, event, msg, ...fields } = JSON.parse(jsonLine) as Record<string, unknown>;
  const clock = new Date(String(time)).toLocaleTimeString('en-GB');
  const name = String(event ?? msg ?? '');
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const style = LEVEL_STYLES[String(level)];
  const shownName = hasColors && style !== undefined ? styleText(style, name, { validateStream: false }) : name;
  return `${clock}  ${shownName}${rest.length > 0 ? `  ${escapeForTerminal(rest.join(' '))}` : ''}\n`;
}
