import { readFileSync } from 'node:fs';

import { startNginx } from './nginx.ts';
import { type Answerer, ENVELOPE } from './answerer.ts';

/** What the limiter lets through at once: 100 ms of the rate, at least 20. */
const burstOf = (perSecond: number): number => Math.max(perSecond / 10, 20);

/** nginx with `limit_req`, for all clients together; once it is closed, `logPath` holds every request it answered. */
export function startLimiter(perSecond: number, logPath: string): Promise<Answerer> {
  // `return` is carried out before the limiter is asked, so the answer comes from a second server behind a proxy.
  return startNginx(
    (port) => `
    log_format counted '$msec $status $request_method $http_user_agent';
    limit_req_zone $server_port zone=allowance:1m rate=${perSecond}r/s;
    limit_req_status 429;
    limit_req_log_level info; # Below what the error log takes: tens of thousands are refused.
    upstream answer { server 127.0.0.1:${port}; keepalive 64; keepalive_requests 100000000; }
    server {
      listen 127.0.0.1:${port} default_server;
      access_log ${logPath} counted buffer=64k;
      location / {
        limit_req zone=allowance burst=${burstOf(perSecond)} nodelay;
        proxy_pass http://answer; proxy_http_version 1.1;
        proxy_set_header Connection ''; proxy_set_header Host answer;
      }
    }
    server {
      listen 127.0.0.1:${port}; server_name answer;
      access_log off;
      location / { default_type application/json; return 200 '${ENVELOPE}'; }
    }`,
  );
}

/** How one client fared, by nginx's own access log. */
export interface Fared {
  readonly acceptedCount: number;
  readonly refusedCount: number;
  /** From its first request to its last. */
  readonly spanMs: number;
}

export function readFared(logPath: string, userAgentStart: string): Fared {
  let acceptedCount = 0;
  let refusedCount = 0;
  const times: number[] = [];
  for (const line of readFileSync(logPath, 'utf8').split('\n')) {
    const [seconds, status, method, userAgent] = line.split(' ', 4);
    if (method !== 'DELETE' || userAgent?.startsWith(userAgentStart) !== true) continue;
    if (status === '200') acceptedCount++;
    else if (status === '429') refusedCount++;
    else throw new Error(`nginx answered ${status}: ${line}`);
    times.push(Number(seconds) * 1000);
  }
  return { acceptedCount, refusedCount, spanMs: (times.at(-1) ?? 0) - (times[0] ?? 0) };
}
