import { CallError } from '../callError.ts';
import type { Engine, Pixels } from '../engines/engine.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import { shapeAt, sizeOf } from '../model/network.ts';
import { type AttackNorm, attackBatch } from '../perturbations/step.ts';

/** Number of images attacked together; does not affect the results. */
const CHUNK = 128;

export interface AttackSettings {
  method: 'fgsm' | 'pgd';
  /** Default linf. */
  norm?: AttackNorm;
  /** From 0 to 1 for linf; for l2, up to the square root of the number of pixels. */
  epsilon: number;
  /** Number of PGD steps, default 40. FGSM is one step of size epsilon. */
  steps?: number;
  /** Step size of PGD. Default: 0.01 for linf, 2.5 epsilon / steps for l2. */
  stepSize?: number;
  /** Target class, one for all images or one per image. Without a target, any class except the label counts. */
  target?: number | Uint8Array;
  /** Start at a random point of the ball instead of the image. Default false. */
  randomStart?: boolean;
  /** Seed of the random start. Default 0. */
  seed?: number;
}

export interface AttackOptions {
  signal?: AbortSignal;
  /** Called after each chunk. May return a promise, so that a worker can handle a cancellation between chunks. */
  onProgress?(done: number, count: number): void | Promise<void>;
}

export interface AttackResult {
  count: number;
  /** Number of images still classified correctly, judged on the exact float32 pixels. */
  correct: number;
  /** The same, judged on the images rounded to 8 bits (`roundTowardOriginal`). */
  correctAs8Bit: number;
  /** Number of images classified correctly before the attack. */
  correctBefore: number;
  /** With a target: number of images now classified as the target. */
  reachedTarget?: number;
  predictionsBefore: Uint8Array;
  predictions: Uint8Array;
  predictionsAs8Bit: Uint8Array;
  /** The attacked images [count, pixels]. */
  images: Float32Array;
}

/**
 * Attacks images [count, pixels] on the engine's network: FGSM (Goodfellow et al. 2015) or PGD
 * (Madry et al. 2018), up the gradient of the label's negative log-likelihood, or down that of the target's.
 * @throws if settings are out of range or the network's loss is NaN.
 */
export async function attack(
  engine: Engine,
  images: Pixels,
  labels: Uint8Array,
  settings: AttackSettings,
  { signal, onProgress }: AttackOptions = {},
): Promise<AttackResult> {
  const pixels = sizeOf(shapeAt(engine.network, 'input'));
  const original = toFloats(images);
  const count = labels.length;
  if (count === 0 || original.length !== count * pixels) {
    throw new CallError(
      'attack',
      `expected ${pixels} pixels for each of ${count} labels (at least one), found ${original.length}`,
    );
  }
  const plan = planAttack(engine, settings, count, pixels);
  const before = await evaluate(engine, images, labels, { signal });
  const attacked = new Float32Array(original.length);
  for (let first = 0; first < count; first += CHUNK) {
    const last = Math.min(first + CHUNK, count);
    const chunkLabels = (plan.targets ?? labels).subarray(first, last);
    const chunk = await attackBatch({
      ...plan,
      original: original.subarray(first * pixels, last * pixels),
      pixels,
      firstIndex: first,
      gradient: (x) => climb(engine, x, chunkLabels, plan.targets ? -1 : 1, signal),
    });
    attacked.set(chunk, first * pixels);
    await onProgress?.(last, count);
  }
  const after = await evaluate(engine, attacked, labels, { signal });
  const as8Bit = await evaluate(engine, roundTowardOriginal(attacked, original), labels, { signal });
  return {
    count,
    correct: after.correct,
    correctAs8Bit: as8Bit.correct,
    correctBefore: before.correct,
    ...(plan.targets && {
      reachedTarget: after.predictions.filter((prediction, i) => prediction === plan.targets?.[i]).length,
    }),
    predictionsBefore: before.predictions,
    predictions: after.predictions,
    predictionsAs8Bit: as8Bit.predictions,
    images: attacked,
  };
}

/** A point of the curve of accuracy against epsilon. */
export interface RobustnessPoint {
  epsilon: number;
  /** Number of images classified correctly before the attack. */
  correctBefore: number;
  correct: number;
  correctAs8Bit: number;
  /** With a target: number of images classified as the target. */
  reachedTarget?: number;
  count: number;
}

/**
 * Attacks the same images at each epsilon.
 * @param options `onProgress` counts attacked images over all epsilons; `onPoint` receives each point when computed.
 */
