import { CallError } from '../ml/callError.ts';
import type { Engine } from '../ml/engines/engine.ts';
import { evaluate } from '../ml/evaluation/evaluate.ts';
import { inspect } from '../ml/evaluation/inspect.ts';
import { layerShapes, type NetworkDescription, shapeAt, sizeOf } from '../ml/model/network.ts';
import { analyzeSpectrumSteps } from '../ml/spectrum/analyzeSpectrum.ts';
import { chooseEngine, createEngine } from './engines.ts';
import { inSlices } from './inSlices.ts';
import { attackJob, createLongJobs, robustnessJob } from './longJobs.ts';
import { MomentEngine } from './momentEngine.ts';
import type { InspectorCalls, KnownMoment } from './protocol.ts';
import { type Endpoint, type Handlers, received, serve, Transferred } from './rpc.ts';
import { secondRunJob } from './secondRun.ts';
import { createSerial } from './serial.ts';

/**
 * The inspector answers questions about the network at any moment. It has its own engine, so that no panel touches the
 * weights in training.
 */
export function createInspector(endpoint: Endpoint): void {
  let test: { images: Uint8Array; labels: Uint8Array } | undefined;
  const onEngine = oneAtATime();

  serve<InspectorCalls, never>(endpoint, {
    async setTest({ port }) {
      test = await received<{ images: Uint8Array; labels: Uint8Array }>(port);
    },
    ...questions(onEngine),
    async evaluate({ moment, images = test?.images, labels = test?.labels }, { signal, turn }) {
      if (!images || !labels) throw new CallError('evaluate', 'expected the test set first, found none');
      const { network } = moment;
      // The engine is free between chunks, so that short questions need not wait for all images of a large network.
      const forward: Engine['forward'] = (chunk, layer) =>
        onEngine(moment, (engine) => engine.forward(chunk, layer));
      return evaluate({ network, forward }, images, labels, { signal, turn, chunk: chunkOf(network) });
    },
    ...createLongJobs(),
    secondRun: secondRunJob,
    attack: (job, context) => onEngine(job.moment, (engine) => attackJob(engine, job, context)),
    robustness: robustnessJob,
  });
}

/** Activations of a chunk of images, so that a chunk takes less than about half a second. */
const CHUNK_ACTIVATIONS = 20_000_000;
const MOST_IMAGES = 1000;

/** Images per forward pass of an evaluation. */
function chunkOf(network: NetworkDescription): number {
  const activations = layerShapes(network).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return Math.max(1, Math.min(MOST_IMAGES, Math.floor(CHUNK_ACTIVATIONS / activations)));
}

/** Runs `work` alone on the engine, with the moment's parameters loaded. */
type OnEngine = <Result>(moment: KnownMoment, work: (engine: Engine) => Promise<Result>) => Promise<Result>;

function oneAtATime(): OnEngine {
  const moments = new MomentEngine(async (network) => {
    const { id } = await chooseEngine('auto', {});
    return createEngine(id, network);
  });
  const calls = createSerial();
  return (moment, work) => calls.run(async () => work(await moments.at(moment)));
}

/** The calls that read a layer's activations. */
function questions(onEngine: OnEngine): Pick<Handlers<InspectorCalls>, 'forward' | 'inspect' | 'spectrum'> {
  return {
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
    async spectrum({ moment, images, layer, components }, { signal, progress, turn }) {
      const data = await onEngine(moment, (engine) => {
        // The call may have been canceled while it waited.
        signal.throwIfAborted();
        return engine.forward(images, layer);
      });
      const rows = images.length / sizeOf(shapeAt(moment.network, 'input'));
      const columns = data.length / rows;
      return inSlices(analyzeSpectrumSteps({ data, rows, columns }, { components }), {
        signal,
        turn,
        onSlice: (fraction) => progress({ fraction }),
      });
    },
  };
}
