import { closeSync, openSync, unlinkSync } from 'node:fs';

import { isCheckpointLocked, lockCheckpoint } from '../../../src/checkpoint/file/lock.ts';
import { UserError } from '../../../src/domain/errors.ts';

/**
 * A process of its own, one run or one `status` after another: `hold PATH COUNT` takes the checkpoint's lock until it has
 * held it so many times, and prints what went wrong; `look PATH` asks whether it is held until it is killed.
 */
const [, , what, path = '', count] = process.argv;

if (what === 'look') {
  isCheckpointLocked(path);
  process.stdout.write('looking\n');
  for (;;) isCheckpointLocked(path);
}

const complaints: string[] = [];
for (let held = 0; held < Number(count);) {
  try {
    const lock = lockCheckpoint(path);
    held++;
    // The holder of the lock is alone with this file.
    closeSync(openSync(`${path}.held`, 'wx'));
    unlinkSync(`${path}.held`);
    lock.release();
  } catch (error) {
    const isRefused = error instanceof UserError && error.code === 'CHECKPOINT_LOCKED';
    if (isRefused) continue;
    complaints.push(String(error));
    break;
  }
}
process.stdout.write(JSON.stringify(complaints));
