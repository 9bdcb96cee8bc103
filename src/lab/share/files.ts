import type { StoreApi } from 'zustand/vanilla';
import { CallError } from '../../ml/callError.ts';
import { dataHash } from '../../ml/data/dataHash.ts';
import { ownDataId } from '../../ml/data/dataId.ts';
import type { DataSet } from '../../ml/data/dataset.ts';
import { Json } from '../../ml/formats/json.ts';
import { notebookFile } from '../../ml/formats/notebook.ts';
import type { NpyArray } from '../../ml/formats/npz.ts';
import type { RunContent } from '../../ml/formats/runContent.ts';
import { safetensorsFromParameters } from '../../ml/formats/safetensors.ts';
import { shapeAt, sizeOf } from '../../ml/model/network.ts';
import type { Schedule } from '../../ml/training/schedule.ts';
import type { SnapshotStore } from '../../ml/training/snapshots.ts';
import type { Workers } from '../../workers/client.ts';
import { analyzedLayers, checkLayer } from '../ask/layers.ts';
import { checkSplit, selectIndices } from '../ask/selection.ts';
import type { DataSets } from '../data/dataSets.ts';
import type { GeometryFollow } from '../geometry/geometryFollow.ts';
import type { GeometryQuestion } from '../geometry/geometryQuestion.ts';
import { resultsFile } from '../keep/findings.ts';
import type { Keeper } from '../keep/keeper.ts';
import { checkRun } from '../run/openedRun.ts';
import type { Replacing } from '../run/replacing.ts';
import { shapeOf } from '../state/networkShape.ts';
import type { LabMoment, LabState, Moment } from '../state/state.ts';
import { attachmentsOf } from './attachments.ts';
import { exportData, notebookData } from './dataFile.ts';
import { EXPORT_KINDS, type ExportKind, type ExportOptions, type Imported } from './fileKinds.ts';
import { notebookGeometry } from './notebookGeometry.ts';
import { presentRun } from './presentRun.ts';
import { RECORDED_FILES, type RecordedOptions, recordedCheckpoint } from './recordedRun.ts';

/** The parts of the lab needed to save and open files. */
export interface FilesLab {
  ready: Promise<void>;
  store: StoreApi<LabState>;
  workers: Workers;
  snapshots: SnapshotStore;
  keep: Pick<Keeper, 'findings' | 'refresh'>;
  dataUrl: string;
  pageUrl: string;
  momentAt(at: Moment | 'best'): Promise<LabMoment>;
  dataSets: Pick<DataSets, 'add'>;
  restart: Replacing['restart'];
  openRun: Replacing['openRun'];
  loadParameters: Replacing['loadParameters'];
}

/** A notebook has the figures of Geometry. */
interface ExportedLab extends FilesLab {
  geometry: Pick<GeometryFollow, 'store'>;
  analysis: Pick<GeometryQuestion, 'geometryOf'>;
}

/** Larger files are rejected before reading. */
const MOST_BYTES = 2 ** 29;
const DEFAULT_COUNT = 100;
/** Number of logits that the notebook compares. */
const LOGITS = 10;
/** Images per forward pass. */
const CHUNK = 100;

/** Creates a file of the run, or of a part of it. */
export async function exportFile(
  lab: ExportedLab,
  kind: ExportKind,
  options: ExportOptions = {},
): Promise<File> {
  await lab.ready;
  switch (kind) {
    case 'run':
      return exportRun(lab);
    case 'parameters':
      return exportParameters(lab, options);
    case 'activations':
      return exportActivations(lab, options);
    case 'notebook':
      return exportNotebook(lab, options);
    case 'data':
      return exportData(lab);
    default:
      kind satisfies never;
      throw new CallError(
        'export',
        `expected one of ${EXPORT_KINDS.join(', ')}, found ${JSON.stringify(kind)}`,
      );
  }
}

