import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/ml/engines/engine.ts';
import { createWasmEngine } from '../../../src/ml/engines/wasm/engine.ts';
import { generateMetamers, MetamerCollector, metamerIterates } from '../../../src/ml/metamers/generate.ts';
import { startingImage } from '../../../src/ml/metamers/start.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import type { Parameters } from '../../../src/ml/model/parameters.ts';
import { goldenArray, goldenJson, goldenModel, mnist } from '../engines/golden.ts';

interface GoldenMetamers {
  runs: Record<
    string,
    { loss_first_100_f64: number[]; accumulate_variant: { loss_first_100_f64: number[] } }
  >;
}

const { runs } = goldenJson<GoldenMetamers>('metamer');
const reference = Float32Array.from(goldenArray('metamer', 'reference'));
const init = Float32Array.from(goldenArray('metamer', 'init'));
const stack = (...images: Float32Array[]) => Float32Array.from(images.flatMap((image) => [...image]));
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** A digest that changes with any bit of any parameter. */
const fingerprint = (parameters: Parameters) => {
  const hash = createHash('sha256');
  for (const values of Object.values(parameters)) hash.update(values);
  return hash.digest('hex');
};

let engine: Engine;
beforeAll(async () => {
  engine = await createWasmEngine({ network: notebookNetwork() });
  await engine.load({ parameters: goldenModel('model_trained') });
});

describe('generateMetamers', () => {
  it.each([
    { layer: 'conv', lossTolerance: 1e-5, imageTolerance: 1e-4 },
    { layer: 'relu', lossTolerance: 1e-5, imageTolerance: 1e-4 },
    { layer: 'fc', lossTolerance: 1e-4, imageTolerance: 5e-3 },
  ])('makes the golden metamer at $layer', async ({ layer, lossTolerance, imageTolerance }) => {
    const before = fingerprint(await engine.parameters());
    for (const accumulate of [false, true]) {
      const given = reference.slice();
      const { losses, kept, last } = await generateMetamers(
        engine,
        given,
        init,
        { layer, accumulate },
        { keep: [10] },
      );
      const golden = accumulate ? runs[layer].accumulate_variant : runs[layer];
      expect(losses[0].length).toBe(100);
      golden.loss_first_100_f64.forEach((loss, i) => {
        expect(Math.abs(losses[0][i] / loss - 1)).toBeLessThanOrEqual(lossTolerance);
      });
      const end = goldenArray('metamer', `${layer}/${accumulate ? 'accumulate_' : ''}image_100`);
      expect(largest(last.images, end)).toBeLessThanOrEqual(accumulate ? 5e-3 : imageTolerance);
      if (!accumulate) {
        expect(largest(kept[0].images, goldenArray('metamer', `${layer}/image_10`))).toBeLessThan(1e-5);
      }
      expect(given).toEqual(reference);
    }
    expect(fingerprint(await engine.parameters())).toBe(before);
  });

  it('gives the same results for many in parallel as one by one', async () => {
    const { images } = mnist('train', 3);
    const references = Float32Array.from(images, (byte) => byte / 255);
    const starts = stack(
      ...[1, 2, 3].map((seed) => startingImage({ kind: 'noise', scale: 0.5, mean: 0.5, seed }, 784)),
    );
    const settings = { layer: 'fc', iterations: 15 };
    const together = await generateMetamers(engine, references, starts, settings);
    expect(together.count).toBe(3);
    for (let i = 0; i < 3; i++) {
      const part = [784 * i, 784 * (i + 1)];
      const alone = await generateMetamers(
        engine,
        references.slice(...part),
        starts.slice(...part),
        settings,
      );
      expect(largest(together.losses[i], alone.losses[0]) / alone.losses[0][0]).toBeLessThan(1e-6);
      expect(largest(together.last.images.slice(...part), alone.last.images)).toBeLessThan(1e-4);
    }
  });

  it.each([
    ['mean((a - b)^2)', 'mse'],
    ['norm(a - b) / norm(a)', 'normalized'],
  ] as const)('takes %s as the loss, which is %s', async (expression, loss) => {
    const settings = { layer: 'fc', iterations: 20 };
    const byName = await generateMetamers(engine, reference, init, { ...settings, loss });
    const byText = await generateMetamers(engine, reference, init, { ...settings, loss: { expression } });
    byName.losses[0].forEach((value, i) => {
      expect(byText.losses[0][i] / value).toBeCloseTo(1, 5);
    });
    expect(largest(byName.last.images, byText.last.images)).toBeLessThan(1e-4);
  });

  it('rejects a reference without a normalized distance', async () => {
    const blank = new Float32Array(784);
    const settings = { layer: 'input', loss: 'normalized' } as const;
    await expect(generateMetamers(engine, blank, init, settings)).rejects.toThrow('activations other than 0');
    const same = await generateMetamers(engine, reference, reference, { ...settings, iterations: 1 });
    expect(same.last.images).toEqual(reference);
  });

  it('accepts an expression of the pixels', async () => {
    // Only the pixels count here, and Adam first moves each by its learning rate.
    const loss = { expression: 'sum((x - 0.5)^2)' };
    const { last } = await generateMetamers(engine, reference, reference, {
      layer: 'conv',
      iterations: 1,
      loss,
    });
    expect(
      largest(
        last.images,
        reference.map((pixel) => pixel + (pixel < 0.5 ? 0.01 : -0.01)),
      ),
    ).toBeLessThan(1e-6);
  });

  it('smooths with a total-variation term, and clips when asked', async () => {
    const settings = { layer: 'fc', iterations: 40 };
    const roughness = (image: Float32Array) =>
      image.reduce((sum, pixel, i) => sum + (i % 28 < 27 ? Math.abs(image[i + 1] - pixel) : 0), 0);
    const plain = await generateMetamers(engine, reference, init, settings);
    const smooth = await generateMetamers(engine, reference, init, { ...settings, totalVariation: 1e4 });
    expect(roughness(smooth.last.images)).toBeLessThan(roughness(plain.last.images));
    expect(smooth.losses[0][0]).toBeGreaterThan(plain.losses[0][0]);
    const clipped = await generateMetamers(engine, reference, init, { ...settings, clip: true });
    expect(Math.min(...plain.last.images)).toBeLessThan(0);
    expect(Math.min(...clipped.last.images)).toBe(0);
    expect(Math.max(...clipped.last.images)).toBe(1);
  });
});

