import { CallError } from '../callError.ts';
import type { ShippedId } from '../data/shipped.ts';
import { convolutionOf, layerShapes, type NetworkDescription } from '../model/network.ts';
import type { OptimizerDescription } from '../model/optimizer.ts';
import type { EpochResult } from '../training/run.ts';
import type { JsonValue } from './json.ts';
import * as cells from './notebookCells.ts';
import { GLUE, GLUE_TEXT } from './notebookGlue.ts';
import { type NotebookImages, ownData, ownDataText } from './notebookImages.ts';
import { pythonLiteral } from './pythonLiteral.ts';

export interface NotebookGeometry {
  split: 'train' | 'test';
  /** How the images were drawn. The notebook repeats the draw and compares the result. */
  draw: 'notebook' | 'seeded' | 'given';
  /** Indices of the images in the split. Images of one class form one manifold, in the order of first appearance. */
  indices: ArrayLike<number>;
  kappa: number;
  /** Number of Gaussian vectors t per manifold. */
  samples: number;
  layers: {
    layer: string;
    capacity: number;
    radius: number;
    dimension: number;
    centerCorrelation: number;
    /** GLUE's figures, with capacity's standard error over t and labels. */
    glue?: {
      ensemble: string;
      center: boolean;
      capacity: number;
      dimension: number;
      radius: number;
      utility: number;
      error: number;
    };
  }[];
  /** Layers without geometry. Each `reason` is a sentence. */
  missing: { layer: string; reason: string }[];
}

/** The notebook's content, and the values to compare PyTorch's results with. */
export interface NotebookContent {
  name: string;
  network: NetworkDescription;
  /** Name of the safetensors file beside the notebook. */
  weightsFile: string;
  run: { seed: number; engine: string; step: number; epoch: number };
  /** URL of the folder with MNIST's gzipped files, used if they are not beside the notebook. */
  dataUrl?: string;
  /** The data set: one of the site, or a person's own images in a file beside the notebook. Default: MNIST. */
  data?: ShippedId | NotebookImages;
  test: { count: number; correct: number; loss: number };
  /** Outputs of the last linear layer for the images, [indices, outputs]. */
  logits: { split: 'train' | 'test'; indices: ArrayLike<number>; values: ArrayLike<number> };
  /** `losses[i]` is the loss of step i. */
  curves?: { losses: ArrayLike<number>; epochs: EpochResult[] };
  geometry?: NotebookGeometry;
  /** Settings for the last cell, which continues training. */
  training?: { optimizer: OptimizerDescription; learningRate: number; batchSize: number };
}

/** The loss curve is averaged into this many points. */
const CURVE_POINTS = 200;

/**
 * Creates a Jupyter notebook (nbformat 4.5) that rebuilds the network in PyTorch, loads the weights from the file
 * beside it, compares accuracy, loss and logits with the run, draws the figures again, and runs the reference
 * manifold analysis on the same images. The notebook needs torch, numpy and matplotlib; only the last part needs
 * mftma.
 * @returns the text of an .ipynb file.
 */
