import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bytesSource, openArrayFile, writeNpy, writeNpz } from '../../../src/ml/formats/index.ts';
import {
  analyzeManifolds,
  debiasedCka,
  debiasedCkaEstimates,
  fewShot,
  GLUE_FIGURES,
  glueGeometry,
  glueResampleSteps,
  groupByLabel,
  imageErrors,
  neuralCollapse,
  randomHalves,
  represent,
  samplesOfResample,
  simulateCapacity,
} from '../../../src/ml/geometry/index.ts';
import { drain } from '../../../src/ml/linear/steps.ts';
import { call } from './host.ts';

const NUMPY = 'tests/fixtures/numpy';
const ACTS = `${NUMPY}/acts.npz`;
const LABELS = `${NUMPY}/labels.npy`;
const folder = mkdtempSync(join(tmpdir(), 'untangle-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = Array.from({ length: 60 }, (_, row) => row);
const read = async (path: string) =>
  (await openArrayFile(bytesSource(new Uint8Array(readFileSync(path)), path))).arrays;

/** A layer of the fixture. */
async function layerOf(name: string) {
  const array = (await read(ACTS)).find((each) => each.name === name);
  const data = await array?.rows(ROWS);
  if (!data || data instanceof Uint8Array) throw new Error(`no layer ${name}`);
  return { data, rows: 60, columns: data.length / 60 };
}

/** The manifolds of a layer of the fixture. */
async function manifoldsOf(name: string) {
  const [{ rows: rowsOfLabels }] = await read(LABELS);
  const labels = await rowsOfLabels(ROWS);
  return groupByLabel(await layerOf(name), labels).manifolds;
}

/** Inputs with a fault, written when a test names one. Other arguments stay as they are. */
const BAD_INPUTS: Readonly<Record<string, () => string | Uint8Array>> = {
  ones: () => '1\n'.repeat(60),
  single: () => `9\n${'1\n2\n'.repeat(29)}1\n`,
  'nan.npz'() {
    const hole = Float32Array.from({ length: 60 * 6 }, (_, i) =>
      i === 37 * 6 + 5 ? Number.NaN : Math.sin(i * i),
    );
    const good = Float32Array.from({ length: 60 * 6 }, (_, i) => Math.cos(i * i));
    return writeNpz({
      good: { data: good, shape: [60, 6] },
      hole: { data: hole, shape: [60, 2, 3] },
      y: { data: FIVE_CLASSES, shape: [60] },
    });
  },
  'constant.npz': () =>
    writeNpz({
      only: { data: new Float32Array(240).fill(1), shape: [60, 4] },
      y: { data: FIVE_CLASSES, shape: [60] },
    }),
  'cut.npz': () => readFileSync(ACTS).subarray(0, 2000),
  'cut.npy': () => writeNpy({ data: new Float32Array(240), shape: [60, 4] }).subarray(0, 300),
};
const FIVE_CLASSES = Int32Array.from({ length: 60 }, (_, i) => i % 5);

function badInput(argument: string): string {
  if (!Object.hasOwn(BAD_INPUTS, argument)) return argument;
  const path = join(folder, argument.includes('.') ? argument : `${argument}.txt`);
  writeFileSync(path, BAD_INPUTS[argument]());
  return path;
}

describe('untangle geometry', () => {
  it('gives the library’s figures of every layer, by every estimator', async () => {
    const args = [
      '--estimator',
      'glue,mean-field,simulation',
      '--seed',
      '3',
      '--dichotomies',
      '20',
      '--json',
    ];
    const { code, stdout, stderr } = await call(['geometry', ACTS, '--labels', LABELS, ...args]);
    expect(code).toBe(0);
    expect(stderr).toContain('second, simulation: done');
    const { analyses, settings, classes, complete } = JSON.parse(stdout);
    expect(complete).toBe(true);
    expect(settings).toMatchObject({ seed: 3, samples: 300 });
    expect(classes).toHaveLength(5);
    const named = (layer: string, estimator: string) =>
      analyses.find((one: Record<string, unknown>) => one.layer === layer && one.estimator === estimator);
    for (const layer of ['first', 'second']) {
      const manifolds = await manifoldsOf(layer);
      const { capacity, radius, dimension, centerCorrelation, standardErrors } = analyzeManifolds(manifolds, {
        seed: 3,
      });
      expect(named(layer, 'mean-field').figures).toMatchObject({
        capacity: { value: capacity, standardError: standardErrors.capacity },
        radius: { value: radius },
        dimension: { value: dimension },
        centerCorrelation: { value: centerCorrelation },
      });
      const glue = glueGeometry(manifolds, { seed: 3 });
      expect(named(layer, 'glue').figures).toMatchObject({
        capacity: { value: glue.capacity, standardError: glue.standardErrors.capacity },
        utility: { value: glue.utility },
        centerAlignment: { value: glue.centerAlignment },
        axisAlignmentCosine: { value: glue.axisAlignmentCosine },
      });
      expect(named(layer, 'glue').details.perSample.b).toEqual([...glue.perSample.b]);
      const simulated = simulateCapacity(manifolds, { seed: 3, dichotomies: 20 });
      expect(named(layer, 'simulation').figures.capacity.value).toBe(simulated.capacity);
    }
  });

  it('gives the same with labels as texts in the file itself, in a table and in CSV', async () => {
    const out = join(folder, 'deep', 'figures.csv');
    const args = ['--estimator', 'mean-field', '--out', out];
    const { code, stdout, stderr } = await call(['geometry', `${NUMPY}/all.npz`, ...args]);
    expect(code).toBe(0);
    expect(stderr).toContain('Left out, as no layers: indices');
    expect(stdout).toContain('5 classes, 12 examples each, seed 0');
    const { capacity } = analyzeManifolds(await manifoldsOf('first'));
    const rows = readFileSync(out, 'utf8').trim().split('\n');
    expect(rows[0]).toBe(
      'layer,units,estimator,figure,value,standard_error,image_error,ensemble,centering,other_layer',
    );
    expect(rows[1].startsWith(`first,20,mean-field,capacity,${capacity},`)).toBe(true);
    expect(rows).toHaveLength(6);
  });

  it('takes the first points of each class, and adds errors over images', async () => {
    const args = [
      '--points',
      '6',
      '--resamples',
      '4',
      '--layers',
      'first',
      '--json',
      '--quiet',
      '--estimator',
      'mean-field,glue,companions',
    ];
    const { stdout, stderr } = await call(['geometry', ACTS, '--labels', LABELS, ...args]);
    expect(stderr).toBe('');
    const manifolds = (await manifoldsOf('first')).map(({ data, columns }) => ({
      ...{ data: data.slice(0, 6 * columns), rows: 6, columns },
    }));
    const [{ figures, units }, glue, companions] = JSON.parse(stdout).analyses;
    expect(units).toBe(20);
    expect(figures.capacity.value).toBe(analyzeManifolds(manifolds).capacity);
    expect(figures.radius.imageError).toBeGreaterThan(0);
    expect(glue.figures.capacity.value).toBe(glueGeometry(manifolds).capacity);
    const resamples = [1, 2, 3, 4].map((seed) => {
      const samples = samplesOfResample(300, manifolds[0].columns);
      const options = { seed, samples, ensemble: 'uniform', center: true } as const;
      return drain(glueResampleSteps(randomHalves(manifolds, seed), options));
    });
    const errors = imageErrors(resamples);
    for (const name of GLUE_FIGURES) expect(glue.figures[name].imageError).toBe(errors[name]);
    const shots = fewShot(manifolds, { shots: 5 });
    expect(companions.figures).toMatchObject({
      neuralCollapse: { value: neuralCollapse(manifolds) },
      fewShotError: { value: shots.error, standardError: shots.standardError },
    });
  });

  it('gives the same figures of GLUE when threads share its samples', async () => {
    const args = [
      '--layers',
      'second',
      '--estimator',
      'glue',
      '--samples',
      '103',
      '--ensemble',
      'balanced',
      '--no-center',
    ];
    const call4 = await call(['geometry', ACTS, '--labels', LABELS, ...args, '--threads', '4', '--json']);
    const glue = glueGeometry(await manifoldsOf('second'), {
      samples: 103,
      ensemble: 'balanced',
      center: false,
    });
    const [{ figures, details }] = JSON.parse(call4.stdout).analyses;
    expect(figures.capacity.value).toBe(glue.capacity);
    expect(figures.radius.value).toBe(glue.radius);
    expect(details.perSample.c).toEqual([...glue.perSample.c]);
    const table = await call(['geometry', ACTS, '--labels', LABELS, ...args]);
    expect(table.stdout).toContain('GLUE, labels balanced, not centered, 103 samples');
    const csv = await call(['geometry', ACTS, '--labels', LABELS, ...args, '--csv']);
    expect(csv.stdout).toMatch(/\nsecond,24,glue,capacity,[^\n]*,balanced,not centered,\n/);
    expect(table.stdout).toMatch(/cos center-axis +inseparable/);
  });
});

describe('untangle geometry --estimator companions', () => {
  it('compares the layers of the file as the library does, among the companions', async () => {
    const args = ['geometry', ACTS, '--labels', LABELS, '--estimator', 'companions', '--quiet'];
    const layers = await Promise.all(['first', 'second'].map(layerOf));
    const { values: expected, errors } = debiasedCkaEstimates(layers);
    expect(errors[1]).toBeGreaterThan(0);
    expect(expected[1]).toBe(debiasedCka(represent(layers[1]), represent(layers[0])));
    const { complete, similarity } = JSON.parse((await call([...args, '--json'])).stdout);
    expect(complete).toBe(true);
    expect(similarity).toEqual({
      measure: 'debiased linear CKA',
      examples: 60,
      layers: ['first', 'second'],
      values: [
        [1, expected[1]],
        [expected[1], 1],
      ],
      imageErrors: [
        [0, errors[1]],
        [errors[1], 0],
      ],
    });
    const csv = (await call([...args, '--csv'])).stdout;
    expect(csv).toContain(`\nfirst,20,companions,debiasedCka,${expected[1]},,${errors[1]},,,second\n`);
    const { stdout } = await call(args);
    expect(stdout).toMatch(/Debiased linear CKA between the layers, over the same 60 examples/);
    const digits = 1 - Math.floor(Math.log10(errors[1]));
    const cell = `${expected[1].toFixed(digits)} ± ${errors[1].toFixed(digits)}`;
    expect(stdout).toMatch(new RegExp(`\\nfirst +1 +${cell}\\n`));
    expect(stdout).toMatch(/± is one standard error over the draw of the examples, .* units are held fixed/);
    expect(stdout).not.toMatch(/cannot tell/);
  });

  it('leaves a layer of one unit out of the comparison, and compares nothing where there is one layer', async () => {
    const path = join(folder, 'unit.npz');
    const layer = (units: number) => ({
      data: Float32Array.from({ length: 60 * units }, (_, i) => Math.sin(i * i)),
      shape: [60, units],
    });
    const y = { data: FIVE_CLASSES, shape: [60] };
    writeFileSync(path, writeNpz({ wide: layer(6), unit: layer(1), y }));
    const args = ['geometry', path, '--estimator', 'companions'];
    const { values, imageErrors } = JSON.parse((await call([...args, '--json'])).stdout).similarity;
    expect(values).toEqual([
      [1, null],
      [null, null],
    ]);
    expect(imageErrors).toEqual([
      [0, null],
      [null, null],
    ]);
    expect((await call(args)).stdout).toMatch(/\nunit +– +–\n.*\n– The method cannot tell: /);
    expect(JSON.parse((await call([...args, '--json', '--layers', 'wide'])).stdout)).not.toHaveProperty(
      'similarity',
    );
  });
});

describe('untangle geometry in use', () => {
  it('says where a capacity of GLUE is bounded by the number of units, and where labelings are inseparable', async () => {
    const path = join(folder, 'few.npz');
    writeFileSync(
      path,
      writeNpz({
        few: { data: Float32Array.from({ length: 120 }, (_, i) => Math.sin(i * i)), shape: [60, 2] },
        y: { data: Int32Array.from({ length: 60 }, (_, i) => i % 5), shape: [60] },
      }),
    );
    const { stdout } = await call(['geometry', path, '--estimator', 'glue', '--samples', '50']);
    expect(stdout).toMatch(/few: capacity is never below 2\.5/);
    expect(stdout).toMatch(/few: [\d.]+ % of the labelings are inseparable/);
  });
});

describe('the progress and the errors of untangle geometry', () => {
  it('keeps what is done at Ctrl-C', async () => {
    const interruption = new AbortController();
    const { code, stdout } = await call(
      // So many samples that the second layer takes several slices of work.
      [
        ...['geometry', ACTS, '--labels', LABELS, '--threads', '1', '--json'],
        ...['--estimator', 'mean-field', '--samples', '20000'],
      ],
      {
        signal: interruption.signal,
        onLine(text) {
          if (text.includes('first, mean-field: done')) interruption.abort();
        },
      },
    );
    expect(code).toBe(130);
    const { complete, analyses } = JSON.parse(stdout);
    expect(complete).toBe(false);
    expect(analyses.map(({ status }: { status: string }) => status)).toEqual(['done', 'interrupted']);
  });

  it('shows its progress in one line of a terminal', async () => {
    const { stderr } = await call(['geometry', ACTS, '--labels', LABELS], { isTerminal: true });
    expect(stderr).toContain('\rReading');
    // The line is blank again at the end.
    expect(stderr.split('\r').at(-1)).not.toContain('%');
  });
});

describe('untangle geometry with bad input', () => {
  it.each([
    ['no labels', [ACTS], /acts\.npz: expected labels, found none; give --labels FILE/],
    ['no file', ['none.npz', '--labels', LABELS], /none\.npz: expected a file that can be read, found none/],
    ['a folder', [NUMPY, '--labels', LABELS], /found a folder/],
    [
      'labels of another length',
      [`${NUMPY}/types.npz`, '--labels', LABELS],
      /expected an array of \[60, units\]/,
    ],
    [
      'labels that are nowhere',
      [ACTS, '--labels', 'where.npy'],
      /where\.npy.*\(first, second\).*check --labels/,
    ],
    ['labels of one class', [ACTS, '--labels', 'ones'], /at least two classes, found 1/],
    ['an unknown layer', [ACTS, '--labels', LABELS, '--layers', 'third'], /“third”, found first, second/],
    [
      'too many points',
      [ACTS, '--labels', LABELS, '--points', '13'],
      /at least 13 examples.*found 12.*lower --points/,
    ],
    ['an unknown estimator', [ACTS, '--estimator', 'magic'], /expected glue, mean-field, .*found "magic"/],
    ['no activations', ['package.json', '--labels', LABELS], /package\.json: Expected arrays .*numpy\.savez/],
    ['an output of another kind', [ACTS, '--labels', LABELS, '--out', 'x.doc'], /\.json, \.csv or \.txt/],
    ['objects as labels', [ACTS, '--labels', `${NUMPY}/objects.npy`], /astype\(str\)/],
    [
      'a value that is not finite',
      ['nan.npz', '--threads', '1'],
      /nan\.npz: layer “hole”: expected finite values below 1e\+100, found NaN at \[37, 1, 2\]; .*--layers/,
    ],
    [
      'a value that is not finite, in a layer that threads share',
      ['nan.npz', '--layers', 'hole', '--estimator', 'glue', '--threads', '4'],
      /found NaN at \[37, 1, 2\]/,
    ],
    ['a constant layer', ['constant.npz'], /layer “only”: all .* coincide .*; check the network/],
    [
      'a single example of a class, for companions',
      [ACTS, '--labels', 'single', '--estimator', 'companions'],
      /acts\.npz: expected at least two examples of each class for companions, found 1 of “9”; add examples/,
    ],
    [
      'a single example of a class, for resamples',
      [ACTS, '--labels', 'single', '--estimator', 'glue', '--resamples', '2'],
      /at least 4 examples of each class for --resamples, found 1 of “9”/,
    ],
    [
      'a file that is cut short',
      ['cut.npz', '--labels', LABELS],
      /^untangle: [^:]*cut\.npz: expected a whole ZIP archive, found one .*; copy or save the file again\.\n/,
    ],
    [
      'an array that is cut short',
      ['cut.npy', '--labels', LABELS],
      /cut\.npy: Expected .*; copy or save the file again\./,
    ],
    [
      'a text where a number is wanted',
      [ACTS, '--labels', LABELS, '--kappa', '-x'],
      /expected X after --kappa, found -x .*--kappa=TEXT/,
    ],
    [
      'an option without its value',
      [ACTS, '--labels'],
      /expected FILE after --labels, found nothing; see “unt/,
    ],
    ['a negative seed', [ACTS, '--seed', '-1'], /expected a whole number from 0 .*found "-1"/],
  ])('answers %s with one line and exit code 2', async (_, args, message) => {
    const { code, stdout, stderr } = await call(['geometry', ...args.map(badInput)]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^untangle: [^\n]+\n$/);
  });

  it.skipIf(process.platform !== 'linux')(
    'says that no file can be written in a place without files',
    async () => {
      const args = [
        '--layers',
        'first',
        '--estimator',
        'companions',
        '--quiet',
        '--out',
        '/proc/none/x.json',
      ];
      const { code, stderr } = await call(['geometry', ACTS, '--labels', LABELS, ...args]);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^untangle: expected to write \/proc\/none\/x\.json, [^\n]*; choose another place\.\n$/,
      );
    },
  );

  it('takes a negative margin with or without an equals sign', async () => {
    const args = ['geometry', ACTS, '--labels', LABELS, '--layers', 'first', '--estimator', 'mean-field'];
    const capacities = [['--kappa', '-0.1'], ['--kappa=-0.1']].map(async (kappa) => {
      const { stdout } = await call([...args, ...kappa, '--samples', '20', '--json']);
      return JSON.parse(stdout).analyses[0].figures.capacity.value;
    });
    const { capacity } = analyzeManifolds(await manifoldsOf('first'), { kappa: -0.1, samples: 20 });
    expect(await Promise.all(capacities)).toEqual([capacity, capacity]);
  });

  it('writes the good layers, and names the one that has no geometry', async () => {
    const path = join(folder, 'dead.npz');
    const good = (await manifoldsOf('first')).flatMap(({ data }) => [...data]);
    writeFileSync(
      path,
      writeNpz({
        good: { data: Float32Array.from(good), shape: [60, 20] },
        dead: { data: new Float32Array(120), shape: [60, 2] },
        y: { data: Int32Array.from({ length: 60 }, (_, i) => Math.floor(i / 12)), shape: [60] },
      }),
    );
    const { code, stdout, stderr } = await call(['geometry', path, '--estimator', 'mean-field']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/dead +2 +failed/);
    expect(stdout).toMatch(/good +20 +0?\.\d/);
    expect(stderr).toMatch(/layer “dead”: all centers coincide .*; check the network/);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^good, mean-field: done/),
      expect.stringMatching(/^untangle: /),
    ]);
  });
});
