/** Where a file is written before it is renamed into place. The name is the product's own, because a file of that name is removed. */
export function newPathOf(path: string): string {
  return `${path}.images-purge-new`;
}
