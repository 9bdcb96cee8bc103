/**
 * Adam as in PyTorch (Kingma & Ba 2015, algorithm 1): betas .9 and .999, epsilon 1e-8. The step's record contains the
 * bias corrections, computed in float64.
 */
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** The WGSL function `adam`, for scalars or vectors; it reads `record`. */
export function adamFunction(type: string): string {
  return `
struct Updated { parameter: ${type}, first: ${type}, second: ${type} }
fn adam(parameter: ${type}, first: ${type}, second: ${type}, gradient: ${type}) -> Updated {
  let m = first + ${1 - ADAM.beta1} * (gradient - first);
  let v = ${ADAM.beta2} * second + ${1 - ADAM.beta2} * gradient * gradient;
  return Updated(parameter - record.stepSize * m / (sqrt(v) * record.secondMomentScale + ${type}(${ADAM.epsilon})), m, v);
}`;
}

/** Adam's factors in a step's record; `step` counts from 1. */
export function adamScales(
  step: number,
  learningRate: number,
): { stepSize: number; secondMomentScale: number } {
  return {
    stepSize: learningRate / (1 - ADAM.beta1 ** step),
    secondMomentScale: 1 / Math.sqrt(1 - ADAM.beta2 ** step),
  };
}
