import { HAS_REDIS } from './redis.ts';

/** Says what this machine cannot test, so that nobody takes it for tested. */
export function setup(): void {
  if (!HAS_REDIS) console.warn('skipped: the tests of --quota-redis, because there is no redis-server here (Debian: apt-get install redis-server)');
}
