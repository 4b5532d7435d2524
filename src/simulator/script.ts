import type { FaultName } from './faults.ts';
import type { SimulatedAnswer } from './simulated-answers.ts';

/** A request that a script decides about. */
export interface ScriptedRequest {
  readonly method: string;
  readonly rawUrl: string;
  /** The image's ID where the request is for one. */
  readonly id: string | undefined;
  readonly lane: string;
  /** Counted as requests come in; where scripts keep some waiting, the record has others before them. */
  readonly seq: number;
}

/** What a script says about a request; `undefined` leaves it to the simulator. */
export type Verdict = SimulatedAnswer | FaultName | undefined;

/** Decides about a request when it has come in; one that promises its verdict keeps the request waiting until then. */
export type Override = (request: ScriptedRequest) => Verdict | Promise<Verdict>;
