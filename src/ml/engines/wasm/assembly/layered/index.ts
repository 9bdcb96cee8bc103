/**
 * Networks of any depth, a layer at a time over a shard of 16 images whose activations are all kept. The caller lays out the
 * memory and knows the network; addresses and sizes are arguments.
 */
export { adam } from '../adam';
export { fuses } from '../arithmetic';
export { convolutionGradient, convolve, turn } from './convolution';
export { biasGradient, clear, keepPositive, multiply, pool, rectify, spread, unpool } from './elements';
export { packBytes, packFloats, transpose, unpackFloats } from './images';
export { linear, linearGradient, linearInputGradient } from './linear';
export { dropoutFactors } from './philox';
export { add, sgd } from './update';
