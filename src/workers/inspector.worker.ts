import type { Engine } from '../ml/engines/engine.ts';
import { inspect } from '../ml/model/inspect.ts';
import { shapeAt, sizeOf } from '../ml/model/network.ts';
import { analyzeSpectrumSteps } from '../ml/spectrum/analyzeSpectrum.ts';
import { evaluate } from '../ml/training/evaluate.ts';
import { chooseEngine, createEngine } from './engines.ts';
import { inSlices } from './inSlices.ts';
import type { InspectorCalls, KnownMoment } from './protocol.ts';
import { received, serve, Transferred } from './rpc.ts';
import { secondRunJob } from './secondRun.ts';
import { attackJob, holdJob, judgeJob, metamerJob, robustnessJob } from './studioJobs.ts';
import { UNKNOWN_MOMENT } from './unknownMoment.ts';

/**
 * The inspector: answers questions about the network at any moment, on an engine of its own, so that no panel
 * touches the weights in training.
 */
let engine: Engine | undefined;
let loadedKey: string | undefined;
let test: { images: Uint8Array; labels: Uint8Array } | undefined;
let busy: Promise<unknown> = Promise.resolve();

serve<InspectorCalls, never>(self, {
  async setTest({ port }) {
    test = await received<{ images: Uint8Array; labels: Uint8Array }>(port);
  },
  forward: ({ moment, images, layer }) =>
    onEngine(moment, async (engine) => {
      const data = await engine.forward(images, layer);
      const count = images.length / sizeOf(shapeAt(moment.network, 'input'));
      return new Transferred({ data, shape: [count, ...shapeAt(moment.network, layer)] }, [data.buffer]);
    }),
  inspect: ({ moment, images }) =>
    onEngine(moment, async (engine) => {
      const inspection = await inspect(engine, images);
      return new Transferred(
        inspection,
        Object.values(inspection.layers).map(({ data }) => data.buffer),
      );
    }),
  evaluate: ({ moment, images = test?.images, labels = test?.labels }, { signal }) =>
    onEngine(moment, (engine) => {
      if (!images || !labels) throw new Error('evaluate: expected the test set first, found none');
      return evaluate(engine, images, labels, { signal });
    }),
  async spectrum({ moment, images, layer, components }, { signal, progress }) {
    const data = await onEngine(moment, (engine) => {
      // Whatever waited in line may not be wanted any more.
      signal.throwIfAborted();
      return engine.forward(images, layer);
    });
    const rows = images.length / sizeOf(shapeAt(moment.network, 'input'));
    const columns = data.length / rows;
    return inSlices(analyzeSpectrumSteps({ data, rows, columns }, { components }), {
      signal,
      onSlice: (fraction) => progress({ fraction }),
    });
  },
  metamer: metamerJob,
  hold: holdJob,
  judge: judgeJob,
  secondRun: secondRunJob,
  attack: (job, context) => onEngine(job.moment, (engine) => attackJob(engine, job, context)),
  robustness: robustnessJob,
});

/** Runs `work` alone on the engine, with the moment's parameters loaded. */
function onEngine<Result>(moment: KnownMoment, work: (engine: Engine) => Promise<Result>): Promise<Result> {
  const result = busy.then(async () => {
    const loaded = await engineAt(moment);
    return work(loaded);
  });
  busy = result.catch(() => undefined);
  return result;
}

async function engineAt({ key, network, parameters }: KnownMoment): Promise<Engine> {
  if (engine && JSON.stringify(engine.network) !== JSON.stringify(network)) {
    await engine.dispose();
    engine = undefined;
  }
  if (!engine) {
    const { id } = await chooseEngine('auto', {});
    engine = await createEngine(id, network);
    loadedKey = undefined;
  }
  if (loadedKey !== key) {
    if (!parameters) {
      const error = new Error(`inspector: expected the parameters of ${key}, found those of ${loadedKey}`);
      error.name = UNKNOWN_MOMENT;
      throw error;
    }
    await engine.load({ parameters });
    loadedKey = key;
  }
  return engine;
}
