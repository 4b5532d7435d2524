import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { success } from '../../../src/simulator/simulated-answers.ts';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { type CliResult, TEST_ACCOUNT, TEST_TOKEN } from '../../support/cli/cli.ts';
import { runInProcess } from '../../support/cli/in-process.ts';
import { createDraw } from '../draw.ts';
import { BACKUP, drawStep, type Step } from './draw-step.ts';
import { adviceIn } from './pasted-advice.ts';
import { ListFiles, NEWER_IDS } from './list-files.ts';
import { HistoryOracle } from './oracle.ts';

export interface HistoryResult {
  readonly seed: number;
  readonly commandCount: number;
  readonly pastedCount: number;
  readonly problems: readonly string[];
  /** What was done, a line each. */
  readonly story: readonly string[];
}

const CHECKPOINT = 'x.checkpoint';
const STEPS_MIN = 4;
const STEPS_MAX = 9;

/**
 * One person's history with one checkpoint, drawn by seed: plans, purges, edits of lists and exclude files, refusals, and commands
 * that were advised, pasted as they were printed.
 */
export async function runHistory(seed: number): Promise<HistoryResult> {
  const draw = createDraw(seed);
  const folder = mkdtempSync(join(tmpdir(), 'images-purge-history-'));
  const simulator = await startSimulator({ accountId: TEST_ACCOUNT, apiToken: TEST_TOKEN });
  // Images are uploaded again as often as they are deleted: the absent rule has tests of its own.
  const newer = NEWER_IDS.map((id) => ({ id, uploaded: new Date().toISOString() }));
  simulator.override(({ method, rawUrl }) => {
    if (method === 'DELETE') return success({});
    return rawUrl.includes('/images/v2') ? success({ images: newer, continuation_token: null }) : undefined;
  });
  const story: string[] = [];
  const files = new ListFiles(folder, draw);
  const oracle = new HistoryOracle(files, simulator, join(folder, BACKUP));
  let advice: readonly (readonly string[])[] = [];
  let [commandCount, pastedCount] = [0, 0];
  /** Edits of lists do not change it, nor do commands on a purge that was set aside. */
  let now: Status | undefined;

  /** The checkpoint that a command is for: one that was set aside has exclude files of its own. */
  function checkpointIn(args: readonly string[]): string {
    const at = args[0] === 'resume' ? 1 : args.indexOf('--checkpoint') + 1;
    return resolve(folder, at === 0 ? CHECKPOINT : (args[at] ?? CHECKPOINT));
  }

  async function run(step: Extract<Step, { kind: 'command' }>): Promise<void> {
    const path = checkpointIn(step.args);
    const isOther = path !== join(folder, CHECKPOINT);
    const before = isOther ? await statusOf(path) : now;
    const expected = oracle.before(before);
    const token = step.hasWrongToken ? 'another-token-than-the-right-one' : TEST_TOKEN;
    const env = { CLOUDFLARE_BASE_URL: simulator.url, CLOUDFLARE_API_TOKEN: token };
    const result = await runInProcess(step.args, { cwd: folder, env });
    commandCount++;
    story.push(`${step.isPasted ? 'pasted: ' : ''}images-purge ${step.args.join(' ')} → ${result.exitCode}`);
    const after = await statusOf(path);
    if (!isOther) now = after;
    oracle.after({ step, result, expected, before, now: after });
    advice = adviceIn(result.stderr);
    oracle.checkAdvice(advice);
  }

  try {
    const stepCount = draw.between(STEPS_MIN, STEPS_MAX);
    for (let index = 0; index < stepCount && oracle.problems.length === 0; index++) {
      const step = drawStep(draw, { files, advice });
      if (step.kind === 'edit') {
        story.push(files.edit());
        // Nobody pastes a command that reads a file which they have removed since.
        advice = advice.filter((args) => oracle.missingIn(args).length === 0);
      } else {
        if (step.isPasted) pastedCount++;
        await run(step);
      }
    }
    return { seed, commandCount, pastedCount, problems: oracle.problems, story };
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true });
  }
}

/** What `status --json` says of a checkpoint, if there is one that it can read. */
export interface Status {
  readonly job: string;
  readonly state: string;
  readonly pending: number;
  readonly protectedBy: readonly { readonly rule: string; readonly entries: number }[];
}

async function statusOf(path: string): Promise<Status | undefined> {
  const result: CliResult = await runInProcess(['status', path, '--json'], { cwd: dirname(path) });
  return result.exitCode === 0 ? (JSON.parse(result.stdout) as Status) : undefined;
}
