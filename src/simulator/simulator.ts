import { createServer, type Server } from 'node:http';

import { createActivity } from './activity.ts';
import type { Override } from './script.ts';
import { API_PATH, BATCH_PATH, type OutageKind, SimulatedApi } from './simulated-api.ts';
import { type SimulatedFaults, SIMULATOR_DEFAULTS, type SimulatorOptions } from './simulator-options.ts';
import type { SimulatorRecord } from './simulator-record.ts';

/** IDs of 1,024 characters may be 12 kB when percent-encoded. */
const HEADER_BYTES_MAX = 64 * 1024;

export interface Simulator {
  /** API root, for `--base-url`. */
  readonly url: string;
  /** Batch host root. */
  readonly batchUrl: string;
  readonly options: SimulatorOptions;
  readonly record: SimulatorRecord;
  setFaults(faults: Partial<SimulatedFaults>): void;
  /** From now on no request of the account is answered well, until it is ended. */
  beginOutage(kind: OutageKind): void;
  endOutage(): void;
  revokeToken(): void;
  /** Every batch token given out, oldest first; one given out again is there again. */
  readonly batchTokens: readonly string[];
  /** From now on the batch host refuses it. */
  revokeBatchToken(token: string): void;
  /** From now on no continuation token of the list is taken that was given out before. */
  expireListTokens(): void;
  /** Lets a script decide; replaces the one before. */
  override(script: Override | undefined): void;
  /** Resolves when so many requests have come in, all in all. */
  whenRequests(count: number): Promise<void>;
  /** Resolves when no client is connected and no request is being worked on: what a killed client sent is on record. */
  whenQuiet(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server that answers like the API, on loopback. */
export async function startSimulator(given: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const options: SimulatorOptions = { ...SIMULATOR_DEFAULTS, ...given };
  const api = new SimulatedApi(options);
  /** Connections that are open, and requests being worked on. */
  const activity = createActivity();
  const server = createServer({ maxHeaderSize: HEADER_BYTES_MAX, keepAliveTimeout: 60_000 }, (request, response) => {
    activity.began();
    void api.serve(request, response).finally(() => activity.ended());
  });
  server.on('connection', (socket) => {
    activity.began();
    socket.once('close', () => activity.ended());
  });
  const port = await listen(server, options);
  const origin = `http://${options.host}:${port}`;
  return {
    url: origin + API_PATH.slice(0, -1),
    batchUrl: origin + BATCH_PATH.slice(0, -1),
    options,
    record: api.record,
    setFaults: (faults) => void (api.faults = { ...api.faults, ...faults }),
    beginOutage: (kind) => void (api.outage = kind),
    endOutage: () => void (api.outage = undefined),
    revokeToken: () => void (api.isTokenRevoked = true),
    batchTokens: api.batchTokens.given,
    revokeBatchToken: (token) => api.batchTokens.revoke(token),
    expireListTokens: () => api.list.expireTokens(),
    override: (script) => void (api.override = script),
    whenRequests: (count) => api.record.whenRequests(count),
    whenQuiet: () => activity.whenQuiet(),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      api.record.close();
    },
  };
}

function listen(server: Server, { port, host }: SimulatorOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
}
