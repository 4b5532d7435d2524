import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import { EXIT, UserError } from '../../domain/errors.ts';
import { shellPath } from '../../text/shell-word.ts';
import { takeLock } from './lock.ts';

/** Whose quota it is: requests to another root count elsewhere. */
export interface LockedAccount {
  readonly accountId: string;
  readonly baseUrl: string;
}

/** Held while a run may use an account's own quota. */
export interface AccountLock {
  release(): void;
}

/** What came of the attempt to hold an account. */
export interface HeldAccount {
  /** `undefined` where another run holds it and that is allowed, too. */
  readonly lock: AccountLock | undefined;
  /** Why there is no place for a lock on this machine, so that nothing is known of other runs. */
  readonly whyNot: string | undefined;
}

/** What a run that is refused is told of the one that holds the lock. */
interface Holder {
  readonly pid: number;
  /** `undefined`: a command that has none, and is told by its name. */
  readonly checkpointPath: string | undefined;
  readonly command?: string;
}

/**
 * Two runs that each keep to `--rate` use twice the quota together. So one run of a user on this machine holds its account, by a lock of
 * the same kind as a checkpoint's: the kernel frees it with the process.
 *
 * @throws UserError (exit 6) if another run holds it, unless `mayShare` allows that
 */
export function lockAccount(account: LockedAccount, holder: Holder, mayShare: boolean): HeldAccount {
  try {
    return { lock: takeAccount(account, holder, mayShare), whyNot: undefined };
  } catch (error) {
    if (error instanceof UserError && error.exitCode === EXIT.locked) throw error;
    return { lock: undefined, whyNot: error instanceof Error ? error.message : String(error) };
  }
}

function takeAccount(account: LockedAccount, holder: Holder, mayShare: boolean): AccountLock | undefined {
  const key = createHash('sha256').update(`${account.accountId.toLowerCase()} ${account.baseUrl}`).digest('hex').slice(0, 32);
  const path = join(runtimeFolder(), key);
  const holderPath = `${path}.json`;
  const lock = takeLock(`${path}.lock`);
  if (lock === undefined) {
    if (mayShare) return undefined;
    throw heldError(account, readHolder(holderPath));
  }
  // Removed first: a run that was killed may have left it, with another mode than a new file gets.
  rmSync(holderPath, { force: true });
  writeFileSync(holderPath, JSON.stringify(holder), { mode: 0o600 });
  return {
    release() {
      rmSync(holderPath, { force: true });
      lock.release();
    },
  };
}

/** One for each user, in the folder for temporary files: `XDG_RUNTIME_DIR` is not set for cron jobs, which would then not be seen. */
function runtimeFolder(): string {
  const userId = statSync('/proc/self', { throwIfNoEntry: false })?.uid ?? userInfo().uid;
  const folder = join(tmpdir(), `images-purge-${userId}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  // Another user may have made it first, to read what is in it or to lead elsewhere.
  if (!found.isDirectory() || found.uid !== userId || (found.mode & 0o077) !== 0)
    throw new Error(`${folder} is not a folder that only this user can use`);
  return folder;
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined; // The run that holds the lock has not written it yet, or has ended meanwhile.
  }
}

function heldError({ accountId }: LockedAccount, holder: Holder | undefined): UserError {
  const { checkpointPath, command } = holder ?? {};
  const named = holder === undefined ? '' : ` (process ${holder.pid}, ${command ?? `checkpoint ${checkpointPath}`})`;
  const does = command === undefined ? 'purges' : 'uses';
  return new UserError({
    code: 'ACCOUNT_LOCKED',
    exitCode: EXIT.locked,
    message: `another run on this machine${named} ${does} account ${accountId} with the same quota; nothing was sent.`,
    nextSteps: [
      ...(checkpointPath === undefined ? [] : [`See how far it is:  images-purge status ${shellPath(checkpointPath)}`]),
      'Wait for it to end, then run the same command.',
      'To run both, share the quota by --quota-redis; or add --allow-parallel, and give each a --rate that leaves room for the other.',
    ],
  });
}
