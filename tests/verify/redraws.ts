import { expect } from 'vitest';
import { notebookDraw } from '../../src/ml/data/notebookDraw.ts';
import type { Engine } from '../../src/ml/engines/engine.ts';
import { createWasmEngine } from '../../src/ml/engines/wasm/engine.ts';
import { randomStream } from '../../src/ml/geometry/gaussian.ts';
import {
  changesBetween,
  imageErrors,
  type Manifold,
  type Resample,
  studentQuantile,
} from '../../src/ml/geometry/index.ts';
import { notebookNetwork } from '../../src/ml/model/network.ts';
import { randomOrder } from '../../src/ml/random/order.ts';
import { goldenModel, mnist } from '../unit/engines/golden.ts';
import { record } from './record.ts';
import { spreadOf } from './spread.ts';

/** Redraws behind one error over images, as in the page. */
const RESAMPLES = 10;
const EXAMPLES = 50;
/** Maximum share of false verdicts per figure. */
const MOST_FALSE = 0.1;
/** Expected share of values outside their 95 % interval, and the number of its own deviations that a count may exceed it by. */
const OUTSIDE = 0.05;
const DEVIATIONS = 2.3;
/** Share beyond two errors, by Student’s t with nine degrees of freedom. */
const BEYOND_TWO = 0.077;

const MOMENTS = ['model_init', 'model_trained'] as const;
type Moment = (typeof MOMENTS)[number];

/** A layer's figures on one draw of the images, with their errors for these images. */
interface Estimate<Name extends string> {
  figures: Record<Name, number>;
  standardErrors: Partial<Record<Name, number>>;
}

/** How to analyze a layer: in full, and with the few samples of a redraw. */
export interface Analysis<Name extends string> {
  /** Called once for each layer and moment, on the notebook's images. */
  prepare?(manifolds: readonly Manifold[], place: string): void;
  /** With a seed of its own for each draw, so that the draws also differ in t. */
  estimate(manifolds: readonly Manifold[], seed: number): Estimate<Name>;
  resample(manifolds: readonly Manifold[], seed: number, place: string): Resample<Name>;
}

/** One layer of the notebook's network, untrained and trained, on redrawn images. */
interface Redrawn<Name extends string> {
  layer: string;
  estimates: Record<Moment, Estimate<Name>[]>;
  resamples: Record<Moment, Resample<Name>[]>;
}

/** Analyzes a layer at both moments on `draws` draws of the images, and resamples as many further draws. */
export async function redraw<Name extends string>(
  { layer, draws }: { layer: string; draws: number },
  { prepare, estimate, resample }: Analysis<Name>,
): Promise<Redrawn<Name>> {
  const train = mnist('train', 60_000);
  const first = notebookDraw(train.labels, { classes: 10, examplesPerClass: EXAMPLES });
  const order = first.map(({ label }) => label);
  const redrawn: Redrawn<Name> = {
    layer,
    estimates: { model_init: [], model_trained: [] },
    resamples: { model_init: [], model_trained: [] },
  };
  for (const moment of MOMENTS) {
    const engine = await createWasmEngine({ network: notebookNetwork() });
    await engine.load({ parameters: goldenModel(moment) });
    const manifolds = (indices: readonly number[]) =>
      manifoldsOf(engine, imagesOf(train.images, indices), layer);
    prepare?.(await manifolds(first.flatMap(({ indices }) => [...indices])), moment);
    for (let i = 0; i < draws; i++) {
      redrawn.estimates[moment].push(estimate(await manifolds(drawOf(i, order, train.labels)), i));
      const others = await manifolds(drawOf(draws + i, order, train.labels));
      redrawn.resamples[moment].push(resample(others, draws + i, moment));
      if (i % 20 === 19) console.log(`${layer}, ${moment}: ${i + 1} of ${draws} draws`);
    }
    await engine.dispose();
  }
  return redrawn;
}

