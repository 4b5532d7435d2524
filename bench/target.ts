/** One line of the table. */
export interface Target {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
  /** `undefined`: for comparison only. */
  readonly isMet: boolean | undefined;
}
