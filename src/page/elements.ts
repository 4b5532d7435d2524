/** Texts get into the page as texts: nothing in here reads HTML. */

export function byId(id: string): HTMLElement | null {
  return document.getElementById(id);
}

/** An element with a text. */
export function element<K extends keyof HTMLElementTagNameMap>(name: K, text = '', className = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (text !== '') made.textContent = text;
  if (className !== '') made.className = className;
  return made;
}

const COUNTS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** `1,234,567` */
export function countText(count: number): string {
  return COUNTS.format(count);
}

const SHORT_COUNTS = new Intl.NumberFormat('en-US', { notation: 'compact' });

/** `1.2M` */
export function shortCount(count: number): string {
  return SHORT_COUNTS.format(count);
}

export function rateText(perSecond: number): string {
  return `${countText(perSecond)}/s`;
}

/** `85 ms`, `2.1 s` */
export function durationText(ms: number): string {
  return ms < 1_000 ? `${COUNTS.format(ms)} ms` : `${COUNTS.format(ms / 1_000)} s`;
}
