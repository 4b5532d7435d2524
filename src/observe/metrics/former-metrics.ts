/** What a metrics file tells of the runs before this one. A run that fails must not take the time of the last success away. */
export interface FormerMetrics {
  readonly lastEndSeconds: number | undefined;
  readonly lastExitCode: number | undefined;
  readonly lastSuccessSeconds: number | undefined;
}

export const NO_FORMER_METRICS: FormerMetrics = { lastEndSeconds: undefined, lastExitCode: undefined, lastSuccessSeconds: undefined };

/** `undefined`: the text is something else than metrics of images-purge. */
export function readFormerMetrics(text: string): FormerMetrics | undefined {
  if (text.trim() === '') return NO_FORMER_METRICS;
  const lines = text.split('\n').filter((line) => line !== '');
  if (!lines.every((line) => /^(?:# (?:HELP|TYPE) )?images_purge_/.test(line))) return undefined;
  const value = (name: string): number | undefined => {
    const found = lines.find((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    const number = Number(found?.slice(found.lastIndexOf(' ')));
    return Number.isFinite(number) ? number : undefined;
  };
  return {
    lastEndSeconds: value('images_purge_last_end_timestamp_seconds'),
    lastExitCode: value('images_purge_last_exit_code'),
    lastSuccessSeconds: value('images_purge_last_success_timestamp_seconds'),
  };
}
