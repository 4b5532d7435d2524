/** Where a file is written before it is renamed into place: a name that nobody else gives, for what lies there is removed. */
export function newPathOf(path: string): string {
  return `${path}.images-purge-new`;
}
