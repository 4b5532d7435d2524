import { configureGlobal } from 'fast-check';

/**
 * Property tests draw the same cases in each run: where one fails, it is the change that did it. `CASES_SEED=$RANDOM npm test` draws
 * others, and `npm run fuzz` as many as there is time for.
 */
export const CASES_SEED: number = Number(process.env['CASES_SEED'] ?? 20_261_127);

configureGlobal({ seed: CASES_SEED });

export * from 'fast-check';
