import { describe, expect, it } from 'vitest';
import { FileError } from '../../../src/ml/formats/fileError.ts';
import { openFile } from '../../../src/ml/formats/openFile.ts';
import type { OpenedWeights } from '../../../src/ml/formats/weights/openWeights.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { mnistCnn, weightCases, weightFile } from '../../fixtures/weights.ts';

const NAMES = ['conv.weight', 'conv.bias', 'fc.weight', 'fc.bias'];

function opened(file: Uint8Array): OpenedWeights {
  const result = openFile(file, notebookNetwork());
  if (result.kind !== 'parameters') throw new Error('expected parameters, found a run');
  return result;
}

/** @returns the message of the refusal. */
function refused(file: Uint8Array): string {
  try {
    openFile(file, notebookNetwork());
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('expected a refusal, found an opened file');
}

describe('the cases', () => {
  it.each(weightCases())('%s', (name) => {
    try {
      const o = opened(weightFile(`cases/${name}`));
      console.log(name, o.format, o.renamed, o.unused, o.parameters['conv.weight'][0]);
    } catch (e) { console.log(name, e instanceof FileError, e.message); }
  });
  it.each(['state_dict.pt','module.pt','legacy_state_dict.pt','legacy_module.pt','data_parallel.pt','data_parallel_module.pt','sequential.pt','torchscript.pt','checkpoint.pt','checkpoint_sgd.pt','float64.pt','float16.pt','bfloat16.pt','int64.pt','strides.pt','legacy_strides.pt','command.pt','legacy_command.pt','evaluation.pt','plain_pickle.pkl','protocol0.pkl','compressed.npz','fortran.npz','big_endian.npz','unnamed.npz','one.npy'])('%s', (name) => {
    try {
      const o = opened(weightFile(name));
      console.log(name, o.format, o.renamed.map(r=>r.from).join(), o.unused.join().slice(0,100), o.parameters['conv.weight'][0], o.parameters['fc.weight'].slice(0,3).join());
    } catch (e) { console.log(name, e instanceof FileError, e.message); }
  });
  it('golden', () => { console.log(opened(mnistCnn()).network.layers[0]); });
});
