import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type NotebookContent, notebookFile } from '../../../src/ml/formats/notebook.ts';
import { pythonLiteral } from '../../../src/ml/formats/pythonLiteral.ts';
import { notebookNetwork } from '../../../src/ml/model/network.ts';
import { parseNetworkText } from '../../../src/ml/model/text.ts';

interface Notebook {
  nbformat: number;
  nbformat_minor: number;
  metadata: { kernelspec: { name: string } };
  cells: { cell_type: string; id: string; source: string[]; outputs?: unknown[]; execution_count?: null }[];
}
interface Spectrum {
  fc_activations_f64: number[][];
}
interface NotebookGeometryGolden {
  indices: Record<string, number[]>;
  trained: Record<string, { alpha: number; R: number; D: number; rho: number }>;
}

const golden = <Content>(name: string): Content =>
  JSON.parse(readFileSync(`tests/golden/${name}.json`, 'utf8'));

/** The notebook of the trained golden model, with PyTorch's figures. */
function goldenContent(): NotebookContent {
  const logits = golden<Spectrum>('svd_pca').fc_activations_f64;
  const { indices, trained } = golden<NotebookGeometryGolden>('mftma_notebook');
  const layers = { layer_0_Input: 'input', layer_1_Conv2d: 'conv', layer_4_Linear: 'fc' };
  return {
    name: 'The notebook’s run',
    network: notebookNetwork(),
    weightsFile: 'weights.safetensors',
    run: { seed: 111, engine: 'wasm', step: 5622, epoch: 6 },
    test: { count: 10_000, correct: 9819, loss: 0.06470426172018051 },
    logits: { split: 'train', indices: [...logits.keys()], values: logits.flat() },
    curves: {
      losses: Float32Array.from({ length: 5622 }, (_, i) => 2.3 / (1 + i / 50)),
      epochs: [1, 2].map((epoch) => ({
        epoch,
        step: 937 * epoch,
        trainLoss: 0.2 / epoch,
        trainAccuracy: 0.9,
        testLoss: Number.NaN,
        testAccuracy: 0.97,
        seconds: 1,
      })),
    },
    geometry: {
      split: 'train',
      draw: 'notebook',
      indices: Object.values(indices).flat(),
      kappa: 0,
      samples: 300,
      layers: Object.entries(layers).map(([key, layer]) => {
        const { alpha, R, D, rho } = trained[key];
        return { layer, capacity: alpha, radius: R, dimension: D, centerCorrelation: rho };
      }),
      missing: [],
    },
  };
}
const parsed = (content: NotebookContent): Notebook => JSON.parse(notebookFile(content));
const sourceOf = (notebook: Notebook, id: string) =>
  notebook.cells.find((cell) => cell.id === id)?.source.join('') ?? '';

