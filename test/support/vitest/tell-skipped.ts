import { CAN_BE_REFUSED, CAN_UNSHARE } from '../machine/other-user.ts';
import { HAS_CHROMIUM } from '../report/browser.ts';
import { HAS_PROMETHEUS } from '../servers/prometheus.ts';
import { HAS_REDIS } from '../servers/redis.ts';
import { FAKETIME_LIBRARY } from '../machine/faketime.ts';
import { CAN_MOUNT } from '../machine/small-disk.ts';
import { CAN_INJECT } from '../machine/strace.ts';
import { HAS_SYSTEMD_ANALYZE } from '../machine/systemd.ts';

/** Says what this machine cannot test, so that nobody takes it for tested. */
export function setup(): void {
  if (!HAS_REDIS)
    console.warn('skipped: the tests of --quota-redis, because there is no redis-server here (Debian: apt-get install redis-server)');
  if (!HAS_PROMETHEUS)
    console.warn('skipped: the test that Prometheus scrapes a run, because there is none here (Debian: apt-get install prometheus)');
  if (!HAS_CHROMIUM)
    console.warn('skipped: the tests of the report as a page, because there is no chromium here (Debian: apt-get install chromium)');
  if (!HAS_SYSTEMD_ANALYZE)
    console.warn('skipped: the check of the systemd units, because there is no systemd-analyze here (Debian: apt-get install systemd)');
  if (!CAN_MOUNT) console.warn('skipped: the tests of full disks, because only root may mount one');
  if (!CAN_INJECT)
    console.warn(
      'skipped: the tests of failing system calls, because strace cannot trace here ' +
        '(Debian: apt-get install strace; in a container: --cap-add SYS_PTRACE)',
    );
  if (FAKETIME_LIBRARY === undefined)
    console.warn('skipped: the tests of a wall clock that is set, because there is no faketime here (Debian: apt-get install faketime)');
  if (!CAN_BE_REFUSED)
    console.warn('skipped: the tests of permissions, because root is refused nothing and nobody else may run this checkout');
  if (!CAN_UNSHARE) console.warn('skipped: the tests of runs under another host’s name, because no namespaces can be made here');
}
