/** The field, or column, that tells a row of a report. */
export const OUTCOME_FIELD = 'outcome';

/** Outcomes of IDs that need nothing more. */
const DONE: ReadonlySet<string> = new Set(['deleted', 'absent', 'protected', 'rejected']);
/** Outcomes of IDs that are still to be deleted. */
const LEFT: ReadonlySet<string> = new Set(['failed', 'planned', 'pending']);

/**
 * Whether a row is one of a report and is passed over, whatever else it holds: reports are cut to two fields, too.
 *
 * @param takesReports - whether rows of IDs that are not done are taken
 */
export function isPassedOver(outcome: unknown, takesReports: boolean): boolean {
  return typeof outcome === 'string' && (DONE.has(outcome) || (!takesReports && LEFT.has(outcome)));
}
