/**
 * Preloaded into the command: when it has nothing more to do, writes what still keeps a handle or a timer.
 * `?told=FILE` says where to.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const told = new URL(import.meta.url).searchParams.get('told');
if (isMainThread && told !== null) process.on('beforeExit', () => writeFileSync(told, JSON.stringify(process.getActiveResourcesInfo())));
