import { type Command, EXIT, type Host } from '../frame/command.ts';
import type { GivenOptions } from '../frame/options.ts';
import { destinationsOf, OUTPUT_OPTIONS, writeReport } from '../frame/output.ts';
import { Progress } from '../frame/progress.ts';
import { layerFault, readLayers } from '../inputs/activations.ts';
import { runJobs } from '../threads/pool.ts';
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
  const { layers, skipped } = await readLayers(path, given.list('layers'));
  if (skipped.length > 0) progress.line(`Left out, as no layers: ${skipped.join(', ')}`);
  const jobs = layers.map((layer) => ({ layer, components }));
  const outcomes = await runJobs<SpectrumCalls, 'spectrum'>('spectrum', jobs, {
    ...{ thread: 'analysis', threads, startThread: host.startThread, signal: host.signal },
    onProgress: (job, fraction) => progress.now(`${layers[job].name}: ${Math.floor(100 * fraction)} %`),
    onEnd(job, { kind }) {
      // The command's last line says why a layer failed.
      if (kind !== 'failed') progress.line(`${layers[job].name}: ${kind}`);
    },
  });
  progress.clear();
  const results = layers.map((layer, i) => ({ layer, outcome: outcomes[i] }));
  const isSome = outcomes.some(({ kind }) => kind === 'done');
  if (isSome)
    await writeReport(spectrumReport({ file: path, version: host.version, results }), destinations, host);
  if (host.signal.aborted) return EXIT.interrupted;
  for (const { layer, outcome } of results) {
    if (outcome.kind === 'failed') throw layerFault(path, layer.name, outcome.error.message);
  }
  return EXIT.done;
}
