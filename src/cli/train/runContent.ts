import { bytesOfData, type DataSet } from '../../ml/data/dataset.ts';
import { isShippedId, MNIST } from '../../ml/data/shipped.ts';
import type { RunContent } from '../../ml/formats/index.ts';
import { MOST_IMAGE_BYTES } from '../../ml/formats/runImages.ts';
import { convolutionOf, isNotebookFamily } from '../../ml/model/network.ts';
import { networkText } from '../../ml/model/text.ts';
import { bestEpochOf } from '../../ml/training/bestEpoch.ts';
import type { TrainingRun } from '../../ml/training/run.ts';
import type { TrainingPlan } from './plan.ts';

/** The sizes of the notebook's network, which the page's settings include for every network. */
const NOTEBOOK = { filters: 32, kernelSize: 3 };

type Measured = Pick<RunContent, 'created' | 'losses' | 'accuracies' | 'epochs' | 'snapshots'>;

/** A run in the form that the page saves and opens. */
export async function runContent(
  plan: TrainingPlan,
  run: TrainingRun,
  { created, losses, accuracies, epochs, snapshots }: Measured,
): Promise<RunContent> {
  const { seed, step } = run.position;
  const bestStep = bestEpochOf(epochs)?.step;
  return {
    ...{ name: `Seed ${seed}, step ${step}`, created },
    ...dataOf(plan.data),
    network: plan.network,
    settings: settingsOf(plan, seed),
    log: [...run.log],
    ...{ losses, accuracies, epochs, snapshots },
    bestStep: snapshots.some((snapshot) => snapshot.step === bestStep) ? bestStep : undefined,
    checkpoint: { position: structuredClone(run.position), state: await run.engine.state() },
    results: {},
    attachments: new Map(),
  };
}

/** The description of the data, with own images if they are small enough. */
function dataOf(data: DataSet): Pick<RunContent, 'dataSet' | 'data' | 'images'> {
  const { id, name, sha256, classNames } = data;
  if (id === MNIST.id) return { dataSet: name };
  const travels = !isShippedId(id) && bytesOfData(data) <= MOST_IMAGE_BYTES;
  return { dataSet: name, data: { id, name, sha256, classNames }, ...(travels && { images: data }) };
}

/** The settings as the page stores them; `tests/lab/trainedOutside.test.ts` opens a run with them. */
function settingsOf(
  { data, network, optimizer, epochs, batchSize, learningRate }: TrainingPlan,
  seed: number,
): RunContent['settings'] {
  const conv = convolutionOf(network);
  const isNotebook = conv !== undefined && isNotebookFamily(network);
  return {
    ...{ seed, data: data.id, epochs, batchSize, learningRate },
    network: isNotebook ? 'notebook' : networkText(network),
    filters: isNotebook ? conv.filters : NOTEBOOK.filters,
    kernelSize: isNotebook ? conv.kernelSize : NOTEBOOK.kernelSize,
    optimizer: { ...optimizer },
    ...{ attack: 'none', engine: 'wasm', speed: 'fastest' },
  };
}
