import { buffersOf } from '../ml/model/parameters.ts';
import { firstImage } from '../ml/training/replay.ts';
import { TrainingRun } from '../ml/training/run.ts';
import { chooseEngine, createEngine } from './engines.ts';
import { Pace } from './pace.ts';
import type { SecondRunJob, TrainingPart } from './protocol.ts';
import { type CallContext, Transferred } from './rpc.ts';

/**
 * Trains another network from its seed in the background; the result equals the trainer's run with the same settings.
 * Takes turns between chunks, so that the page's own training keeps its speed.
 */
export async function secondRunJob(
  { network, optimizer, seed, settings, epochs, size, port }: SecondRunJob,
  { signal, progress, turn }: CallContext<{ done: number; count: number }>,
) {
  const train = await gathered(port, size, signal);
  const { id } = await chooseEngine('auto', {});
  const engine = await createEngine(id, network, { optimizer });
  try {
    await engine.setData(train.images, train.labels);
    const run = new TrainingRun(engine, train, firstImage(train), settings);
    await run.reset(seed);
    const count = epochs * run.stepsPerEpoch;
    const pace = new Pace();
    let asked = 0;
    await run.train(
      { epochs },
      {
        async next() {
          const most = await pace.next();
          await turn();
          signal.throwIfAborted();
          asked = performance.now();
          return most;
        },
        onChunk({ firstStep, losses }) {
          pace.made(losses.length, performance.now() - asked);
          progress({ done: firstStep + losses.length, count });
        },
      },
    );
    const parameters = await engine.parameters();
    return new Transferred(parameters, buffersOf(parameters));
  } finally {
    await engine.dispose();
  }
}

/** Joins the training set, which arrives in parts so that no copy blocks the page. */
function gathered(
  port: MessagePort,
  size: number,
  signal: AbortSignal,
): Promise<{ images: Uint8Array; labels: Uint8Array }> {
  const labels = new Uint8Array(size);
  let images: Uint8Array | undefined;
  let received = 0;
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      port.close();
      reject(signal.reason);
    });
    port.onmessage = ({ data }: MessageEvent<TrainingPart>) => {
      const pixels = data.images.length / data.labels.length;
      images ??= new Uint8Array(size * pixels);
      images.set(data.images, received * pixels);
      labels.set(data.labels, received);
      received += data.labels.length;
      if (received < size) return;
      port.close();
      resolve({ images, labels });
    };
  });
}
