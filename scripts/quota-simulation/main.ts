import { CASES } from './cases.ts';
import { missedTargets, simulateQuota } from './simulate.ts';

/** Plays every case (or those whose names hold the argument) and prints a table; exits with 1 where a target is missed. */
const [only = ''] = process.argv.slice(2);
const startedMs = performance.now();
let missed = 0;
let hours = 0;
console.log(
  'case                                                         efficiency      sent  throttled  penalties  least left  pace kept',
);
for (const { given, target } of CASES.filter(({ given: { name } }) => name.includes(only))) {
  const outcome = await simulateQuota(given);
  hours += given.hours;
  const missing = missedTargets(outcome, target);
  if (missing.length > 0) missed++;
  const cells = [
    outcome.efficiency.toFixed(4).padStart(10),
    String(outcome.sent).padStart(9),
    String(outcome.throttled).padStart(10),
    String(outcome.penalties).padStart(10),
    given.sendsHeaders ? `${(outcome.leastLeftShare * 100).toFixed(1)} %`.padStart(11) : '          –',
    outcome.paceKept.toFixed(3).padStart(10),
  ];
  console.log(`${given.name.padEnd(60)} ${cells.join(' ')}${missing.length === 0 ? '' : `   MISSED: ${missing.join(', ')}`}`);
}
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
const verdict = missed === 0 ? 'every target is met' : `${missed} targets missed`;
console.log(`${Math.round(hours)} hours of purging in ${seconds} s; ${verdict}`);
process.exitCode = missed === 0 ? 0 : 1;