export function notebookFile(content: NotebookContent): string {
  const list = [...networkCells(content), ...figureCells(content)];
  const notebook = {
    cells: list.map(([id, kind, source]) => ({
      cell_type: kind,
      id,
      metadata: {},
      source: source.split(/(?<=\n)/),
      ...(kind === 'code' && { execution_count: null, outputs: [] }),
    })),
    metadata: {
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      language_info: { name: 'python' },
      untangle: { ...content.run },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

type Cell = [id: string, kind: 'markdown' | 'code', source: string];

/** The last linear layer, whose outputs are compared. */
function outputLayer({ network }: NotebookContent) {
  const linear = network.layers.findLast((layer) => layer.kind === 'linear');
  if (!linear) throw new CallError('notebookFile', 'expected a network with a linear layer, found none');
  return linear;
}

/** Cells that rebuild the network and compare its results with the run's. */
function networkCells(content: NotebookContent): Cell[] {
  const { name, outputs } = outputLayer(content);
  const { split, indices, values } = content.logits;
  if (values.length !== indices.length * outputs) {
    throw new CallError(
      'notebookFile',
      `expected ${indices.length} x ${outputs} logits, found ${values.length} values`,
    );
  }
  const logits = Array.from(indices, (_, i) =>
    Array.from({ length: outputs }, (__, j) => rounded(values[i * outputs + j])),
  );
  const check = {
    test: pythonLiteral({ ...content.test }),
    split: pythonLiteral(split),
    indices: pythonLiteral(Array.from(indices)),
    logits: pythonLiteral(logits),
    layer: pythonLiteral(name),
  };
  return [
    ['title', 'markdown', title(content)],
    ['imports', 'code', cells.IMPORTS],
    ...dataCells(content),
    ['network-text', 'markdown', cells.NETWORK_TEXT],
    ['network', 'code', cells.network(modules(content.network), pythonLiteral(content.weightsFile))],
    ['check-text', 'markdown', cells.CHECK_TEXT],
    ['check', 'code', cells.check(check)],
  ];
}

function dataCells({ data = 'mnist', dataUrl }: NotebookContent): Cell[] {
  if (typeof data === 'string') {
    return [
      ['data-text', 'markdown', cells.dataText(data)],
      ['data', 'code', cells.data(pythonLiteral(dataUrl ?? null), data)],
    ];
  }
  return [
    ['data-text', 'markdown', ownDataText(markdownText(data.name), data.file)],
    ['data', 'code', ownData(data)],
  ];
}

/** Cells that draw the run's figures, analyze its geometry, and train further, as far as the run has these parts. */
function figureCells(content: NotebookContent): Cell[] {
  const { network, geometry, curves, training } = content;
  const convolution = convolutionOf(network)?.name;
  const classes = typeof content.data === 'object' ? content.data.classNames.length : 10;
  const list: Cell[] = [];
  if (curves && curves.losses.length > 0) {
    list.push(['curves-text', 'markdown', cells.CURVES_TEXT], ['curves', 'code', curvesCell(curves)]);
  }
  if (convolution !== undefined) {
    const name = pythonLiteral(convolution);
    list.push(
      ['filters-text', 'markdown', cells.FILTERS_TEXT],
      ['filters', 'code', cells.filters(name)],
      ['activations', 'code', cells.activations(name)],
    );
  }
  list.push(
    ['spectrum-text', 'markdown', cells.SPECTRUM_TEXT],
    ['spectrum', 'code', cells.spectrum(pythonLiteral(outputLayer(content).name), classes)],
  );
  if (geometry) {
    list.push(['geometry-text', 'markdown', cells.geometryText(geometry.missing)]);
    if (geometry.layers.length > 0) {
      list.push(['geometry', 'code', cells.geometry(pythonLiteral(geometryValue(geometry)))]);
      if (geometry.layers.some(({ glue }) => glue !== undefined)) {
        list.push(['glue-text', 'markdown', GLUE_TEXT], ['glue', 'code', GLUE]);
      }
    }
  }
  if (training) {
    list.push(
      ['training-text', 'markdown', cells.TRAINING_TEXT],
      ['training', 'code', trainingCell(training)],
    );
  }
  return list;
}

function title({ name, run, weightsFile }: NotebookContent): string {
  return cells.title({ ...run, name: markdownText(name), weightsFile });
}

/** A name that Jupyter does not read as Markdown or HTML. */
function markdownText(name: string): string {
  return name.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()<>#+!|~$&-]/g, '\\$&');
}

/** The lines of `nn.Sequential`, with layer names that give the parameters the run's names. */
function modules(network: NetworkDescription): string {
  const shapes = layerShapes(network);
  return network.layers
    .map((layer, i) => {
      const [units] = shapes[i].shape;
      const name = pythonLiteral(layer.name);
      switch (layer.kind) {
        case 'conv':
          return `    (${name}, nn.Conv2d(${units}, ${layer.filters}, ${layer.kernelSize}${layer.padding === 'same' ? ', padding="same"' : ''})),`;
        case 'relu':
          return `    (${name}, nn.ReLU()),`;
        case 'maxPool':
          return `    (${name}, nn.MaxPool2d(${layer.size})),`;
        case 'dropout':
          return `    (${name}, nn.Dropout(${pythonLiteral(layer.rate)})),`;
        case 'flatten':
          return `    (${name}, nn.Flatten()),`;
        case 'linear':
          return `    (${name}, nn.Linear(${units}, ${layer.outputs})),`;
        case 'logSoftmax':
          return `    (${name}, nn.LogSoftmax(dim=1)),`;
        default:
          return layer satisfies never;
      }
    })
    .join('\n');
}

function trainingCell({
  optimizer,
  learningRate,
  batchSize,
}: NonNullable<NotebookContent['training']>): string {
  const rate = pythonLiteral(learningRate);
  const made =
    optimizer.kind === 'adam'
      ? `torch.optim.Adam(network.parameters(), lr=${rate})`
      : `torch.optim.SGD(network.parameters(), lr=${rate}, momentum=${pythonLiteral(optimizer.momentum)}, weight_decay=${pythonLiteral(optimizer.weightDecay)})`;
  return cells.training(made, pythonLiteral(batchSize));
}

function curvesCell({ losses, epochs }: NonNullable<NotebookContent['curves']>): string {
  const stride = Math.ceil(losses.length / CURVE_POINTS);
  const steps: number[] = [];
  const means: number[] = [];
  for (let start = 0; start < losses.length; start += stride) {
    const end = Math.min(start + stride, losses.length);
    let sum = 0;
    for (let i = start; i < end; i++) sum += losses[i];
    steps.push((start + end - 1) / 2);
    means.push(rounded(sum / (end - start)));
  }
  const table = epochs.map(({ step, trainLoss, trainAccuracy, testLoss, testAccuracy }) =>
    [step, trainLoss, trainAccuracy, testLoss, testAccuracy].map(rounded),
  );
  return cells.curves({
    steps: pythonLiteral(steps),
    losses: pythonLiteral(means),
    epochs: pythonLiteral(table),
    stride,
  });
}

function geometryValue({ split, draw, indices, kappa, samples, layers }: NotebookGeometry): JsonValue {
  return {
    split,
    draw,
    indices: Array.from(indices),
    kappa,
    samples,
    layers: layers.map(({ layer, capacity, radius, dimension, centerCorrelation, glue }) => ({
      layer,
      capacity,
      radius,
      dimension,
      centerCorrelation,
      glue: glue ? { ...glue } : null,
    })),
  };
}

/** Seven significant digits, the precision of a float32. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}