describe('the iterations of generateMetamers', () => {
  it('keeps the last, the best and the requested iterates', async () => {
    const seen: number[] = [];
    const result = await generateMetamers(
      engine,
      reference,
      init,
      // The step is far too large, so the loss rises and falls.
      { layer: 'fc', iterations: 30, learningRate: 1 },
      { keep: [0, 7, 30], onIterate: ({ losses }) => void seen.push(losses[0]) },
    );
    expect(seen.length).toBe(31);
    expect([...result.losses[0]]).toEqual(seen.slice(0, 30));
    expect(result.last.iteration).toBe(30);
    expect(result.last.losses[0]).toBe(seen[30]);
    expect(result.best.losses[0]).toBe(Math.min(...seen));
    expect(result.best.iterations[0]).toBe(seen.indexOf(Math.min(...seen)));
    expect(result.kept.map(({ iteration }) => iteration)).toEqual([0, 7, 30]);
    expect(result.kept[0].images).toEqual(init);
    expect(result.kept[2].images).toEqual(result.last.images);
    const best = await engine.forward(result.best.images, 'fc');
    const target = await engine.forward(reference, 'fc');
    expect(
      target.reduce((sum, value, i) => sum + (value - best[i]) ** 2 / 10, 0) / result.best.losses[0],
    ).toBeCloseTo(1, 5);
  });

  it('can be paused and stopped between any two iterations', async () => {
    const collector = new MetamerCollector(784);
    expect(() => collector.result()).toThrow('expected at least one iterate');
    for await (const iterate of metamerIterates(
      engine,
      reference,
      init,
      { layer: 'conv' },
      { activations: true },
    )) {
      expect(iterate.activations?.length).toBe(21632);
      collector.add(iterate);
      if (iterate.iteration === 4) {
        break;
      }
    }
    expect(collector.result().losses[0].length).toBe(4);
    expect(collector.result().last.iteration).toBe(4);
    const controller = new AbortController();
    const stopped = generateMetamers(
      engine,
      reference,
      init,
      { layer: 'conv' },
      {
        signal: controller.signal,
        onIterate: () => controller.abort(new Error('enough')),
      },
    );
    await expect(stopped).rejects.toThrow('enough');
  });

  it.each([
    [{ learningRate: 0 }, 'expected a learning rate above 0 and up to 10, found 0'],
    [{ learningRate: 1e9 }, 'expected a learning rate above 0 and up to 10, found 1000000000'],
    [{ iterations: 1.5 }, 'expected a whole number of iterations'],
    [{ totalVariation: -1 }, 'expected a weight of the total variation of 0 or more, found -1'],
    [{ layer: 'nowhere' }, 'nowhere'],
    [{ loss: { expression: 'sum(a - ' } }, 'Unexpected end of expression'],
    [{ loss: { expression: 'sum(a - c)' } }, 'found the name "c"'],
    [{ loss: { expression: 'import("x")' } }, 'found the function "import"'],
    [{ loss: { expression: 'a - b' } }, 'found a vector of 10'],
    [{ loss: { expression: 'sum(b * x)' } }, 'expected vectors of one length, found 10 and 784'],
    [{ loss: { expression: 'sum(a)' } }, 'expected an expression of b'],
    [{ loss: { expression: 'sum(sqrt(b - b))' } }, 'expected a derivative by b'],
    [{ loss: { expression: 'sum(log(b - b))' } }, 'expected a finite result, found -Infinity'],
    [{ loss: { expression: 'sum(exp(b * 0 + 1000))' } }, 'expected a finite result, found Infinity'],
  ])('refuses %o', async (change, message) => {
    await expect(generateMetamers(engine, reference, init, { layer: 'fc', ...change })).rejects.toThrow(
      message,
    );
  });

  it('rejects images that do not fit or are not finite, and a loss that is not a number', async () => {
    const settings = { layer: 'fc' };
    await expect(generateMetamers(engine, reference, init.subarray(1), settings)).rejects.toThrow(
      'found 783 and 784',
    );
    const broken = init.slice();
    broken[5] = Number.NaN;
    await expect(generateMetamers(engine, reference, broken, settings)).rejects.toThrow(
      'expected finite pixels, found NaN',
    );
    const far = init.map((value) => value * 3e38);
    await expect(
      generateMetamers(
        engine,
        reference,
        far.map((v) => Math.max(-3e38, Math.min(3e38, v))),
        settings,
      ),
    ).rejects.toThrow('expected a finite loss');
  });
});
