/** The environment's variables. */
export type Env = Readonly<Record<string, string | undefined>>;

/** `--max-age` reads `IMAGES_PURGE_MAX_AGE`. */
export function envNameOf(optionName: string): string {
  return `IMAGES_PURGE_${optionName.toUpperCase().replaceAll('-', '_')}`;
}
