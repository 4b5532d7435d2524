/** Something that answers every request with success as fast as it can, in a process of its own. */
export interface Answerer {
  readonly name: string;
  readonly url: string;
  close(): Promise<void>;
}

export const ENVELOPE = '{"result":{},"success":true,"errors":[],"messages":[]}';