async function exportRun(lab: FilesLab): Promise<File> {
  const { store, workers, snapshots, keep } = lab;
  const { snapshots: moments, ...run } = await presentRun({
    labStore: store,
    trainer: workers.trainer,
    snapshots,
  });
  const { seed, step } = run.checkpoint?.position ?? { seed: 0, step: 0 };
  // A file has no findings about steps after its checkpoint.
  const findings = keep.findings.all().filter((finding) => finding.step <= step);
  const content: Omit<RunContent, 'snapshots'> = {
    ...run,
    results: resultsFile(findings),
    attachments: attachmentsOf(run, findings),
    name: `Seed ${seed}, step ${step}`,
    created: new Date().toISOString(),
  };
  const bytes = await workers.withArchive(async (archive) => {
    for (const moment of moments) await archive.call('addSnapshot', moment);
    return archive.call('packRun', content);
  });
  return new File([bytes], `${baseName(seed, step)}.untangle.zip`, { type: 'application/zip' });
}

async function exportParameters(lab: FilesLab, { at = 'live' }: ExportOptions): Promise<File> {
  const { network, parameters, step } = await lab.momentAt(at);
  const bytes = safetensorsFromParameters(network, parameters, { step: String(step) });
  return new File([bytes], parametersName(lab, step), { type: 'application/octet-stream' });
}

async function exportActivations(
  lab: FilesLab,
  { at = 'live', layers, split = 'train', indices }: ExportOptions,
): Promise<File> {
  const moment = await lab.momentAt(at);
  const { data, network, settings } = lab.store.getState();
  if (!data) throw new CallError('export', 'expected the data set first; await lab.ready');
  const caller = 'export';
  const names = (layers ?? analyzedLayers(network)).map((layer) => checkLayer(network, layer, caller));
  const wanted = indices ?? Int32Array.from({ length: DEFAULT_COUNT }, (_, i) => i);
  const selection = selectIndices(data, checkSplit(split, caller), wanted, caller);
  const count = selection.indices.length;
  const pixels = Float32Array.from(selection.images, (byte) => byte / 255);
  const size = pixels.length / count;
  const arrays: Record<string, NpyArray> = {
    indices: { data: Int32Array.from(selection.indices), shape: [count] },
    labels: { data: Uint8Array.from(selection.labels), shape: [count] },
  };
  for (const layer of names) {
    const shape = [count, ...shapeAt(network, layer)];
    const values = new Float32Array(sizeOf(shape));
    for (let start = 0; start < count; start += CHUNK) {
      const images = pixels.slice(start * size, (start + CHUNK) * size);
      const answer = await lab.workers.inspector.call('forward', { moment, images, layer });
      values.set(answer.data, (start / count) * values.length);
    }
    arrays[layer] = { data: values, shape };
  }
  const bytes = await lab.workers.withArchive((archive) => archive.call('packArrays', arrays));
  const name = `${baseName(settings.seed, moment.step)}-activations.npz`;
  return new File([bytes], name, { type: 'application/octet-stream' });
}

async function exportNotebook(lab: ExportedLab, { at = 'live' }: ExportOptions): Promise<File> {
  const moment = await lab.momentAt(at);
  const { store, workers } = lab;
  const { data, network, engine, history, settings } = store.getState();
  const linear = network.layers.findLast(({ kind }) => kind === 'linear');
  if (!data || !linear) throw new CallError('export', 'expected the data set first; await lab.ready');
  const { step } = moment;
  const epoch = history.epochs.filter((each) => each.step <= step).length;
  const indices = Array.from({ length: Math.min(LOGITS, data.test.count) }, (_, i) => i);
  const images = Float32Array.from(
    selectIndices(data, 'test', indices, 'export').images,
    (byte) => byte / 255,
  );
  const test = await workers.inspector.call('evaluate', { moment });
  const logits = await workers.inspector.call('forward', { moment, images, layer: linear.name });
  const text = notebookFile({
    name: `Seed ${seedOf(lab)}, step ${step}`,
    network,
    weightsFile: parametersName(lab, step),
    run: { seed: seedOf(lab), engine: engine?.id ?? 'wasm', step, epoch },
    ...notebookData(data, lab.dataUrl),
    test: { count: test.count, correct: test.correct, loss: test.loss },
    logits: { split: 'test', indices, values: logits.data },
    curves: {
      losses: history.losses.slice(0, Math.min(step, history.length)),
      epochs: history.epochs.slice(0, epoch),
    },
    geometry: await notebookGeometry(lab, moment),
    training: {
      optimizer: settings.optimizer,
      learningRate: (await scheduleOf(settings.learningRate)).at({ epoch, step }),
      batchSize: settings.batchSize,
    },
  });
  return new File([text], `${baseName(seedOf(lab), step)}.ipynb`, { type: 'application/x-ipynb+json' });
}

