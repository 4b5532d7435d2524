/** How counts, times and spans read to a person. Data, line numbers and what must be typed never go through here. */

const COUNT = new Intl.NumberFormat('en-US');

/** Hours reach up to two days: 25 h is easier to plan with than 1 d 1 h. */
const UNITS: readonly (readonly [name: string, ms: number, fromMs: number])[] = [
  ['d', 86_400_000, 172_800_000],
  ['h', 3_600_000, 3_600_000],
  ['min', 60_000, 60_000],
  ['s', 1_000, 1_000],
];

/** `301,245` */
export function countText(count: number): string {
  return COUNT.format(count);
}

/** `301,245 IDs`, `1 ID` */
export function countOf(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** The two largest units that say something: `25 h 6 min`, `2 min 33 s`, `41 s`, `350 ms`. */
export function spanText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const wholeSeconds = Math.round(ms / 1_000) * 1_000;
  const first = UNITS.findIndex(([, , fromMs]) => wholeSeconds >= fromMs);
  const [name, unitMs] = UNITS[first] ?? ['s', 1_000];
  const [smallerName, smallerMs] = UNITS[first + 1] ?? [undefined, unitMs];
  // Rounded in the smaller unit first, so that 119.9 s is 2 min and not 1 min 60 s.
  const inSmaller = Math.round(wholeSeconds / smallerMs);
  const perUnit = unitMs / smallerMs;
  const large = Math.floor(inSmaller / perUnit);
  const small = inSmaller % perUnit;
  return smallerName === undefined || small === 0 ? `${large} ${name}` : `${large} ${name} ${small} ${smallerName}`;
}

/** `Wed 25 Nov 04:12 CET`, in the local zone, which it names; with the year where it is not this one. */
export function timeText(wallMs: number, nowMs: number): string {
  const date = new Date(wallMs);
  const isThisYear = date.getFullYear() === new Date(nowMs).getFullYear();
  const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', ...(isThisYear ? {} : { year: 'numeric' }) });
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
  return `${day.format(date).replaceAll(',', '')} ${time.format(date)}`;
}

/** A text of any length in at most `charactersMax`, the middle left out: both ends of an ID tell it from others. */
export function shortened(text: string, charactersMax: number): string {
  const characters = Array.from(text);
  if (characters.length <= charactersMax) return text;
  const head = Math.ceil((charactersMax - 1) / 2);
  return `${characters.slice(0, head).join('')}…${characters.slice(-(charactersMax - 1 - head)).join('')}`;
}
