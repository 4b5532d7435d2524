import { suspiciousKinds, tellKind } from './suspicious-kinds.ts';

const WHOLE_NUMBER = /^\d+$/;

/** What most of these IDs have in common that explains why no image was found; `undefined` where their spelling does not. */
export function likelyAbsentCause(ids: readonly string[]): string | undefined {
  const suspicious = ids.flatMap((id) => suspiciousKinds(id).map((kind) => ({ id, kind })));
  const byKind = [...Map.groupBy(suspicious, ({ kind }) => kind).values()].toSorted((a, b) => b.length - a.length);
  const [first] = byKind[0] ?? [];
  if (first !== undefined && isMost(byKind[0] ?? [], ids)) {
    const { looks, likelyCause } = tellKind(first.kind);
    return `their spelling (${looks}, such as ${JSON.stringify(first.id)}): ${likelyCause}`;
  }
  const numbers = ids.filter((id) => WHOLE_NUMBER.test(id));
  return isMost(numbers, ids) ? `the wrong --column: most of them are numbers, such as ${numbers[0]}` : undefined;
}

function isMost(part: readonly unknown[], whole: readonly unknown[]): boolean {
  return part.length * 2 > whole.length;
}
