import { idRuleName } from '../domain/spelling/id-rule.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** Hands the patterns of `--exclude-id` to the ledger, each a rule of its own. */
export async function stageIdRules(globs: readonly string[], ledger: Ledger): Promise<void> {
  for (const glob of globs) {
    const name = idRuleName(glob);
    const rule = { name, path: name, isLiteral: false, column: undefined, glob };
    await ledger.ask('stageProtected', { rule, rowCount: 1, ids: [], idLines: [], patterns: [], patternLines: [] });
  }
}
