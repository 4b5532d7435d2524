import { matchKey } from './match-key.ts';
import { literalPrefix, parsePattern, type Pattern } from './wildcards.ts';

interface Known<T> {
  readonly text: string;
  readonly value: T;
  readonly asWritten: Pattern;
  readonly ofKeys: Pattern;
}

/** Patterns by the characters they begin with, so that an ID is compared with few of them. */
export class PatternSet<T> {
  readonly #asWritten: PrefixIndex<Known<T>>;
  readonly #ofKeys: PrefixIndex<Known<T>>;

  /** @param parse - what its wildcards mean; the characters before the first one stand for themselves */
  constructor(patterns: readonly (readonly [text: string, value: T])[], parse: (text: string) => Pattern = parsePattern) {
    const known = patterns.map(([text, value]) => ({
      text,
      value,
      asWritten: parse(text),
      ofKeys: parse(matchKey(text)),
    }));
    this.#asWritten = new PrefixIndex(known, ({ asWritten }) => asWritten.text);
    this.#ofKeys = new PrefixIndex(known, ({ ofKeys }) => ofKeys.text);
  }

  /** The first pattern that the ID fits as it is written. */
  find(id: string): Known<T> | undefined {
    return this.#asWritten.find(id, ({ asWritten }) => asWritten.matches(id));
  }

  /** The first pattern whose key the key of an ID fits: they differ in spelling alone. */
  findByKey(key: string): Known<T> | undefined {
    return this.#ofKeys.find(key, ({ ofKeys }) => ofKeys.matches(key));
  }
}

class PrefixIndex<K> {
  readonly #byPrefix: Map<string, K[]>;
  readonly #lengths: readonly number[];

  constructor(known: readonly K[], textOf: (one: K) => string) {
    this.#byPrefix = Map.groupBy(known, (one) => literalPrefix(textOf(one)));
    this.#lengths = [...new Set([...this.#byPrefix.keys()].map((prefix) => prefix.length))].toSorted((a, b) => a - b);
  }

  find(text: string, matches: (one: K) => boolean): K | undefined {
    for (const length of this.#lengths) {
      if (length > text.length) return undefined;
      const found = this.#byPrefix.get(text.slice(0, length))?.find(matches);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
