import type { DatabaseSync } from 'node:sqlite';

/** Requests that were sent, or may have been, on a lane up to this time. */
export interface RecordedPermits {
  readonly lane: string;
  /** Milliseconds since 1970. */
  readonly atWallMs: number;
  /** Milliseconds since the machine booted, and which boot, if known. Setting the clock does not change them. */
  readonly atBootMs: number | undefined;
  readonly bootId: string | undefined;
  readonly count: number;
}

/** What was sent of a lane's last reservation. */
export interface LaneUse {
  readonly lane: string;
  readonly used: RecordedPermits | undefined;
}

/** Keeps what a lane may have used of its quota, so that the next run of this purge begins where this one ended. */
export interface Permits {
  /**
   * Puts a reservation on record in place of the lane's last one, of which `used` is what was sent; call it inside a
   * transaction.
   *
   * @param keptMs - permits that are older than this then are forgotten
   */
  recordReservation(reserved: RecordedPermits, used: RecordedPermits | undefined, keptMs: number): void;
  /** Replaces the lane's last reservation by what was sent of it. No more of it will be sent. */
  closeReservation(lane: string, used: RecordedPermits | undefined): void;
}

const INSERT_PERMIT = 'INSERT INTO permit (lane, at_wall_ms, at_boot_ms, boot_id, count) VALUES (?, ?, ?, ?, ?)';

export function preparePermits(db: DatabaseSync): Permits {
  const insert = db.prepare(INSERT_PERMIT);
  const update = db.prepare('UPDATE permit SET at_wall_ms = ?, at_boot_ms = ?, boot_id = ?, count = ? WHERE rowid = ?');
  const remove = db.prepare('DELETE FROM permit WHERE rowid = ?');
  const forget = db.prepare('DELETE FROM permit WHERE lane = ? AND rowid < ? AND iif(boot_id = ?, at_boot_ms < ?, at_wall_ms < ?)');
  const lastRowOf = new Map<string, number>();

  function closeReservation(lane: string, used: RecordedPermits | undefined): void {
    const row = lastRowOf.get(lane);
    if (row === undefined) return;
    lastRowOf.delete(lane);
    if (used === undefined) remove.run(row);
    else update.run(used.atWallMs, used.atBootMs ?? null, used.bootId ?? null, used.count, row);
  }

  return {
    recordReservation(reserved, used, keptMs) {
      const { lane } = reserved;
      closeReservation(lane, used);
      const row = Number(
        insert.run(lane, reserved.atWallMs, reserved.atBootMs ?? null, reserved.bootId ?? null, reserved.count).lastInsertRowid,
      );
      // Within one boot, setting the clock does not make a permit older.
      forget.run(lane, row, reserved.bootId ?? null, (reserved.atBootMs ?? 0) - keptMs, reserved.atWallMs - keptMs);
      lastRowOf.set(lane, row);
    },
    closeReservation,
  };
}

/** Everything on record, oldest first. */
export function readPermits(db: DatabaseSync): RecordedPermits[] {
  return db
    .prepare('SELECT lane, at_wall_ms, at_boot_ms, boot_id, count FROM permit ORDER BY rowid')
    .all()
    .map((row) => ({
      lane: String(row['lane']),
      atWallMs: Number(row['at_wall_ms']),
      atBootMs: row['at_boot_ms'] === null ? undefined : Number(row['at_boot_ms']),
      bootId: row['boot_id'] === null ? undefined : String(row['boot_id']),
      count: Number(row['count']),
    }));
}

/** Takes over what an earlier purge at the same place used of the same account's quota. */
export function writePermits(db: DatabaseSync, permits: readonly RecordedPermits[]): void {
  const insert = db.prepare(INSERT_PERMIT);
  for (const { lane, atWallMs, atBootMs, bootId, count } of permits) insert.run(lane, atWallMs, atBootMs ?? null, bootId ?? null, count);
}
