import { idRuleName } from '../domain/spelling/id-rule.ts';
import type { ProtectEffects } from './protect-list.ts';

/** Hands on the patterns of `--exclude-id`, each a rule of its own. */
export async function stageIdRules(globs: readonly string[], stage: ProtectEffects['stage']): Promise<void> {
  for (const glob of globs) {
    const name = idRuleName(glob);
    const rule = { name, path: name, isLiteral: false, column: undefined, glob };
    await stage({ rule, rowCount: 1, ids: [], idLines: [], patterns: [], patternLines: [] });
  }
}
