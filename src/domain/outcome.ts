/** What became of an ID. `rejected` belongs to a row that holds no usable ID; `planned` only to a dry run. */
export type Outcome = 'deleted' | 'absent' | 'failed' | 'protected' | 'rejected' | 'planned';
