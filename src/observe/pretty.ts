import { styleText } from 'node:util';

import { escapeForTerminal } from '../text/escape.ts';
import { eventSentence } from './event-text.ts';

type Style = Parameters<typeof styleText>[0];

const LEVEL_STYLES: Readonly<Record<string, Style>> = {
  fatal: 'red',
  error: 'red',
  warn: 'yellow',
  info: 'dim',
  debug: 'dim',
  trace: 'dim',
};

/** A JSON log line as a person reads it: ` 14:01:52  account was told to wait 18 s (429), until 14:02:10`. */
export function prettyLine(jsonLine: string, hasColors: boolean): string {
  const { level, time, event, msg, ...fields } = JSON.parse(jsonLine) as Record<string, unknown>;
  const clock = new Date(String(time)).toLocaleTimeString('en-GB');
  const name = typeof event === 'string' ? event : typeof msg === 'string' ? msg : '';
  const sentence = escapeForTerminal(eventSentence(name, fields) ?? withFields(name, fields));
  const style = LEVEL_STYLES[String(level)];
  return ` ${clock}  ${hasColors && style !== undefined ? styleText(style, sentence, { validateStream: false }) : sentence}\n`;
}

function withFields(name: string, fields: Record<string, unknown>): string {
  return [
    name,
    ...Object.entries(fields).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`),
  ].join(' ');
}
