import { spawnSync } from 'node:child_process';

/** Whether systemd's own check of units is here; it needs no systemd that runs. */
export const HAS_SYSTEMD_ANALYZE: boolean = spawnSync('systemd-analyze', ['--version']).status === 0;
