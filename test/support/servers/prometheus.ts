import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { stringify } from 'yaml';

import { freePort } from '../../../bench/servers/loopback.ts';

/** Whether a real Prometheus can be had here, with its promtool. */
export const HAS_PROMETHEUS: boolean =
  spawnSync('prometheus', ['--version']).status === 0 && spawnSync('promtool', ['--version']).status === 0;

const ASK_AGAIN_MS = 100;

export interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[] };
}

/** A real Prometheus on loopback that scrapes one address each second. */
export class TestPrometheus {
  readonly #server: ChildProcess;
  readonly #url: string;

  private constructor(server: ChildProcess, url: string) {
    this.#server = server;
    this.#url = url;
  }

  /** @param folder - of the test, for what Prometheus stores */
  static async start(folder: string, target: string, ruleFile: string): Promise<TestPrometheus> {
    const port = await freePort();
    const job = { job_name: 'images-purge', scrape_interval: '1s', static_configs: [{ targets: [target] }] };
    const configPath = join(folder, 'prometheus.yml');
    writeFileSync(configPath, stringify({ global: { evaluation_interval: '1s' }, rule_files: [ruleFile], scrape_configs: [job] }));
    const server = spawn(
      'prometheus',
      [`--config.file=${configPath}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`, `--web.listen-address=127.0.0.1:${port}`],
      { stdio: 'ignore' },
    );
    return new TestPrometheus(server, `http://127.0.0.1:${port}/api/v1`);
  }

  /** What a query gives now; a query that is refused has its `error`. */
  async query(text: string): Promise<Answer> {
    const response = await this.#whenItAnswers(`/query?query=${encodeURIComponent(text)}`);
    return (await response.json()) as Answer;
  }

  /** Asks again until there is something. */
  async untilThereIs(text: string): Promise<Answer['data']['result']> {
    for (;;) {
      const { status, error, data } = await this.query(text);
      if (status !== 'success') throw new Error(`${text}: ${error}`);
      if (data.result.length > 0) return data.result;
      await sleep(ASK_AGAIN_MS);
    }
  }

  async #whenItAnswers(path: string): Promise<Response> {
    for (;;) {
      try {
        const response = await fetch(this.#url + path);
        // 503 while it starts.
        if (response.status !== 503) return response;
      } catch (error) {
        if (this.#server.exitCode !== null) throw error;
      }
      await sleep(ASK_AGAIN_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.exitCode !== null) return;
    const ended = once(this.#server, 'exit');
    this.#server.kill('SIGKILL');
    await ended;
  }
}
