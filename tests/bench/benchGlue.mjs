/** `npm run bench glue`: GLUE in the command line with one and two worker threads; writes its section of BENCHMARKS.md. */
import { spawnSync } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { GLUE_TITLE, writeSection } from './sections.mjs';
import { sourceAddress } from './sourceAddress.mjs';

const OUTPUT = 'test-results/bench-glue';

/** @param options `--quick` makes one round and writes nothing. */
export async function benchGlue(options) {
  const quick = options.includes('--quick');
  const rounds = quick ? 1 : 5;
  spawnSync(process.execPath, ['scripts/build-package.mjs'], { stdio: 'inherit' });
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [sourceAddress],
    build: {
      ssr: 'tests/bench/glueThreads.ts',
      outDir: OUTPUT,
      emptyOutDir: true,
      target: `node${process.versions.node}`,
    },
  });
  const { timeThreads } = await import(pathToFileURL(`${OUTPUT}/glueThreads.js`).href);
  const [busy] = loadavg();
  const lines = (await timeThreads({ rounds })).map(({ name, whole, samples }) => {
    const cells = [whole, samples].flatMap(([one, two]) => [
      ...[one, two].map((value) => value.toFixed(0)),
      (one / two).toFixed(2),
    ]);
    return `| ${[name, ...cells].join(' | ')} |`;
  });
  const section = `${GLUE_TITLE}

\`untangle geometry --estimator glue\` in 784 dimensions with 300 samples, ms by the clock, medians of ${rounds} rounds with one and two threads in turns,
${new Date().toISOString().slice(0, 10)}, by \`npm run bench glue\`, which writes this section alone. The whole includes the start of the program, the reading, the
span of the points and the summary. The figures have the same bits for every number of threads. Cores: ${availableParallelism()}; load average before, of
other work: ${busy.toFixed(1)}; where that exceeds 1, two threads compete with it.

| | whole, one thread | two | ratio | samples alone, one thread | two | ratio |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}`;
  console.log(section);
  if (!quick) writeSection(section);
}
