import { CallError } from '../callError.ts';
import { type NetworkDescription, parameterShapes } from '../model/network.ts';
import { SLOTS } from '../model/optimizer.ts';
import { assertParameters, type OptimizerState, type Parameters } from '../model/parameters.ts';
import type { Snapshot } from '../training/snapshots.ts';
import { type JsonValue, parseJson } from './json.ts';
import { folderWith, withoutNoise } from './repacked.ts';
import type { RunContent } from './runContent.ts';
import { readImagesOfRun, writeImages } from './runImages.ts';
import { type Manifest, readManifest, writeManifest } from './runManifest.ts';
import {
  float32Tensor,
  float32Values,
  parseSafetensors,
  type Tensor,
  writeSafetensors,
} from './safetensors.ts';
import { readZip, writeZip, type ZipLimits } from './zip.ts';

/**
 * A run as one file, `.untangle.zip`:
 *
 *     manifest.json            what the run is: settings, network, log, epochs, list of snapshots
 *     steps.csv                loss and accuracy of every step
 *     snapshots/STEP.safetensors
 *     checkpoint.safetensors   parameters and the optimizer's slots (exp_avg, exp_avg_sq; momentum_buffer), to go on from
 *     data/                    a person's own images as IDX files, where they are small
 *     results/NAME.json        what the panels found
 *     figures/, tables/        PNG, SVG and CSV
 */

const MANIFEST = 'manifest.json';
const STEPS = 'steps.csv';
const STEPS_HEADER = 'step,loss,accuracy';
const CHECKPOINT = 'checkpoint.safetensors';
/** Of one text file: JSON takes some ten times its length in memory. */
const MAX_TEXT = 2 ** 25;
const RESULT = /^results\/([\w-]{1,80})\.json$/;
const ATTACHMENT = /^(?:figures|tables)\/[\w-][\w.-]{0,80}\.(?:png|svg|csv)$/;

/** Writes a run; the same run gives the same bytes. */
export function writeRunFile(run: RunContent): Uint8Array<ArrayBuffer> {
  const files = new Map<string, Uint8Array>([
    [MANIFEST, encode(JSON.stringify(writeManifest(run), null, 1))],
    [STEPS, encode(writeSteps(run))],
  ]);
  for (const { step, parameters } of run.snapshots) {
    assertParameters(run.network, parameters, 'writeRunFile');
    files.set(snapshotPath(step), writeSafetensors({ tensors: tensorsOf(run.network, parameters) }));
  }
  if (run.checkpoint) {
    const { parameters, optimizer } = run.checkpoint.state;
    assertParameters(run.network, parameters, 'writeRunFile');
    const tensors = new Map([
      ...Object.entries(optimizer.slots).flatMap(([slot, values]) => [
        ...tensorsOf(run.network, values, `${slot}.`),
      ]),
      ...tensorsOf(run.network, parameters),
    ]);
    // A file without the kind is Adam's, as all were before there was another optimizer.
    const metadata: Record<string, string> = { step: String(optimizer.step) };
    if (optimizer.kind !== 'adam') metadata.optimizer = optimizer.kind;
    files.set(CHECKPOINT, writeSafetensors({ tensors, metadata }));
  }
  for (const [path, bytes] of run.images ? writeImages(run.images) : []) files.set(path, bytes);
  for (const [name, result] of Object.entries(run.results)) {
    files.set(checkedPath(`results/${name}.json`, RESULT), encode(JSON.stringify(result)));
  }
  for (const [path, bytes] of run.attachments) files.set(checkedPath(path, ATTACHMENT), bytes);
  return writeZip(files, { stored: (name) => /\.(safetensors|png)$/.test(name) });
}

/**
 * Reads a run that someone else may have written. Files that a later version may add are passed over.
 * @throws an Error that says what is wrong.
 */
export function readRunFile(archive: Uint8Array, limits?: ZipLimits): RunContent {
  const all = readZip(archive, limits);
  return readRun(runFolder(all) ?? all);
}

