/** What was taken to be looked at, and what follows it. @param rest - `undefined` where nothing does */
export async function* chained<T>(head: readonly T[], rest: AsyncGenerator<T> | undefined): AsyncGenerator<T> {
  yield* head;
  if (rest !== undefined) yield* rest;
}
