/** Of a kind of file that is refused. */
export interface Refused {
  /** What it is, as in "this is … and no list of IDs". */
  readonly what: string;
  /** What its sign is, for people. */
  readonly sign: string;
  /** What to do, a sentence. */
  readonly remedy: string;
  /** A command that makes a list of it; `undefined` where the remedy is all. */
  readonly command: ((file: string, path: string) => string) | undefined;
}
