/**
 * Kernels for networks of any depth. Each computes one layer for a shard of 16 images; all activations are kept. The caller
 * knows the network and lays out the memory, and passes addresses and sizes.
 */
export { adam } from '../adam';
export { fuses } from '../arithmetic';
export { convolutionGradient, convolve, turn } from './convolution';
export { biasGradient, clear, keepPositive, multiply, pool, rectify, spread, unpool } from './elements';
export { packBytes, packFloats, transpose, unpackFloats } from './images';
export { linear, linearGradient, linearInputGradient } from './linear';
export { dropoutFactors } from './philox';
export { add, sgd } from './update';
