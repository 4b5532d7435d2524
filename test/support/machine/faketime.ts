import { spawnSync } from 'node:child_process';

/** libfaketime's own library, as its command preloads it; `undefined` where there is none. */
export const FAKETIME_LIBRARY: string | undefined =
  spawnSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).stdout?.trim() || undefined;
