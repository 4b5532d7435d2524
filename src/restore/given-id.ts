const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An ID that the API gave: nobody can choose one that looks like it. */
export function hasGivenId(id: string): boolean {
  return UUID.test(id);
}
