import type { Mt19937 } from '../random/mt19937.ts';
import { type NetworkDescription, parameterShapes, sizeOf } from './network.ts';
import type { Parameters } from './parameters.ts';

/**
 * Initial parameters as in PyTorch's Conv2d and Linear: in the network's order, weight before bias,
 * each uniform within 1 / sqrt(fanIn). With a generator of `torch.manual_seed`'s seed they are bit-identical.
 */
export function initialParameters(network: NetworkDescription, generator: Mt19937): Parameters {
  const parameters: Parameters = {};
  for (const { name, shape, fanIn } of parameterShapes(network)) {
    const bound = 1 / Math.sqrt(fanIn);
    parameters[name] = generator.fillUniform(new Float32Array(sizeOf(shape)), -bound, bound);
  }
  return parameters;
}
