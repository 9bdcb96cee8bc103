import type { NetworkDescription } from '../../model/network.ts';
import type { Parameters } from '../../model/parameters.ts';
import { FileError } from '../fileError.ts';
import { type MatchOptions, matchWeights } from './matchWeights.ts';
import { quoted, type WeightFile } from './weightTensor.ts';

/** A network's parameters from a user's file, with a report of the matching. */
export interface OpenedWeights {
  network: NetworkDescription;
  parameters: Parameters;
  /** Display name: "PyTorch", "safetensors", "NumPy". */
  format: string;
  /** Parameters with other names in the file, and those names. */
  renamed: { name: string; from: string }[];
  /** Tensors in the file that match no parameter of the network, except the optimizer's. */
  unused: string[];
}

/**
 * Finds a network's parameters among a file's tensors.
 * @param like the kind of network. The file determines the sizes unless the options say otherwise.
 * @throws FileError that says what the file holds instead.
 */
export function openWeights(
  { format, tensors }: WeightFile,
  like: NetworkDescription,
  options?: MatchOptions,
): OpenedWeights {
  const match = matchWeights(like, tensors, options);
  const parameters: Parameters = {};
  const renamed: OpenedWeights['renamed'] = [];
  for (const [name, tensor] of match.tensors) {
    const values = tensor.values();
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new FileError(
        `Expected finite numbers in ${quoted(tensor.name)}, found ${values[bad]}: the training diverged, or the file is damaged.`,
      );
    }
    parameters[name] = values;
    if (tensor.name !== name) renamed.push({ name, from: tensor.name });
  }
  const unused = match.unused.map(({ name }) => name);
  return { network: match.network, parameters, format, renamed, unused };
}
