/**
 * How long a run that has been told to stop may take. The two belong together: what is under way is given up before the
 * process would be ended, and the 2 s between them are for committing, the report's last lines, and the last words on stderr.
 *
 * The whole stays below the 10 s after which `docker stop` kills. A longer time must also tell users to stop containers with
 * `--stop-timeout` (`docs/cron.md`, and compose's `stop_grace_period`); `docs/reliability.md` tells the times.
 *
 * @module
 */

/** From any ending of a run, a signal or a limit: until requests in flight and lines for stdout are given up. */
export const DRAIN_MS_MAX = 7_000;

/** From a first signal: until the process is ended, since a run that takes longer hangs. */
export const SHUTDOWN_MS_MAX = 9_000;
