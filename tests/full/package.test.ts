import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesSource, openArrayFile, readRunFile, writeNpz } from '../../src/ml/formats/index.ts';
import { analyzeManifolds, glueGeometry, groupByLabel } from '../../src/ml/geometry/index.ts';

/** An empty folder with the package in it, and files made by numpy. */
const folder = mkdtempSync(join(tmpdir(), 'untangle-package-'));
const NUMPY = 'tests/fixtures/numpy';
/** On Windows, npm and npx are scripts, which only a shell starts. */
const shell = process.platform === 'win32';

function untangle(...args: string[]) {
  return spawnSync('npx', ['--no-install', 'untangle', ...args], { cwd: folder, encoding: 'utf8', shell });
}

beforeAll(() => {
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    encoding: 'utf8',
    shell,
  });
  const tarball = packed.trim().split('\n').at(-1) ?? '';
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${tarball}`], {
    cwd: folder,
    shell,
  });
  for (const name of ['acts.npz', 'labels.npy']) copyFileSync(join(NUMPY, name), join(folder, name));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package, in an empty folder', () => {
  it('has no dependency and is small', () => {
    const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
    expect(Object.keys(packages)).toEqual(['', 'node_modules/untangle']);
    const [{ unpackedSize }] = JSON.parse(
      execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8', shell }),
    );
    expect(unpackedSize).toBeLessThan(4 * 2 ** 20);
  });

  it('gives the library’s figures of a file made by numpy', async () => {
    const { status, stdout } = untangle(
      'geometry',
      'acts.npz',
      '--labels',
      'labels.npy',
      '--seed',
      '1',
      '--json',
    );
    expect(status).toBe(0);
    const read = async (name: string) => {
      const source = bytesSource(new Uint8Array(readFileSync(join(NUMPY, name))), name);
      const [array] = (await openArrayFile(source)).arrays;
      return Float32Array.from(await array.rows(Array.from({ length: 60 }, (_, row) => row)));
    };
    const [data, labels] = [await read('acts.npz'), await read('labels.npy')];
    const { manifolds } = groupByLabel({ data, rows: 60, columns: 20 }, labels);
    const { capacity, radius, dimension } = analyzeManifolds(manifolds, { seed: 1 });
    const [glue, meanField] = JSON.parse(stdout).analyses;
    const expected = glueGeometry(manifolds, { seed: 1 });
    expect(glue).toMatchObject({
      layer: 'first',
      estimator: 'glue',
      figures: { capacity: { value: expected.capacity }, radius: { value: expected.radius } },
    });
    expect(meanField).toMatchObject({
      layer: 'first',
      estimator: 'mean-field',
      figures: { capacity: { value: capacity }, radius: { value: radius }, dimension: { value: dimension } },
    });
  });

  it('answers bad input with one line and exit code 2', () => {
    const { status, stdout, stderr } = untangle('geometry', 'none.npz', '--labels', 'labels.npy');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(
      /^untangle: none\.npz: expected a file that can be read, found none; check the path\.\n$/,
    );
  });

  it('trains a run for each seed, on threads that share memory, bit-identical to one thread', () => {
    const data = join(process.cwd(), 'public/mnist');
    const parametersOf = (workers: number) => {
      const out = `runs${workers}`;
      const args = ['--network', 'lenet', '--data', data, '--seed', '1..2', '--steps', '20', '--out', out];
      const { status, stderr } = untangle('train', ...args, '--workers', String(workers), '--quiet');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return [1, 2].map((seed) => {
        const file = readFileSync(join(folder, out, `lenet-seed${seed}.untangle.zip`));
        return readRunFile(new Uint8Array(file)).checkpoint?.state.parameters;
      });
    };
    const [one, two] = parametersOf(1);
    expect(one?.['conv1.weight']).toHaveLength(150);
    expect(two).not.toEqual(one);
    expect(parametersOf(2)).toEqual([one, two]);
  });

  it.skipIf(shell)(
    'keeps what is done at Ctrl-C, which a terminal sends to npx and the tool alike',
    async () => {
      const labels = Int32Array.from({ length: 600 }, (_, i) => i % 10);
      const layer = (units: number) => ({
        data: Float32Array.from({ length: 600 * units }, (_, i) => Math.sin(i * i)),
        shape: [600, units],
      });
      writeFileSync(
        join(folder, 'large.npz'),
        writeNpz({ small: layer(4), large: layer(784), y: { data: labels, shape: [600] } }),
      );
      const args = ['--estimator', 'mean-field', '--samples', '2000', '--threads', '1', '--out', 'part.json'];
      const child = spawn('npx', ['--no-install', 'untangle', 'geometry', 'large.npz', ...args], {
        ...{ cwd: folder, detached: true },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr.on('data', (text: Buffer) => {
        if (child.pid && String(text).includes('small, mean-field: done')) process.kill(-child.pid, 'SIGINT');
      });
      await new Promise((resolve) => child.once('close', resolve));
      const { complete, analyses } = JSON.parse(readFileSync(join(folder, 'part.json'), 'utf8'));
      expect(complete).toBe(false);
      expect(analyses.map(({ status }: { status: string }) => status)).toEqual(['done', 'interrupted']);
    },
  );

  it('is a library of ES modules with types', () => {
    writeFileSync(
      join(folder, 'use.ts'),
      `import { readFileSync } from 'node:fs';
import { bytesSource, openArrayFile } from 'untangle/formats';
import { analyzeManifolds, debiasedCkaMatrix, groupByLabel, type GeometryResult } from 'untangle/geometry';
import { analyzeSpectrum } from 'untangle/spectrum';

async function read(name: string): Promise<{ data: Float32Array; rows: number; columns: number }> {
  const { arrays: [array] } = await openArrayFile(bytesSource(readFileSync(name), name));
  const [rows, columns = 1] = array.shape;
  const data = await array.rows(Array.from({ length: rows }, (_, row) => row));
  return { data: Float32Array.from(data), rows, columns };
}

const activations = await read('acts.npz');
const labels = await read('labels.npy');
const result: GeometryResult = analyzeManifolds(groupByLabel(activations, labels.data).manifolds, { samples: 50 });
const first: number = analyzeSpectrum(activations).singularValues[0];
const cka: Float64Array = debiasedCkaMatrix([activations, activations], { sharedUnits: true });
console.log(JSON.stringify([result.perManifold.length, first > 0, cka[1].toFixed(9)]));
`,
    );
    const tsc = join(process.cwd(), 'node_modules/typescript/bin/tsc');
    const types = join(process.cwd(), 'node_modules/@types');
    const flags = [
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--types',
      'node',
      '--typeRoots',
      types,
    ];
    const { status, stdout } = spawnSync(process.execPath, [tsc, ...flags, 'use.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    const output = execFileSync(process.execPath, ['use.js'], { cwd: folder, encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual([5, true, '1.000000000']);
  });
});