describe('notebookFile', () => {
  it('is a notebook of format 4.5', () => {
    const notebook = parsed(goldenContent());
    expect(notebook).toMatchObject({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec: { name: 'python3' } },
    });
    expect(new Set(notebook.cells.map(({ id }) => id)).size).toBe(notebook.cells.length);
    for (const { cell_type, id, source, outputs, execution_count } of notebook.cells) {
      expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      expect(source.slice(0, -1).every((line) => line.endsWith('\n'))).toBe(true);
      expect(outputs).toEqual(cell_type === 'code' ? [] : undefined);
      expect(execution_count).toBe(cell_type === 'code' ? null : undefined);
    }
  });

  it('builds the described network', () => {
    const network = notebookNetwork({ filters: 8, kernelSize: 5 });
    const source = sourceOf(
      parsed({ ...goldenContent(), network, logits: { split: 'test', indices: [], values: [] } }),
      'network',
    );
    expect(source).toContain('("conv", nn.Conv2d(1, 8, 5)),\n    ("relu", nn.ReLU()),');
    expect(source).toContain('("fc", nn.Linear(4608, 10)),');
  });

  it('omits missing parts of the run', () => {
    const { cells } = parsed({ ...goldenContent(), curves: undefined, geometry: undefined });
    expect(cells.some(({ id }) => /curves|geometry/.test(id))).toBe(false);
  });

  it('names the layers without geometry, and has the figures of the others', () => {
    const content = goldenContent();
    const { geometry } = content;
    if (!geometry) throw new Error('expected the golden content to have geometry, found none');
    const missing = [{ layer: 'relu', reason: 'All centers coincide.' }];
    const [input, ...others] = geometry.layers;
    const glue = {
      ...{ ensemble: 'balanced', center: true, capacity: 0.1, dimension: 4, radius: 1, utility: 0.2 },
      error: 0.001,
    };
    const withGlue = parsed({ ...content, geometry: { ...geometry, layers: [{ ...input, glue }] } });
    expect(sourceOf(withGlue, 'geometry')).toContain('"ensemble": "balanced"');
    expect(sourceOf(withGlue, 'geometry')).toContain('"center": True');
    expect(sourceOf(withGlue, 'glue')).toContain('nnls');
    expect(withGlue.cells.length).toBe(parsed(content).cells.length + 2);
    const some = parsed({ ...content, geometry: { ...geometry, layers: [input], missing } });
    expect(sourceOf(some, 'geometry-text')).toContain('the layer `relu`, which has no geometry: All centers');
    expect(sourceOf(some, 'geometry')).toContain(`"layer": "${input.layer}"`);
    for (const { layer } of others) expect(sourceOf(some, 'geometry')).not.toContain(`"layer": "${layer}"`);
    const none = parsed({ ...content, geometry: { ...geometry, layers: [], missing } });
    expect(none.cells.some(({ id }) => id === 'geometry')).toBe(false);
    expect(none.cells.some(({ id }) => id === 'spectrum')).toBe(true);
  });

  it('escapes names, so that none is markup or code', () => {
    const notebook = parsed({ ...goldenContent(), name: '<img src=x>\n# `a`', weightsFile: '"\n\\"+x' });
    expect(sourceOf(notebook, 'title')).toContain('# \\<img src=x\\> \\# \\`a\\`');
    expect(sourceOf(notebook, 'network')).toContain('load_safetensors("\\"\\n\\\\\\"+x")');
  });

  it('rejects logits that do not fit', () => {
    const logits = { split: 'test' as const, indices: [1, 2], values: [1] };
    expect(() => notebookFile({ ...goldenContent(), logits })).toThrow(
      'expected 2 x 10 logits, found 1 values',
    );
  });
});

describe('pythonLiteral', () => {
  it('writes values as Python does', () => {
    expect(pythonLiteral([true, false, null, 1.5, 'a"\n', { b: [] }])).toBe(
      '[True, False, None, 1.5, "a\\"\\n", {"b": []}]',
    );
    const lines = pythonLiteral({ list: Array.from({ length: 100 }, (_, i) => i) }).split('\n');
    expect(lines.length).toBeGreaterThan(4);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(101);
  });
});

it('builds a deeper network, and trains it further with its optimizer', () => {
  const network = parseNetworkText('conv 6 5x5 same, relu, pool 2, dropout 0.25, fc 84, relu, fc 10');
  const training = {
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
    learningRate: 0.05,
    batchSize: 64,
  } as const;
  const notebook: Notebook = JSON.parse(notebookFile({ ...goldenContent(), network, training }));
  const text = notebook.cells.flatMap(({ source }) => source).join('');
  for (const line of [
    '("conv", nn.Conv2d(1, 6, 5, padding="same")),',
    '("pool", nn.MaxPool2d(2)),',
    '("dropout", nn.Dropout(0.25)),',
    '("fc1", nn.Linear(1176, 84)),',
    'torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, weight_decay=0.0005)',
    'order.split(64)[:100]',
  ]) {
    expect(text).toContain(line);
  }
});
