/** What became of an ID. `rejected` belongs to a row that holds no usable ID; `planned` only to a dry run. */
export type Outcome = 'deleted' | 'absent' | 'failed' | 'protected' | 'rejected' | 'planned';

/** What a list made from a checkpoint may tell of an ID: also that nothing has become of it yet. */
export type ListedOutcome = Outcome | 'pending';
