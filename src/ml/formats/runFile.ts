import { CallError } from '../callError.ts';
import { type JsonValue, parseJson } from './json.ts';
import { folderWith, withoutNoise } from './repacked.ts';
import type { RunContent } from './runContent.ts';
import { readImagesOfRun, writeImages } from './runImages.ts';
import { readManifest, writeManifest } from './runManifest.ts';
import {
  attachmentPaths,
  checkpointFile,
  type FileForm,
  parametersFile,
  resultPaths,
  stepsFile,
  textFile,
} from './runParts.ts';
import { readZip, writeZip, type ZipLimits } from './zip.ts';

/**
 * A run as one file, `.untangle.zip`:
 *
 *     manifest.json            settings, network, log, epochs, list of snapshots
 *     steps.csv                loss and accuracy of every step
 *     snapshots/STEP.safetensors
 *     checkpoint.safetensors   parameters and the optimizer's slots (exp_avg, exp_avg_sq; momentum_buffer), to continue from
 *     data/                    a person's own images as IDX files, if they are small
 *     results/NAME.json        the panels' results
 *     figures/, tables/        PNG, SVG and CSV
 */

const MANIFEST = 'manifest.json';
const STEPS = 'steps.csv';
const CHECKPOINT = 'checkpoint.safetensors';

/** Writes a run; the same run gives the same bytes. */
export function writeRunFile(run: RunContent): Uint8Array<ArrayBuffer> {
  const files = new Map<string, Uint8Array>([
    [MANIFEST, textFile.write(JSON.stringify(writeManifest(run), null, 1))],
    [STEPS, stepsFile.write(run)],
  ]);
  const parameters = parametersFile(run.network);
  for (const snapshot of run.snapshots) {
    files.set(snapshotPath(snapshot.step), parameters.write(snapshot.parameters));
  }
  if (run.checkpoint) files.set(CHECKPOINT, checkpointFile(run.network).write(run.checkpoint.state));
  for (const [path, bytes] of run.images ? writeImages(run.images) : []) files.set(path, bytes);
  for (const [name, result] of Object.entries(run.results)) {
    files.set(resultPaths.path(name), textFile.write(JSON.stringify(result)));
  }
  for (const [path, bytes] of run.attachments) files.set(attachmentPaths.path(path), bytes);
  return writeZip(files, { stored: (name) => /\.(safetensors|png)$/.test(name) });
}

/**
 * Reads an untrusted run file. Unknown files, which later versions may add, are ignored.
 * @throws an Error that says what is wrong.
 */
export function readRunFile(archive: Uint8Array, limits?: ZipLimits): RunContent {
  const all = readZip(archive, limits);
  return readRun(runFolder(all) ?? all);
}

/** The files of a run in an archive, in any folder; undefined if the archive is not a run file. */
export function runFolder(files: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> | undefined {
  return folderWith(withoutNoise(files), MANIFEST, STEPS);
}

/** Like `readRunFile`, from the archive's files. */
export function readRun(files: Map<string, Uint8Array>): RunContent {
  const read = <Content>(path: string, form: FileForm<Content>) => form.read(fileOf(files, path), path);
  const manifest = readManifest(parseJson(read(MANIFEST, textFile), MANIFEST));
  const { checkpoint, snapshots, ...rest } = manifest;
  const parameters = parametersFile(rest.network);
  return {
    ...rest,
    images: readImagesOfRun(files, rest.data),
    ...read(STEPS, stepsFile),
    snapshots: snapshots.map((snapshot) => ({
      ...snapshot,
      parameters: read(snapshotPath(snapshot.step), parameters),
    })),
    checkpoint: checkpoint && { position: checkpoint, state: read(CHECKPOINT, checkpointFile(rest.network)) },
    ...readOthers(files),
  };
}

function readOthers(files: ReadonlyMap<string, Uint8Array>): Pick<RunContent, 'results' | 'attachments'> {
  const results: { [name: string]: JsonValue } = {};
  const attachments = new Map<string, Uint8Array>();
  for (const [path, bytes] of files) {
    const name = resultPaths.name(path);
    if (name !== undefined) results[name] = parseJson(textFile.read(bytes, path), path).plain();
    else if (attachmentPaths.name(path) !== undefined) attachments.set(path, bytes);
  }
  return { results, attachments };
}

function snapshotPath(step: number): string {
  return `snapshots/${String(step).padStart(6, '0')}.safetensors`;
}

function fileOf(files: ReadonlyMap<string, Uint8Array>, path: string): Uint8Array {
  const bytes = files.get(path);
  if (bytes) return bytes;
  throw new CallError('readRunFile', `expected ${path} in the archive, found none: this is not a run file`);
}
