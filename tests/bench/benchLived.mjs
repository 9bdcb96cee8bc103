/**
 * `npm run bench lived`: the built page in a real Chromium while it trains, and the notebook's loop in PyTorch; writes the last
 * section of BENCHMARKS.md and its plot. Needs `npm run build` before. `--quick` measures once and writes nothing;
 * `--only=train,filters` measures these panels, and `--only=drag` the timeline's drag alone (`--only=drag,train` with Train in view); `--network=lenet` another network, and `--compare` with an earlier
 * run beside the one in training; neither writes anything.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { measureDragsAlone, measureLived, timeTorch } from './lived/lived.mjs';
import { dragTable, LIVED_PLOT, LIVED_TITLE, livedPlot, livedSection } from './lived/report.mjs';

/** Batches of PyTorch's loop in a quick run. */
const FEW_BATCHES = 100;

export async function benchLived(options) {
  const quick = options.includes('--quick');
  const only = options.find((option) => option.startsWith('--only='))?.slice('--only='.length);
  const network = options.find((option) => option.startsWith('--network='))?.slice('--network='.length);
  const compares = options.includes('--compare');
  if (only?.split(',')[0] === 'drag') {
    const [, ...panels] = only.split(',');
    console.log(
      dragTable(await measureDragsAlone({ network, panels: panels.length > 0 ? panels : undefined })),
    );
    return;
  }
  const [busy] = loadavg();
  const page = await measureLived({ quick, network, compares, only: only?.split(','), log: console.log });
  const torch = (network || compares ? [] : [1, 2]).flatMap((threads) => {
    const epoch = timeTorch(threads, quick ? FEW_BATCHES : undefined);
    return epoch ? [{ threads, seconds: 10 * epoch.seconds }] : [];
  });
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}; load average before, of other work: ${busy.toFixed(1)}`;
  const section = livedSection({ ...page, torch, machine });
  console.log(section);
  if (quick || only || network || compares) return;
  const [engines] = readFileSync('BENCHMARKS.md', 'utf8').split(LIVED_TITLE);
  writeFileSync('BENCHMARKS.md', `${engines.trimEnd()}\n\n${section}`);
  writeFileSync(LIVED_PLOT, livedPlot(page.measured));
}
