import { writeNpz } from '../ml/formats/npz.ts';
import { openFile, openParameters } from '../ml/formats/open/openFile.ts';
import type { RunContent } from '../ml/formats/runContent.ts';
import { readRunFile, writeRunFile } from '../ml/formats/runFile.ts';
import { buffersOf, buffersOfState } from '../ml/model/parameters.ts';
import type { Snapshot } from '../ml/training/snapshots.ts';
import type { ArchiveCalls } from './protocol.ts';
import { type Endpoint, serve, Transferred } from './rpc.ts';

/** Packs and unpacks files off the main thread, because a long run takes 250 MB. The worker then ends. */
export function createArchive(endpoint: Endpoint): void {
  const snapshots: Snapshot[] = [];

  serve<ArchiveCalls, never>(endpoint, {
    async addSnapshot(snapshot) {
      snapshots.push(snapshot);
    },
    async packRun(content) {
      const bytes = writeRunFile({ ...content, snapshots });
      return new Transferred(bytes, [bytes.buffer]);
    },
    async unpackRun({ file }) {
      const content = readRunFile(await bytesOf(file));
      return new Transferred(content, buffersOfRun(content));
    },
    async openFile({ file, like }) {
      const opened = openFile(await bytesOf(file), like);
      const transfer = opened.kind === 'run' ? buffersOfRun(opened.run) : buffersOf(opened.parameters);
      return new Transferred(opened, transfer);
    },
    async openParameters({ file, like, freeSizes }) {
      const opened = openParameters(await bytesOf(file), like, { freeSizes });
      return new Transferred(opened, buffersOf(opened.parameters));
    },
    async packArrays(arrays) {
      const bytes = writeNpz(arrays);
      return new Transferred(bytes, [bytes.buffer]);
    },
  });
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

function buffersOfRun({ losses, accuracies, snapshots, checkpoint, images }: RunContent): ArrayBufferLike[] {
  return [
    losses.buffer,
    accuracies.buffer,
    ...(images
      ? [images.train, images.test].flatMap((part) => [part.images.buffer, part.labels.buffer])
      : []),
    ...snapshots.flatMap(({ parameters }) => buffersOf(parameters)),
    ...(checkpoint ? buffersOfState(checkpoint.state) : []),
  ];
}
