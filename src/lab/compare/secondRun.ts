import { type LabeledImages, pixelCount } from '../../ml/data/dataset.ts';
import type { Parameters } from '../../ml/model/parameters.ts';
import type { Workers } from '../../workers/client.ts';
import type { SecondRunJob, TrainingPart } from '../../workers/protocol.ts';

/** Number of images per message. */
const PART = 3000;

/** Trains a separate network in a worker. The training set is sent in parts, so that the page stays responsive. */
export async function trainSecond(
  longJobs: Workers['longJobs'],
  set: LabeledImages,
  run: Omit<SecondRunJob, 'size' | 'port'>,
  options: { signal?: AbortSignal; onProgress?(progress: { done: number; count: number }): void },
): Promise<Parameters> {
  const { images, labels, count } = set;
  const pixels = pixelCount(set);
  const { port1: port, port2 } = new MessageChannel();
  const job = { ...run, size: count, port: port2 };
  const trained = longJobs.call('secondRun', job, { ...options, transfer: [port2] });
  for (let start = 0; start < count && !options.signal?.aborted; start += PART) {
    const end = Math.min(start + PART, count);
    const part: TrainingPart = {
      images: images.slice(start * pixels, end * pixels),
      labels: labels.slice(start, end),
    };
    port.postMessage(part, [part.images.buffer, part.labels.buffer]);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return trained;
}
