import type { InputGradient, Objective } from '../engine.ts';

/**
 * The objective at the `input` layer, where the activations are the pixels and the gradient is the objective's own
 * derivative.
 */
export function inputLayerGradient(
  images: Float32Array,
  pixels: number,
  objective: Exclude<Objective, { kind: 'crossEntropy' }>,
): InputGradient {
  const count = images.length / pixels;
  switch (objective.kind) {
    case 'callback': {
      const { values, cotangent } = objective.evaluate(images.slice());
      return { values, gradient: cotangent.slice() };
    }
    case 'cotangent': {
      const { cotangent } = objective;
      return {
        values: perImage(count, pixels, (i) => cotangent[i] * images[i]),
        gradient: cotangent.slice(),
      };
    }
    case 'squaredError': {
      const { target } = objective;
      return {
        values: perImage(count, pixels, (i) => (images[i] - target[i]) ** 2 / pixels),
        gradient: images.map((pixel, i) => (2 / pixels) * (pixel - target[i])),
      };
    }
    default:
      return objective satisfies never;
  }
}

function perImage(count: number, pixels: number, term: (index: number) => number): Float64Array {
  return Float64Array.from({ length: count }, (_, image) => {
    let total = 0;
    for (let i = image * pixels; i < (image + 1) * pixels; i++) {
      total += term(i);
    }
    return total;
  });
}
