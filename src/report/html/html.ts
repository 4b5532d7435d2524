import { escapeForTerminal } from '../../text/escape.ts';

/** HTML that may stand in the page as it is. Only {@link html} makes it, so no text from outside gets there unescaped. */
export class Html {
  readonly #text: string;

  /** @param text - for what is HTML already: the page's own script and style */
  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Everything but HTML is a text, and is escaped; `undefined` is nothing. */
export type Content = Html | string | number | undefined | readonly Content[];

/** A template whose values are escaped. A value in an attribute stands in double quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.map((part, index) => part + written(values[index])).join(''));
}

function written(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Html) return content.toString();
  if (typeof content === 'object') return content.map(written).join('');
  return escaped(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** What cannot be seen (control and direction characters) becomes `\u{…}`, as in all that people read of us. */
function escaped(text: string): string {
  return escapeForTerminal(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** A value as JSON inside a `script` element: `</script>` and `<!--` cannot come of it. */
export function jsonInHtml(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll('<', String.raw`\u003c`));
}
