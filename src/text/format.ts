/** Numbers and times as a person reads them; data and line numbers are never written this way. */

/** Between digits of a whole part, before each three that end it. */
const THOUSANDS = /\B(?<!\.\d*)(?=(?:\d{3})+(?!\d))/g;

/** `1,234,567`. Node's own formatting loads the data of all languages first, which takes 30 ms of every command. */
export function formatCount(count: number): string {
  return String(count).replace(THOUSANDS, ',');
}

type Unit = readonly [name: string, ms: number];

const SECONDS: Unit = ['s', 1_000];
const UNITS: readonly Unit[] = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], SECONDS];

/** The two largest units that matter: `2 min 33 s`, `25 h 6 min`, `2.1 s`, `40 ms`. Days begin at the third. */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < 1_000) return `${Math.max(Math.round(ms), 0)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1).replace(/\.0$/, '')} s`;
  const wholeMs = Math.round(ms / 1_000) * 1_000;
  const first = UNITS.findIndex(([unit, unitMs]) => wholeMs >= (unit === 'd' ? 3 * unitMs : unitMs));
  const [unit, unitMs] = UNITS[first] ?? SECONDS;
  const [smallerUnit, smallerMs] = UNITS[first + 1] ?? SECONDS;
  // Rounded in the smaller unit first, so that what is nearly two hours is not 1 h 60 min.
  const inSmaller = Math.round(wholeMs / smallerMs);
  const large = Math.floor((inSmaller * smallerMs) / unitMs);
  const small = inSmaller - (large * unitMs) / smallerMs;
  return small === 0 || unit === smallerUnit ? `${formatCount(large)} ${unit}` : `${formatCount(large)} ${unit} ${small} ${smallerUnit}`;
}

/** `Wed 25 Nov 04:12 CET`, in the zone of the machine, which it names; with the year where it is not that of `nowMs`. */
export function formatLocalTime(atMs: number, nowMs: number): string {
  const isThisYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
  const day = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(isThisYear ? {} : { year: 'numeric' }),
  });
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' });
  return `${day.format(atMs).replaceAll(',', '')} ${time.format(atMs)}`;
}

/** `301,245 IDs`, `1 ID` */
export function countOf(count: number, noun: string, plural: string = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** Enough of an account's ID to tell it from others. */
export function shortAccount(accountId: string): string {
  return `${accountId.slice(0, 4)}…${accountId.slice(-4)}`;
}

/** A text of any length in at most `charactersMax`, the middle left out: both ends of an ID tell it from others. */
export function shortened(text: string, charactersMax: number): string {
  const characters = Array.from(text);
  if (characters.length <= charactersMax) return text;
  const head = Math.ceil((charactersMax - 1) / 2);
  return `${characters.slice(0, head).join('')}…${characters.slice(-(charactersMax - 1 - head)).join('')}`;
}

/** `200/s`, `3.3/s`. */
export function perSecondText(perSecond: number): string {
  return `${perSecond < 10 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond))}/s`;
}

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `1.4 GB`, in powers of 1,000, as disks are sold and `df -H` counts. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < BYTE_UNITS.length - 1; unit++) value /= 1000;
  return `${unit > 0 && value < 99.95 ? value.toFixed(1) : Math.round(value)} ${BYTE_UNITS[unit] ?? ''}`;
}
