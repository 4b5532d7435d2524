import type { FuzzTarget } from './target.ts';
import { answerTargets } from './targets/answers.ts';
import { edgeTargets } from './targets/edge-answers.ts';
import { checkpointTargets } from './targets/checkpoints.ts';
import { idTargets } from './targets/ids.ts';
import { keepListTargets } from './targets/keep-lists.ts';
import { listFormTargets } from './targets/list-forms.ts';
import { optionTargets } from './targets/options.ts';
import { readerTargets } from './targets/readers.ts';
import { shownTargets } from './targets/shown.ts';

/** Everything that takes input from outside. */
export const TARGETS: readonly FuzzTarget[] = [
  ...idTargets,
  ...answerTargets,
  ...edgeTargets,
  ...optionTargets,
  ...readerTargets,
  ...listFormTargets,
  ...keepListTargets,
  ...shownTargets,
  ...checkpointTargets,
];
