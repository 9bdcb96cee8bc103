import { CallError } from '../ml/callError.ts';
import { type ActivationFile, openActivations } from '../ml/formats/activationFile.ts';
import { blobSource } from '../ml/formats/byteSource.ts';
import type { RowData } from '../ml/linear/gram.ts';
import { debiasedCkaEstimatesSteps } from '../ml/similarity/alignment.ts';
import { analyzeSpectrumSteps } from '../ml/spectrum/analyzeSpectrum.ts';
import { inSlices } from './inSlices.ts';
import type { ActivationCalls } from './protocol.ts';
import { type Endpoint, serve, Transferred } from './rpc.ts';

/** Reads activations of another network from a person's files: only the rows that a question is about. */
export function createActivations(endpoint: Endpoint): void {
  let file: ActivationFile | undefined;
  const opened = () => {
    if (!file) throw new CallError('activations', 'expected open activations, found none');
    return file;
  };
  /** Rows of a layer, with bytes as numbers. */
  async function rowsOf(layer: string, indices: Int32Array, signal: AbortSignal): Promise<RowData> {
    const { data, columns } = await opened().rows(layer, indices, signal);
    const values = data instanceof Uint8Array ? Float32Array.from(data) : data;
    return { data: values, rows: indices.length, columns };
  }

  serve<ActivationCalls, never>(endpoint, {
    async open({ files }) {
      file = await openActivations(files.map(({ path, file: blob }) => blobSource(blob, path)));
      const { rows: _, ...info } = file;
      return info;
    },
    async rows({ layer, indices }, { signal }) {
      const { data, columns } = await rowsOf(layer, indices, signal);
      return new Transferred({ data, columns }, [data.buffer]);
    },
    async spectrum({ layer, indices, components }, { signal, progress, turn }) {
      const source = await rowsOf(layer, indices, signal);
      return inSlices(analyzeSpectrumSteps(source, { components }), {
        signal,
        turn,
        onSlice: (fraction) => progress({ fraction }),
      });
    },
    async similarity({ layers, indices }, { signal, progress, turn }) {
      const all: RowData[] = [];
      for (const layer of layers) all.push(await rowsOf(layer, indices, signal));
      return inSlices(debiasedCkaEstimatesSteps(all), {
        signal,
        turn,
        onSlice: (fraction) => progress({ fraction }),
      });
    },
  });
}
