import { existsSync, readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { BLOCKS, type CommandBlock, ourArguments } from '../../support/docs/command-blocks.ts';
import { makeIds, type PurgeBench, withPurge } from '../../support/purge/purge.ts';

const COMMANDS = BLOCKS.filter(({ language }) => language === 'sh');
const RUN_HERE = COMMANDS.filter(({ mark }) => mark === undefined || mark.kind === 'run after');

/** A block is run by this test, names the test that runs it, or says why nobody does. */
describe('blocks of commands', () => {
  it('are found, and most of them are run', () => {
    const notRun = COMMANDS.filter(({ mark }) => mark?.kind === 'not run');
    expect(COMMANDS.length).toBeGreaterThan(25);
    expect(notRun.length).toBeLessThan(COMMANDS.length / 2);
    for (const { mark } of notRun) expect(mark?.text.length).toBeGreaterThan(5);
  });

  it('are told from other blocks by their language', () => {
    for (const { language, commands, page, line } of BLOCKS) {
      expect(['sh', 'json', 'js', 'python', ''], `${page}:${line}`).toContain(language);
      if (language === '') expect(commands.join('\n'), `${page}:${line}`).not.toMatch(/^(?:\$ )?(?:images-purge|npm|npx|docker|kubectl) /m);
    }
  });

  it('that another test runs are named in that test', () => {
    for (const { page, mark } of COMMANDS) {
      if (mark?.kind === 'run by') expect(readFileSync(mark.text, 'utf8')).toContain(page);
      for (const [path] of mark?.text.matchAll(/\btest\/\S+\.ts\b/g) ?? []) expect(existsSync(path), path).toBe(true);
    }
  });
});

/** Lists under the names that the pages use, and an account that holds their images. */
function writeLists(bench: PurgeBench): void {
  for (const name of ['old.csv', 'ids.csv']) bench.writeIds(name, makeIds(12));
  bench.writeIds('keep.csv', makeIds(1));
  bench.writeIds('in-use.csv', makeIds(2));
  bench.writeIds('wanted.txt', makeIds(3).slice(1));
}

const IMAGES = makeIds(12).map((id) => ({ id, uploaded: '2025-01-01T00:00:00Z', creator: 'user-17', meta: { status: 'draft' } }));

async function runBlock(bench: PurgeBench, { commands, mark }: CommandBlock): Promise<void> {
  const env = {
    CLOUDFLARE_BASE_URL: bench.simulator.url,
    IMAGES_PURGE_BATCH_BASE_URL: bench.simulator.batchUrl,
    IMAGES_PURGE_YES: '1',
    IMAGES_PURGE_RATE: '500/s',
  };
  for (const command of mark === undefined ? commands : [mark.text, ...commands]) {
    const words = ourArguments(command);
    if (words === undefined)
      throw new Error(`not a plain command of images-purge, so say which test runs it, or why none does: ${command}`);
    const args = words.flatMap((word) =>
      word === '*.checkpoint' ? readdirSync(bench.folder).filter((name) => name.endsWith('.checkpoint')) : [word],
    );
    const { exitCode, stderr } = await bench.run(args, { env });
    // A limit leaves work, which the next line does.
    expect(args.includes('--limit') ? [0, 8] : [0], `${command}\n${stderr}`).toContain(exitCode);
  }
}

describe('the commands of', () => {
  it.each(RUN_HERE.map((block) => [`${block.page}:${block.line}`, block] as const))('%s do what they say', (_, block) =>
    withPurge({ images: { kind: 'detailed', images: IMAGES } }, async (bench) => {
      writeLists(bench);
      await runBlock(bench, block);
    }),
  );
});
