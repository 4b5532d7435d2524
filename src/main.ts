#!/usr/bin/env node
// Nothing is loaded before the version is checked: older versions fail on what the rest of the program is written in.
const NODE_MAJOR_MIN = 24;

/** `EXIT.defect`: Node would exit with 0 or 1 where a process ends without a result, and both would be a lie. */
const EXIT_WITHOUT_RESULT = 70;

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
  process.stderr.write(
    `error: images-purge needs Node.js ${NODE_MAJOR_MIN} or later, and this is ${process.versions.node}.\n` +
      '       Get it from https://nodejs.org/en/download, or: npx -p node@24 -p images-purge images-purge …   exit 2\n',
  );
  process.exitCode = 2;
} else {
  process.exitCode = EXIT_WITHOUT_RESULT;
  // ioredis traces what it sends, AUTH with the password too, where someone has set it for another program.
  delete process.env['DEBUG'];
  const { realWorld } = await import('./cli/world.ts');
  const { runCli } = await import('./cli/run.ts');
  const { setFlagsFromString } = await import('node:v8');
  // Left alone, the young generation grows to 100 MB under tens of thousands of short-lived requests a second. Here, once
  // all is loaded, it has 4 MiB; the ledger's thread is to begin with as much.
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--min-semi-space-size=4');
  process.exitCode = await runCli(realWorld(process));
}
