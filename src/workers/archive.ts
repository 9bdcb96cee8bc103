import { writeNpz } from '../ml/formats/npz.ts';
import { readRunFile, writeRunFile } from '../ml/formats/runFile.ts';
import { buffersOf, buffersOfState } from '../ml/model/parameters.ts';
import type { Snapshot } from '../ml/training/snapshots.ts';
import type { ArchiveCalls } from './protocol.ts';
import { type Endpoint, serve, Transferred } from './rpc.ts';

/** Packs and unpacks files off the main thread, then ends: a long run is 250 MB. */
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
      const content = readRunFile(new Uint8Array(await file.arrayBuffer()));
      const { losses, accuracies, checkpoint } = content;
      const transfer = [
        losses.buffer,
        accuracies.buffer,
        ...content.snapshots.flatMap(({ parameters }) => buffersOf(parameters)),
      ];
      if (checkpoint) {
        transfer.push(...buffersOfState(checkpoint.state));
      }
      return new Transferred(content, transfer);
    },
    async packArrays(arrays) {
      const bytes = writeNpz(arrays);
      return new Transferred(bytes, [bytes.buffer]);
    },
  });
}
