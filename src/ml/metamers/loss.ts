import { CallError } from '../callError.ts';
import type { Engine, Objective } from '../engines/engine.ts';
import { assertScalar, resultLength, VECTOR_FUNCTIONS, valueAndGradient } from '../expressions/gradient.ts';
import { type Expression, parseExpression } from '../expressions/parse.ts';
import { shapeAt, sizeOf } from '../model/network.ts';
import { addTotalVariation } from './totalVariation.ts';

/**
 * The distance of a metamer from its reference at one layer:
 * `mse`, the mean squared difference of activations (the notebook's);
 * `normalized`, |b - a| / |a| (Feather et al., NeurIPS 2019, eq. 1);
 * or an expression of the vectors `a` (the reference's activations), `b` (the metamer's) and `x` (its pixels).
 */
export type MetamerLoss = 'mse' | 'normalized' | { expression: string };

/** Losses of images and their derivative by the pixels. */
interface LossGradient {
  /** One loss per image. */
  losses: Float64Array;
  /** [n, pixels] */
  gradient: Float64Array;
  /** The images' activations [n, units], if requested. */
  activations?: Float32Array;
}

/** Computes losses and gradients of metamers [n, pixels] against the references given at its creation. */
export type LossFunction = (images: Float32Array, options: { activations: boolean }) => Promise<LossGradient>;

/**
 * Parses a custom loss for a layer, so that errors show before anything runs.
 * @throws if the text does not parse, uses names outside the whitelist, or does not give a single number.
 */
export function parseMetamerLoss(text: string, sizes: { units: number; pixels: number }): Expression {
  const expression = parseExpression(text, { variables: ['a', 'b', 'x'], functions: VECTOR_FUNCTIONS });
  if (!uses(expression, 'b') && !uses(expression, 'x')) {
    throw new CallError(
      'parseMetamerLoss',
      `expected an expression of b (the metamer's activations) or x (its pixels), found "${text}"`,
    );
  }
  assertScalar(resultLength(expression, { a: sizes.units, b: sizes.units, x: sizes.pixels }));
  return expression;
}

/**
 * The loss of metamers at a layer, on any engine. Computes the references' activations once.
 * @param references [n, pixels]
 * @param totalVariation weight of the images' total variation, added to the loss.
 */
export async function metamerLoss(
  engine: Engine,
  layer: string,
  references: Float32Array,
  { loss, totalVariation = 0 }: { loss: MetamerLoss; totalVariation?: number },
): Promise<LossFunction> {
  const units = sizeOf(shapeAt(engine.network, layer));
  const pixels = sizeOf(shapeAt(engine.network, 'input'));
  // Parse first, so that an invalid text is rejected before anything runs.
  const imageLoss = imageLossOf(loss, { units, pixels });
  const target = await engine.forward(references, layer);
  const evaluate = imageLoss
    ? callbackLoss(engine, layer, target, imageLoss, { units, pixels })
    : squaredErrorLoss(engine, layer, target);
  if (totalVariation === 0) {
    return evaluate;
  }
  return async (images, options) => {
    const result = await evaluate(images, options);
    for (let i = 0; i < result.losses.length; i++) {
      const [start, end] = [i * pixels, (i + 1) * pixels];
      result.losses[i] += addTotalVariation(
        images.subarray(start, end),
        engine.network.input,
        totalVariation,
        result.gradient.subarray(start, end),
      );
    }
    return result;
  };
}

/** The loss of one image from activations a and b and pixels x, with its derivatives by b and, if any, by x. */
type ImageLoss = (
  a: Float32Array,
  b: Float32Array,
  x: Float32Array,
) => { value: number; byActivations: Float32Array | Float64Array; byPixels?: Float64Array };

/** Undefined for `mse`, which engines implement. */
function imageLossOf(loss: MetamerLoss, sizes: { units: number; pixels: number }): ImageLoss | undefined {
  if (loss === 'mse') {
    return undefined;
  }
  if (loss === 'normalized') {
    return normalizedDistance;
  }
  const expression = parseMetamerLoss(loss.expression, sizes);
  return (a, b, x) => {
    const { value, gradients } = valueAndGradient(expression, { a, b, x }, ['b', 'x']);
    return { value, byActivations: gradients.b, byPixels: gradients.x };
  };
}

/** |b - a| / |a|, with gradient 0 if the two are equal. */
function normalizedDistance(a: Float32Array, b: Float32Array) {
  let signal = 0;
  let noise = 0;
  for (let k = 0; k < a.length; k++) {
    signal += a[k] * a[k];
    noise += (b[k] - a[k]) ** 2;
  }
  if (signal === 0) {
    throw new CallError(
      'metamers',
      'expected a reference with activations other than 0 for the normalized loss, found none; choose another loss or layer',
    );
  }
  const scale = noise === 0 ? 0 : 1 / Math.sqrt(signal * noise);
  const byActivations = new Float32Array(a.length);
  for (let k = 0; k < a.length; k++) {
    byActivations[k] = scale * (b[k] - a[k]);
  }
  return { value: Math.sqrt(noise / signal), byActivations };
}

/** The squared error, computed on the engine's device. */
function squaredErrorLoss(engine: Engine, layer: string, target: Float32Array): LossFunction {
  return async (images, options) => {
    const objective = { kind: 'squaredError', target } as const;
    const { values, gradient, activations } = await engine.inputGradient(images, layer, objective, options);
    return { losses: values, gradient: new Float64Array(gradient), activations };
  };
}

function callbackLoss(
  engine: Engine,
  layer: string,
  target: Float32Array,
  imageLoss: ImageLoss,
  { units, pixels }: { units: number; pixels: number },
): LossFunction {
  return async (images, options) => {
    const count = images.length / pixels;
    const losses = new Float64Array(count);
    const byPixels = new Float64Array(images.length);
    const objective: Objective = {
      kind: 'callback',
      evaluate(activations) {
        const cotangent = new Float32Array(activations.length);
        for (let i = 0; i < count; i++) {
          const [start, end] = [i * units, (i + 1) * units];
          const result = imageLoss(
            target.subarray(start, end),
            activations.subarray(start, end),
            images.subarray(i * pixels, (i + 1) * pixels),
          );
          losses[i] = result.value;
          cotangent.set(result.byActivations, start);
          byPixels.set(result.byPixels ?? [], i * pixels);
        }
        return { values: losses, cotangent };
      },
    };
    const { gradient, activations } = await engine.inputGradient(images, layer, objective, options);
    for (let i = 0; i < byPixels.length; i++) {
      byPixels[i] += gradient[i];
    }
    return { losses, gradient: byPixels, activations };
  };
}

function uses(expression: Expression, name: string): boolean {
  return expression.kind === 'call'
    ? expression.inputs.some((input) => uses(input, name))
    : expression.kind === 'variable' && expression.name === name;
}