/** Counts and records the verdicts on one figure that redrawn images do not support. */
export function checkVerdicts<Name extends string>(
  { layer, estimates, resamples }: Redrawn<Name>,
  name: Name,
  { title, noiseShare }: { title: string; noiseShare: number },
): void {
  const differences = estimates.model_trained.map(
    ({ figures }, i) => figures[name] - estimates.model_init[i].figures[name],
  );
  const draws = differences.length;
  const { mean, deviation } = spreadOf(differences);
  const isNull = Math.abs(mean) < (2 * deviation) / Math.sqrt(draws);
  let verdicts = 0;
  let wrong = 0;
  for (let i = 0; i < draws; i++) {
    const [before, after] = MOMENTS.map((moment) => ({
      figures: estimates[moment][i].figures,
      resamples: severalOf(resamples[moment], i),
    }));
    const change = changesBetween(before, after, noiseShare)?.[name];
    if (!change?.isClear) continue;
    verdicts++;
    if (isNull || Math.sign(change.difference) !== Math.sign(mean)) wrong++;
  }
  record(
    `${layer}, ${title}: false verdicts on ${draws} redraws of the images`,
    `at most ${Math.floor(MOST_FALSE * draws)}`,
    `${wrong} of ${verdicts} verdicts; the change is ${mean.toPrecision(2)} on average, ${deviation.toPrecision(2)} from draw to draw`,
  );
  expect.soft(wrong, `${layer}, ${title}`).toBeLessThanOrEqual(MOST_FALSE * draws);
}

/**
 * Compares the claimed errors with the spread over the draws: how many of the figures lie outside their 95 % interval
 * around the mean of all draws.
 */
export function checkErrors<Name extends string>(
  { layer, estimates, resamples }: Redrawn<Name>,
  name: Name,
  title: string,
): void {
  const draws = estimates.model_init.length;
  const most = Math.round(OUTSIDE * draws + DEVIATIONS * Math.sqrt(OUTSIDE * (1 - OUTSIDE) * draws));
  // Three standard errors of the ratio of two spreads, each of as many values as draws.
  const highest = 1 + 3 / Math.sqrt(draws);
  const quantile = studentQuantile(RESAMPLES - 1);
  const found = MOMENTS.map((moment) => {
    const { mean, deviation } = spreadOf(estimates[moment].map(({ figures }) => figures[name]));
    const errors = estimates[moment].map(({ standardErrors }, i) =>
      Math.hypot(standardErrors[name] ?? 0, imageErrors(severalOf(resamples[moment], i))[name]),
    );
    const distances = estimates[moment].map(({ figures }, i) => Math.abs(figures[name] - mean) / errors[i]);
    return {
      outside: distances.filter((distance) => distance > quantile).length,
      beyondTwo: distances.filter((distance) => distance > 2).length,
      ratio: Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / draws) / deviation,
    };
  });
  const each = (of: (one: (typeof found)[number]) => string | number) => found.map(of).join(' and ');
  record(
    `${layer}, ${title}: values outside their 95 % interval on ${draws} redraws of the images, untrained and trained`,
    `${(OUTSIDE * draws).toFixed(1)}, at most ${most} (beyond two errors: ${(BEYOND_TWO * draws).toFixed(1)}); errors of ${(1 / highest).toFixed(2)} to ${highest.toFixed(2)} times the spread`,
    `${each(({ outside }) => outside)} (${each(({ beyondTwo }) => beyondTwo)}); ${each(({ ratio }) => ratio.toFixed(2))}`,
  );
  for (const { outside, ratio } of found) {
    expect.soft(outside, `${layer}, ${title}`).toBeLessThanOrEqual(most);
    expect.soft(ratio, `${layer}, ${title}`).toBeGreaterThan(1 / highest);
    expect.soft(ratio, `${layer}, ${title}`).toBeLessThan(highest);
  }
}

/** Ten of the further draws, different ones for each draw, the same ones for both moments. */
function severalOf<T>(all: readonly T[], draw: number): T[] {
  const random = randomStream(draw, 5);
  const left = [...all];
  return Array.from(
    { length: RESAMPLES },
    () => left.splice(Math.floor(random.uniform() * left.length), 1)[0],
  );
}

/** Fifty images of every class, with the classes in the given order. */
function drawOf(draw: number, order: readonly number[], labels: Uint8Array): number[] {
  const members = order.map((): number[] => []);
  for (const index of randomOrder(10_000 + draw, labels.length)) {
    const own = members[order.indexOf(labels[index])];
    if (own.length < EXAMPLES) own.push(index);
  }
  return members.flat();
}

/** The images with these indices, as bytes [n, 784]. */
export function imagesOf(all: Uint8Array, indices: readonly number[]): Uint8Array {
  const images = new Uint8Array(indices.length * 784);
  indices.forEach((index, row) => {
    images.set(all.subarray(index * 784, (index + 1) * 784), row * 784);
  });
  return images;
}

async function manifoldsOf(engine: Engine, images: Uint8Array, layer: string): Promise<Manifold[]> {
  const data = await engine.forward(images, layer);
  const columns = data.length / (images.length / 784);
  const size = EXAMPLES * columns;
  return Array.from({ length: data.length / size }, (_, m) => ({
    data: data.slice(m * size, (m + 1) * size),
    rows: EXAMPLES,
    columns,
  }));
}
