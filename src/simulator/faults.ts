import { asksForJson, edgeAnswer } from './answers/edge-answers.ts';
import { failure, htmlPage, notAuthenticated, type SimulatedAnswer, throttled } from './simulated-answers.ts';
import type { SimulatedEdge, SimulatedFaults } from './simulator-options.ts';

export type FaultName = keyof SimulatedFaults;

/** The order in which faults are drawn; the same seed gives the same faults. */
const FAULT_NAMES: readonly FaultName[] = [
  'status500',
  'html502',
  'throttle429',
  'resetBefore',
  'resetAfter',
  'lostAnswer',
  'truncatedAnswer',
  'hang',
  'hangAfter',
  'slowDrip',
  'edgeError',
];

/** Draws at most one fault. */
export function drawFault(faults: SimulatedFaults, random: () => number): FaultName | undefined {
  let drawn = random();
  for (const name of FAULT_NAMES) {
    if (drawn < faults[name]) return name;
    drawn -= faults[name];
  }
  return undefined;
}

/** Whether the image is deleted all the same. */
export function isWorkDoneDespite(fault: FaultName | undefined): boolean {
  return fault === undefined || ['resetAfter', 'lostAnswer', 'truncatedAnswer', 'hangAfter', 'slowDrip'].includes(fault);
}

/** Whether the client gets a whole answer. */
export function isAnsweredDespite(fault: FaultName | undefined): boolean {
  return fault === undefined || ['status500', 'html502', 'throttle429', 'slowDrip', 'edgeError'].includes(fault);
}

export interface EdgeDraw {
  readonly edge: SimulatedEdge;
  readonly random: () => number;
  /** What the client accepts: one that does not ask for JSON gets a page. */
  readonly accept: string | undefined;
}

/** What is sent in place of the answer; `undefined` where the fault leaves the answer as it is. */
export function answerOfFault(fault: FaultName | undefined, draw: EdgeDraw): SimulatedAnswer | undefined {
  switch (fault) {
    case 'edgeError':
      return drawEdgeAnswer(draw);
    case 'status500':
      return failure(500, 5500, 'Internal server error');
    case 'html502':
      return htmlPage(502, '502 Bad Gateway');
    case 'throttle429':
      return throttled(1);
    case 'resetBefore':
    case 'resetAfter':
    case 'lostAnswer':
    case 'truncatedAnswer':
    case 'hang':
    case 'hangAfter':
    case 'slowDrip':
    case undefined:
      return undefined;
  }
}

function drawEdgeAnswer({ edge, random, accept }: EdgeDraw): SimulatedAnswer {
  const code = edge.codes[Math.floor(random() * edge.codes.length)] ?? '1015';
  const form = edge.forms[Math.floor(random() * edge.forms.length)] ?? 'json';
  const wait = edge.waits[Math.floor(random() * edge.waits.length)] ?? 'seconds';
  return edgeAnswer(code, { form: form === 'json' && !asksForJson(accept) ? 'page' : form, wait });
}

/** A named share of faults of every kind, for rehearsals: `chance` of all DELETEs meet one. */
export function mixedFaults(chance: number): SimulatedFaults {
  return {
    status500: chance * 0.3,
    html502: chance * 0.2,
    throttle429: 0,
    resetBefore: chance * 0.15,
    resetAfter: chance * 0.1,
    lostAnswer: chance * 0.1,
    truncatedAnswer: chance * 0.1,
    hang: 0,
    hangAfter: 0,
    slowDrip: chance * 0.05,
    edgeError: 0,
  };
}

/** Refusals that do not last, as something between a client and the API makes them now and then; each form in turn. */
export interface StrayRefusals {
  /** For each DELETE of an image: the refusal in place of its answer, where it meets one. */
  next(): SimulatedAnswer | undefined;
}

const FORMS: readonly SimulatedAnswer[] = [
  notAuthenticated(),
  htmlPage(401, 'Sign in'),
  htmlPage(404, 'Not Found'),
  { status: 302, headers: { location: 'https://login.example/' }, body: '' },
];

/** @param each - so many DELETEs after the one before; `undefined`: none */
export function createStrayRefusals(each: number | undefined): StrayRefusals {
  let count = 0;
  return {
    next() {
      if (each === undefined || ++count % each !== 0) return undefined;
      return FORMS[(count / each - 1) % FORMS.length];
    },
  };
}
