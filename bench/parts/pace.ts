import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { readFared, startLimiter } from '../servers/limiter.ts';
import type { Target } from '../target.ts';
import { measure } from '../measure.ts';
import { hasNginx, NGINX_MISSING } from '../servers/nginx.ts';
import { BENCH_ENV, purgeArgs, writeIds } from '../purge.ts';
import { sendUnpaced, UNPACED_USER_AGENT } from '../unpaced.ts';

const RATES_PER_SECOND = [200, 2_000];
const USED_MIN = 0.97;
const REFUSED_MAX = 0.001;
/** An unpaced client that is refused less says that the limiter does not bite. */
const UNPACED_REFUSED_MIN = 0.5;
const UNPACED_MS = 2_000;
/** Ten times what the limiter takes to forget the unpaced client. */
const REST_MS = 1_000;

/** The command at a rate against nginx, whose `limit_req` allows just that rate. */
export async function benchPace({ folder, seconds }: { folder: string; seconds: number }): Promise<Target[]> {
  const rows: Target[] = [];
  for (const perSecond of RATES_PER_SECOND) rows.push(...(hasNginx() ? await benchRate(folder, perSecond, seconds) : [skipped(perSecond)]));
  return rows;
}

async function benchRate(folder: string, perSecond: number, seconds: number): Promise<Target[]> {
  const idsPath = join(folder, `pace-${perSecond}.csv`);
  const logPath = join(folder, `pace-${perSecond}.log`);
  await writeIds(idsPath, perSecond * seconds);
  const limiter = await startLimiter(perSecond, logPath);
  try {
    await sendUnpaced(limiter.url, UNPACED_MS);
    await sleep(REST_MS);
    const { exitCode, stderr } = await measure(
      process.execPath,
      purgeArgs(idsPath, limiter.url, '--rate', `${perSecond}/1s`, '--concurrency', '50'),
      BENCH_ENV,
    );
    if (exitCode !== 0) throw new Error(`images-purge ended with ${exitCode}: ${stderr}`);
  } finally {
    await limiter.close();
  }
  return targetsOf(perSecond, logPath);
}

function targetsOf(perSecond: number, logPath: string): Target[] {
  const unpaced = readFared(logPath, UNPACED_USER_AGENT);
  const ours = readFared(logPath, 'images-purge/');
  const refusedShareOf = ({ acceptedCount, refusedCount }: typeof ours): number => refusedCount / (acceptedCount + refusedCount);
  const unpacedShare = refusedShareOf(unpaced);
  const oursShare = refusedShareOf(ours);
  const used = (ours.acceptedCount * 1000) / (ours.spanMs * perSecond);
  const [unpacedText, oursText, usedText] = [
    `${(unpacedShare * 100).toFixed(1)} %`,
    `${(oursShare * 1000).toFixed(2)} in 1,000`,
    `${(used * 100).toFixed(1)} %`,
  ];
  console.log(
    `pace     ${perSecond}/s: unpaced ${unpacedText} of ${unpaced.acceptedCount + unpaced.refusedCount} refused; ` +
      `ours ${ours.refusedCount} of ${ours.acceptedCount + ours.refusedCount} (${oursText}), ${usedText} used`,
  );
  const what = `nginx \`limit_req\` at ${perSecond}/s`;
  return [
    {
      what: `${what}: an unpaced undici loop is refused`,
      measured: unpacedText,
      target: `≥ ${UNPACED_REFUSED_MIN * 100} %, or it limits nothing`,
      isMet: unpacedShare >= UNPACED_REFUSED_MIN,
    },
    { what: `${what}: \`--rate ${perSecond}/1s\` is refused`, measured: oursText, target: '≤ 1 in 1,000', isMet: oursShare <= REFUSED_MAX },
    { what: `${what}: \`--rate ${perSecond}/1s\` uses`, measured: usedText, target: '≥ 97 %', isMet: used >= USED_MIN },
  ];
}

function skipped(perSecond: number): Target {
  const what = `nginx \`limit_req\` at ${perSecond}/s: unpaced, refused, used`;
  console.log(`pace     ${perSecond}/s: ${NGINX_MISSING}`);
  return { what, measured: NGINX_MISSING, target: '', isMet: undefined };
}
