import type { PictureReading } from '../ml/pictures/read.ts';
import { type Background, createBackground } from './background.ts';
import { connectWorker } from './connectWorker.ts';
import { createDataDelivery, type DataDelivery } from './dataDelivery.ts';
import type { GeometryCalls } from './geometryProtocol.ts';
import type {
  ActivationCalls,
  ArchiveCalls,
  DataCalls,
  DecodedPicture,
  InspectorCalls,
  PictureCalls,
  PictureToDecode,
  PictureToRead,
  TrainerCalls,
  TrainerEvent,
} from './protocol.ts';
import { type RevivableClient, revivable, type WorkerLike } from './revivable.ts';
import type { CallMap, Client } from './rpc.ts';
import type { RunStorage } from './runStorage.ts';
import { type Spawn, spawnWorker } from './spawn.ts';
import { openRunStorage } from './storageClient.ts';

/** The page's side of all workers. */
export interface Workers extends DataDelivery {
  /** Restarts after it dies; the lab restores its run. */
  trainer: RevivableClient<TrainerCalls, TrainerEvent>;
  /** Answers quick questions, for instance while a person drags. */
  inspector: Client<InspectorCalls, never>;
  /** A second inspector for long jobs (metamers, attacks), so that quick questions do not wait. */
  longJobs: Client<InspectorCalls, never>;
  /** The inspectors, the geometry pool and the activation readers, as a whole. */
  background: Background;
  /** Starts one more worker of the geometry pool. */
  startGeometry(): Client<GeometryCalls, never>;
  /** Starts a worker that reads a person's images; `close` ends it. */
  startReading(): Client<Pick<DataCalls, 'read' | 'take'>, never> & { end(): void };
  /** Starts a worker that reads another network's activations; `end` ends it and cancels its calls. */
  startActivations(): Client<ActivationCalls, never> & { end(): void };
  /** Decodes a picture of any format except SVG. */
  decodePicture(picture: PictureToDecode): Promise<DecodedPicture>;
  /** Reads the digits of a picture. */
  readPicture(picture: PictureToRead): Promise<PictureReading>;
  /** Opens the storage of saved runs. @throws if the browser blocks it. */
  openRunStorage(): Promise<RunStorage>;
  /** Starts a worker that packs and unpacks files, and ends it after `work`. */
  withArchive<Result>(work: (archive: Client<ArchiveCalls, never>) => Promise<Result>): Promise<Result>;
}

/** A person may drag while the inspector evaluates the test set. */
const INSPECTOR_SHARE = 0.4;

/** Starts the workers. When a worker dies, its pending calls are rejected with an error, and the worker restarts. */
export function startWorkers(spawn: Spawn = spawnWorker): Workers {
  const trainer = revivable<TrainerCalls, TrainerEvent>('trainer', () => spawn('trainer', 'trainer'), {
    eager: true,
  });
  const startInspector = (name: string) =>
    revivable<InspectorCalls, never>(name, () => spawn('inspector', name));
  const background = createBackground();
  const inspector = background.add(startInspector('inspector'), { least: INSPECTOR_SHARE });
  return {
    trainer,
    inspector,
    background,
    ...createDataDelivery({ spawn, trainer, inspector }),
    longJobs: background.add(onFirstCall<InspectorCalls, never>(() => startInspector('longJobs'))),
    startGeometry: () =>
      background.add(revivable<GeometryCalls, never>('geometry', () => spawn('geometry', 'geometry'))),
    startActivations() {
      const worker = spawn('activations', 'activations');
      const client = background.add(connectWorker<ActivationCalls, never>(worker, 'activations'));
      return Object.assign(client, {
        end() {
          client.close(new DOMException('The activations were closed.', 'AbortError'));
          worker.terminate();
        },
      });
    },
    startReading() {
      const worker = spawn('data', 'data');
      return Object.assign(connectWorker<Pick<DataCalls, 'read' | 'take'>, never>(worker, 'data'), {
        end: () => worker.terminate(),
      });
    },
    decodePicture: (picture) =>
      lend<PictureCalls, DecodedPicture>('picture', spawn('picture', 'picture'), (client) =>
        client.call('decode', picture),
      ),
    readPicture: (picture) =>
      lend<PictureCalls, PictureReading>('picture', spawn('picture', 'picture'), (client) =>
        client.call('read', picture),
      ),
    openRunStorage: () => openRunStorage(connectWorker(spawn('keep', 'keep'), 'keep')),
    withArchive: (work) => lend('archive', spawn('archive', 'archive'), work),
  };
}

/** A worker that starts with its first call: a first visit has no long jobs. */
function onFirstCall<Calls extends CallMap, Event>(start: () => Client<Calls, Event>): Client<Calls, Event> {
  let started: Client<Calls, Event> | undefined;
  let present = 1;
  const client = () => {
    if (!started) {
      started = start();
      started.setShare(present);
    }
    return started;
  };
  return {
    call: (kind, parameters, options) => client().call(kind, parameters, options),
    onEvent: (listener) => client().onEvent(listener),
    setShare(share) {
      present = share;
      started?.setShare(share);
    },
    close: (reason) => client().close(reason),
  };
}

/** Runs `work` with a worker, and ends the worker afterwards. */
async function lend<Calls extends CallMap, Result>(
  name: string,
  worker: WorkerLike,
  work: (client: Client<Calls, never>) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(connectWorker(worker, name));
  } finally {
    worker.terminate();
  }
}