/** The files of a run in an archive, wherever they lie in it; undefined if the archive is no run's. */
export function runFolder(files: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> | undefined {
  return folderWith(withoutNoise(files), MANIFEST, STEPS);
}

/** As `readRunFile`, from the files of the archive. */
export function readRun(files: Map<string, Uint8Array>): RunContent {
  const manifest = readManifest(parseJson(decode(files, MANIFEST), MANIFEST));
  const { checkpoint, snapshots, ...rest } = manifest;
  const results: { [name: string]: JsonValue } = {};
  const attachments = new Map<string, Uint8Array>();
  for (const [path, bytes] of files) {
    const name = RESULT.exec(path)?.[1];
    if (name !== undefined) {
      results[name] = parseJson(decode(files, path), path).value ?? null;
    } else if (ATTACHMENT.test(path)) {
      attachments.set(path, bytes);
    }
  }
  return {
    ...rest,
    images: readImagesOfRun(files, rest.data),
    ...readSteps(decode(files, STEPS)),
    snapshots: snapshots.map((snapshot) => readSnapshot(files, manifest.network, snapshot)),
    checkpoint: checkpoint && { position: checkpoint, state: readCheckpoint(files, manifest.network) },
    results,
    attachments,
  };
}

function snapshotPath(step: number): string {
  return `snapshots/${String(step).padStart(6, '0')}.safetensors`;
}

function checkedPath(path: string, allowed: RegExp): string {
  if (allowed.test(path)) return path;
  throw new CallError('writeRunFile', `expected a path such as ${allowed}, found ${JSON.stringify(path)}`);
}

function tensorsOf(network: NetworkDescription, values: Parameters, prefix = ''): Map<string, Tensor> {
  return new Map(
    parameterShapes(network).map(({ name, shape }) => [prefix + name, float32Tensor(values[name], shape)]),
  );
}

function readParameters(
  tensors: Map<string, Tensor>,
  network: NetworkDescription,
  path: string,
  prefix = '',
): Parameters {
  const parameters: Parameters = {};
  for (const { name, shape } of parameterShapes(network)) {
    const tensor = tensors.get(prefix + name);
    if (tensor?.shape.join() !== shape.join()) {
      throw new CallError(
        'readRunFile',
        `expected "${prefix}${name}" of shape [${shape}] in ${path}, found ${tensor ? `[${tensor.shape}]` : 'none'}`,
      );
    }
    parameters[name] = float32Values(tensor);
  }
  assertParameters(network, parameters, 'readRunFile', path);
  return parameters;
}

function readSnapshot(
  files: Map<string, Uint8Array>,
  network: NetworkDescription,
  snapshot: Manifest['snapshots'][number],
): Snapshot {
  const path = snapshotPath(snapshot.step);
  const { tensors } = parseSafetensors(fileOf(files, path));
  return { ...snapshot, parameters: readParameters(tensors, network, path) };
}

function readCheckpoint(files: Map<string, Uint8Array>, network: NetworkDescription) {
  const { tensors, metadata } = parseSafetensors(fileOf(files, CHECKPOINT));
  const step = Number(metadata?.step);
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new CallError('readRunFile', `expected the optimizer's step in ${CHECKPOINT}, found none`);
  }
  const kind = metadata?.optimizer ?? 'adam';
  if (kind !== 'adam' && kind !== 'sgd') {
    throw new CallError(
      'readRunFile',
      `expected the optimizer adam or sgd in ${CHECKPOINT}, found "${kind}"`,
    );
  }
  const [first] = parameterShapes(network);
  const slots = SLOTS[kind].filter((slot) => kind === 'adam' || tensors.has(`${slot}.${first?.name}`));
  const optimizer: OptimizerState = {
    kind,
    step,
    slots: Object.fromEntries(
      slots.map((slot) => [slot, readParameters(tensors, network, CHECKPOINT, `${slot}.`)]),
    ),
  };
  return { parameters: readParameters(tensors, network, CHECKPOINT), optimizer };
}

/** Nine significant digits tell every float32 from its neighbors. */
function writeSteps({ losses, accuracies }: RunContent): string {
  if (losses.length !== accuracies.length) {
    throw new CallError(
      'writeRunFile',
      `expected as many losses as accuracies, found ${losses.length} and ${accuracies.length}`,
    );
  }
  const digits = (value: number) => String(Number(value.toPrecision(9)));
  const lines = Array.from(losses, (loss, step) => `${step},${digits(loss)},${digits(accuracies[step])}`);
  return `${[STEPS_HEADER, ...lines].join('\n')}\n`;
}

function readSteps(csv: string): { losses: Float32Array; accuracies: Float32Array } {
  const [header, ...lines] = csv.trimEnd().split('\n');
  if (header !== STEPS_HEADER) {
    throw new CallError('readRunFile', `expected the columns ${STEPS_HEADER} in ${STEPS}, found others`);
  }
  const losses = new Float32Array(lines.length);
  const accuracies = new Float32Array(lines.length);
  lines.forEach((line, i) => {
    const [step, loss, accuracy] = line.split(',');
    if (step !== String(i) || accuracy === undefined) {
      throw new CallError(
        'readRunFile',
        `expected step ${i} with its loss and accuracy in ${STEPS}, found another line`,
      );
    }
    losses[i] = Number(loss);
    accuracies[i] = Number(accuracy);
  });
  return { losses, accuracies };
}

function fileOf(files: Map<string, Uint8Array>, path: string): Uint8Array {
  const bytes = files.get(path);
  if (!bytes)
    throw new CallError('readRunFile', `expected ${path} in the archive, found none: this is no run's file`);
  return bytes;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(files: Map<string, Uint8Array>, path: string): string {
  const bytes = fileOf(files, path);
  if (bytes.length > MAX_TEXT) {
    throw new CallError(
      'readRunFile',
      `expected at most ${MAX_TEXT} bytes in ${path}, found ${bytes.length}`,
    );
  }
  return new TextDecoder().decode(bytes);
}
