import { createServer } from 'node:http';
import { join } from 'node:path';

import type { Target } from './main.ts';
import { measure } from './measure.ts';
import { BENCH_ENV, purgeArgs, writeIds } from './purge.ts';
import { ENVELOPE } from './server.ts';

const RATES = [200, 2_000];
const USED_MIN = 0.97;
const THROTTLED_MAX = 0.001;
/** What the allowance lets through at once: 100 ms of the rate, at least 20. */
const burstOf = (rate: number): number => Math.max(rate / 10, 20);

/** The command at a rate against an allowance of just that rate, as a token bucket. */
export async function benchPace({ folder, seconds }: { folder: string; seconds: number }): Promise<Target[]> {
  const rows: Target[] = [];
  for (const rate of RATES) {
    const idsPath = join(folder, `pace-${rate}.csv`);
    await writeIds(idsPath, rate * seconds);
    const allowance = await startAllowance(rate);
    try {
      const { exitCode, stderr } = await measure(process.execPath, purgeArgs(idsPath, allowance.url, '--rate', `${rate}/s`, '--concurrency', '50'), BENCH_ENV);
      if (exitCode !== 0) throw new Error(`images-purge ended with ${exitCode}: ${stderr}`);
      const { used, throttledShare } = allowance.result();
      console.log(`pace     ${rate}/s: ${(used * 100).toFixed(1)} % used, ${(throttledShare * 1000).toFixed(2)} in 1,000 throttled`);
      rows.push(
        { what: `--rate ${rate}/s: share of the allowance used`, measured: `${(used * 100).toFixed(1)} %`, target: '≥ 97 %', isMet: used >= USED_MIN },
        { what: `--rate ${rate}/s: throttled`, measured: `${(throttledShare * 1000).toFixed(2)} in 1,000`, target: '≤ 1 in 1,000', isMet: throttledShare <= THROTTLED_MAX },
      );
    } finally {
      await allowance.close();
    }
  }
  return rows;
}

interface Allowance {
  readonly url: string;
  /** Between the first and the last request. */
  result(): { readonly used: number; readonly throttledShare: number };
  close(): Promise<void>;
}

function startAllowance(rate: number): Promise<Allowance> {
  const burst = burstOf(rate);
  let tokens = burst;
  let lastMs = performance.now();
  let firstMs = 0;
  const count = { accepted: 0, throttled: 0 };
  const server = createServer((request, response) => {
    request.resume();
    const nowMs = performance.now();
    if (firstMs === 0) firstMs = nowMs;
    tokens = Math.min(burst, tokens + ((nowMs - lastMs) * rate) / 1000);
    lastMs = nowMs;
    response.setHeader('content-type', 'application/json');
    if (tokens < 1) {
      count.throttled++;
      response.writeHead(429, { 'retry-after': '1' }).end('{"result":null,"success":false,"errors":[{"code":10429,"message":"slow down"}],"messages":[]}');
      return;
    }
    tokens--;
    count.accepted++;
    response.end(ENVELOPE);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address !== 'object' || address === null) throw new Error('no port');
      resolve({
        url: `http://127.0.0.1:${address.port}`,
        result: () => ({ used: (count.accepted * 1000) / ((lastMs - firstMs) * rate), throttledShare: count.throttled / (count.accepted + count.throttled) }),
        close() {
          server.closeAllConnections();
          return new Promise((done) => server.close(() => done()));
        },
      });
    });
  });
}