/** The parser of learning rates is fetched on first use. */
async function scheduleOf(learningRate: string): Promise<Schedule> {
  const { parseSchedule } = await import('../../ml/training/schedule.ts');
  return parseSchedule(learningRate);
}

/**
 * Opens a run file as the present run, or a PyTorch, safetensors or NumPy file as the network's parameters.
 * @throws an Error that says what is wrong with the file; the present run then continues.
 */
export async function importFile(lab: FilesLab, file: Blob): Promise<Imported> {
  await lab.ready;
  if (file.size > MOST_BYTES) {
    throw new CallError(
      'import',
      `expected a file of at most ${MOST_BYTES / 2 ** 20} MB, found ${Math.round(file.size / 2 ** 20)} MB`,
    );
  }
  const like = lab.store.getState().network;
  const opened = await lab.workers.withArchive((archive) => archive.call('openFile', { file, like }));
  if (opened.kind === 'run') {
    const { images, ...run } = opened.run;
    const checked = await checkRun(run, lab.store.getState());
    if (images) await takeImages(lab, images);
    await lab.openRun(checked);
    // From now on, a reload reopens this run.
    await lab.keep.refresh();
    return { kind: 'run', step: lab.store.getState().step };
  }
  const { network, parameters, format, renamed, unused } = opened;
  await lab.restart(shapeOf(network));
  await lab.loadParameters(parameters, file instanceof File ? file.name : `a ${format} file`);
  return { kind: 'parameters', step: 0, format, renamed, unused };
}

/** Keeps the images of a run's file. @throws unless they are those that the run names. */
async function takeImages({ dataSets, store }: FilesLab, images: DataSet): Promise<void> {
  if (store.getState().data?.id === images.id) return;
  const sha256 = await dataHash(images);
  if (sha256 !== images.sha256 || ownDataId(sha256) !== images.id) {
    throw new CallError(
      'import',
      `expected the images “${images.name}”, found others in the file: it is damaged`,
    );
  }
  await dataSets.add(images);
}

/**
 * Shows a recorded run, unless something else has started while it was fetched. The next training starts a new run.
 */
export async function openRecorded(
  lab: FilesLab,
  { id = 'notebook', isWanted = () => true }: RecordedOptions = {},
): Promise<void> {
  await lab.ready;
  const response = await fetch(new URL(RECORDED_FILES[id], lab.pageUrl));
  if (!response.ok) {
    throw new CallError(
      'openRecorded',
      `expected ${RECORDED_FILES[id]} beside the page, found status ${response.status}`,
    );
  }
  const file = await response.blob();
  const content = await lab.workers.withArchive((archive) => archive.call('unpackRun', { file }));
  const seed = new Json(content.settings, 'settings').get('seed').whole();
  const initial = await lab.workers.trainer.call('preview', { seed, network: content.network });
  const recorded = { ...content, ...recordedCheckpoint(content, { seed, initial }) };
  const checked = await checkRun(recorded, lab.store.getState());
  if (isWanted()) await lab.openRun(checked, { recorded: id });
}

function seedOf({ store }: Pick<FilesLab, 'store'>): number {
  const { log, settings } = store.getState();
  const reset = log.findLast((entry) => entry.kind === 'reset');
  return reset?.kind === 'reset' ? reset.seed : settings.seed;
}

function parametersName(lab: FilesLab, step: number): string {
  return `${baseName(seedOf(lab), step)}.safetensors`;
}

function baseName(seed: number, step: number): string {
  return `untangle-seed${seed}-step${step}`;
}
