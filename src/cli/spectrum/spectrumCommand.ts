import { type Command, EXIT, type Host } from '../frame/command.ts';
import type { GivenOptions } from '../frame/options.ts';
import { destinationsOf, OUTPUT_OPTIONS, writeReport } from '../frame/output.ts';
import { Progress } from '../frame/progress.ts';
import { layerFault, readLayers } from '../inputs/activations.ts';
import { outcomeOf, startPool } from '../threads/pool.ts';
import { spectrumReport } from './report.ts';
import type { SpectrumCalls } from './serve.ts';

export const spectrumCommand: Command = {
  name: 'spectrum',
  summary: 'singular values, participation ratio and principal components of every layer',
  usage: 'ACTIVATIONS [OPTIONS]',
  options: {
    layers: { value: 'LIST', help: 'arrays to analyze, with commas between them (default: all)' },
    components: { value: 'N', default: '3', help: 'principal components to report' },
    threads: { value: 'N', help: 'worker threads (default: one for each core)' },
    ...OUTPUT_OPTIONS,
  },
  notes: [
    'ACTIVATIONS is .npy, .npz or .safetensors: one array per layer, one row per example; further axes are flattened.',
    'Singular values are those of the matrix as it is; the principal components are those of the centered one.',
    'Ctrl-C ends the work and writes the layers that are done (exit code 130). Bad input: exit code 2.',
    '',
    'Example:',
    '  untangle spectrum acts.npz --layers relu,fc --out spectrum.csv',
  ],
  run: runSpectrum,
};

async function runSpectrum(given: GivenOptions, host: Host): Promise<number> {
  const path = given.onePositional('file of activations');
  const destinations = destinationsOf(given);
  const components = given.whole('components', { min: 1, max: 1000 });
  const threads =
    given.text('threads') === undefined ? host.cores : given.whole('threads', { min: 1, max: 256 });
  const progress = new Progress(host, { quiet: given.has('quiet') });
  const { signal, startThread } = host;
  const pool = startPool<SpectrumCalls>({ thread: 'analysis', threads, startThread, signal });
  try {
    const { layers, skipped } = await readLayers(path, given.list('layers'));
    if (skipped.length > 0) progress.line(`Left out, as no layers: ${skipped.join(', ')}`);
    const results = await Promise.all(
      layers.map(async (layer, job) => {
        const onProgress = (fraction: number) =>
          progress.now(`${layer.name}: ${Math.floor(100 * fraction)} %`);
        const result = pool.call('spectrum', { layer, components }, { job, onProgress });
        const outcome = await outcomeOf(result, signal);
        // The command's last line says why a layer failed.
        if (outcome.kind !== 'failed') progress.line(`${layer.name}: ${outcome.kind}`);
        return { layer, outcome };
      }),
    );
    progress.clear();
    const report = spectrumReport({ file: path, version: host.version, results });
    if (results.some(({ outcome }) => outcome.kind === 'done')) await writeReport(report, destinations, host);
    if (signal.aborted) return EXIT.interrupted;
    for (const { layer, outcome } of results) {
      if (outcome.kind === 'failed') throw layerFault(path, layer.name, outcome.error.message);
    }
    return EXIT.done;
  } finally {
    pool.close();
  }
}
