/** Numbers and times as a person reads them; data and line numbers are never written this way. */

/** `1,234,567` */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
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

/** `Wed 25 Nov 04:12` in the zone of the machine. */
export function formatLocalTime(atMs: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false }).formatToParts(atMs);
  const part = (type: string): string => parts.find((found) => found.type === type)?.value ?? '';
  return `${part('weekday')} ${part('day')} ${part('month')} ${part('hour')}:${part('minute')}`;
}