export async function robustnessCurve(
  engine: Engine,
  images: Pixels,
  labels: Uint8Array,
  { epsilons, ...settings }: Omit<AttackSettings, 'epsilon'> & { epsilons: readonly number[] },
  { signal, onProgress, onPoint }: AttackOptions & { onPoint?(point: RobustnessPoint): void } = {},
): Promise<RobustnessPoint[]> {
  const points: RobustnessPoint[] = [];
  for (const [index, epsilon] of epsilons.entries()) {
    const { correctBefore, correct, correctAs8Bit, reachedTarget, count } = await attack(
      engine,
      images,
      labels,
      { ...settings, epsilon },
      {
        signal,
        onProgress: (done, total) => onProgress?.(index * total + done, epsilons.length * total),
      },
    );
    const counts = { correctBefore, correct, correctAs8Bit, count };
    const point = { epsilon, ...counts, ...(reachedTarget !== undefined && { reachedTarget }) };
    points.push(point);
    onPoint?.(point);
  }
  return points;
}

/**
 * Bytes of the attacked images, each rounded toward its original, so that a change within epsilon stays
 * within epsilon; rounding to the nearest byte would leave the ball (13/255 > 0.05).
 */
export function roundTowardOriginal(attacked: Float32Array, original: Float32Array): Uint8Array {
  // In float32, byte / 255 has an error below this many levels.
  const slack = 1e-4;
  return Uint8Array.from(attacked, (value, i) =>
    value >= original[i] ? Math.floor(value * 255 + slack) : Math.ceil(value * 255 - slack),
  );
}

/** The gradient that an attack ascends. */
async function climb(
  engine: Engine,
  images: Float32Array,
  labels: Uint8Array,
  sign: 1 | -1,
  signal?: AbortSignal,
): Promise<Float32Array> {
  signal?.throwIfAborted();
  const layer = engine.network.layers.at(-1)?.name ?? 'input';
  const { values, gradient } = await engine.inputGradient(images, layer, {
    kind: 'crossEntropy',
    labels,
    sign,
  });
  if (!values.every(Number.isFinite)) {
    throw new CallError(
      'attack',
      'expected a finite loss, found NaN or infinity; the network has diverged, so reset it or go back to an earlier snapshot',
    );
  }
  return gradient;
}

/** Checks the settings and fills in defaults. */
function planAttack(engine: Engine, settings: AttackSettings, count: number, pixels: number) {
  const { method, norm = 'linf', epsilon, randomStart = false, seed = 0 } = settings;
  const largest = norm === 'linf' ? 1 : Math.sqrt(pixels);
  if (!(epsilon >= 0 && epsilon <= largest)) {
    throw new CallError('attack', `expected epsilon from 0 to ${largest} for ${norm}, found ${epsilon}`);
  }
  const { steps, stepSize } = method === 'fgsm' ? { steps: 1, stepSize: epsilon } : pgdSteps(settings, norm);
  const classes = sizeOf(shapeAt(engine.network, engine.network.layers.at(-1)?.name ?? 'input'));
  return {
    norm,
    epsilon,
    steps,
    stepSize,
    randomStart,
    seed,
    targets: targetsOf(settings.target, count, classes),
  };
}

function pgdSteps({ epsilon, steps = 40, stepSize }: AttackSettings, norm: AttackNorm) {
  if (!Number.isInteger(steps) || steps < 1 || steps > 10_000) {
    throw new CallError('attack', `expected a whole number of steps from 1 to 10000, found ${steps}`);
  }
  const size = stepSize ?? (norm === 'linf' ? 0.01 : (2.5 * epsilon) / steps);
  if (!(size >= 0 && Number.isFinite(size))) {
    throw new CallError('attack', `expected a step size of 0 or more, found ${size}`);
  }
  return { steps, stepSize: size };
}

function targetsOf(target: AttackSettings['target'], count: number, classes: number): Uint8Array | undefined {
  if (target === undefined) {
    return undefined;
  }
  const targets = typeof target === 'number' ? new Array<number>(count).fill(target) : [...target];
  const bad = targets.find((each) => !Number.isInteger(each) || each < 0 || each >= classes);
  if (targets.length !== count || bad !== undefined) {
    throw new CallError(
      'attack',
      `expected one target or ${count}, each from 0 to ${classes - 1}, found ${bad ?? `${targets.length} targets`}`,
    );
  }
  return Uint8Array.from(targets);
}

function toFloats(images: Pixels): Float32Array {
  return images instanceof Uint8Array ? Float32Array.from(images, (byte) => byte / 255) : images;
}
