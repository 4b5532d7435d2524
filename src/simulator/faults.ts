import type { SimulatedFaults } from './options.ts';

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
  };
}
