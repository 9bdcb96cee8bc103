import { CallError } from '../ml/callError.ts';
import type { DataSet } from '../ml/data/dataset.ts';
import type { ShippedId } from '../ml/data/shipped.ts';
import type { PictureReading } from '../ml/pictures/read.ts';
import { type Background, createBackground } from './background.ts';
import type {
  ActivationCalls,
  ArchiveCalls,
  DataCalls,
  DataProgressMessage,
  DecodedPicture,
  GeometryCalls,
  InspectorCalls,
  KeepCalls,
  PictureCalls,
  PictureToDecode,
  PictureToRead,
  TrainerCalls,
  TrainerEvent,
} from './protocol.ts';
import { type RevivableClient, revivable, type WorkerLike } from './revivable.ts';
import { type CallMap, type Client, connect } from './rpc.ts';
import type { RunStorage } from './runStorage.ts';
import { type Spawn, spawnWorker } from './spawn.ts';

/** The page's side of all workers. */
export interface Workers {
  /** Restarts after it dies; the lab restores its run. */
  trainer: RevivableClient<TrainerCalls, TrainerEvent>;
  /** Answers quick questions, for instance while a person drags. */
  inspector: Client<InspectorCalls, never>;
  /** A second inspector for long jobs (metamers, attacks), so that quick questions do not wait. */
  longJobs: Client<InspectorCalls, never>;
  /** The inspectors and the geometry pool, as a whole. */
  background: Background;
  /** Starts one more worker of the geometry pool. */
  startGeometry(): Client<GeometryCalls, never>;
  /**
   * Loads the data set for the page, the trainer and the inspector; `onKept` reports whether it is stored for the next
   * visit.
   */
  loadData(options: {
    id: ShippedId;
    /** URL of the folder with the data set's files. */
    baseUrl: string;
    /** Whether the trainer and the inspector get the data set too. Default true. */
    deliver?: boolean;
    signal?: AbortSignal;
    onProgress?(progress: DataProgressMessage): void;
    onKept?(kept: boolean): void;
  }): Promise<DataSet>;
  /** Gives the trainer and the inspector a data set that the page holds. */
  giveData(data: DataSet): Promise<void>;
  /** Starts a worker that reads a person's images; `close` ends it. */
  startReading(): Client<Pick<DataCalls, 'read' | 'take'>, never> & { end(): void };
  /** Starts a worker that reads another network's activations; `end` ends it. */
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
  /** The page's copy of the data set, for workers that restart. */
  let loaded: DataSet | undefined;
  trainer.onRevive(async (fresh) => {
    if (loaded) await handOver(loaded, (port) => fresh.call('setData', { port }, { transfer: [port] }));
  });
  inspector.onRevive(async (fresh) => {
    if (!loaded) return;
    const { images, labels } = loaded.test;
    await handOver({ images, labels }, (port) => fresh.call('setTest', { port }, { transfer: [port] }));
  });
  return {
    trainer,
    inspector,
    background,
    longJobs: background.add(onFirstCall<InspectorCalls, never>(() => startInspector('longJobs'))),
    startGeometry: () =>
      background.add(revivable<GeometryCalls, never>('geometry', () => spawn('geometry', 'geometry'))),
    async loadData({ id, baseUrl, deliver = true, signal, onProgress, onKept }) {
      const worker = spawn('data', 'data');
      const client = connect<DataCalls, never>(worker);
      worker.addEventListener('error', (event) =>
        client.close(
          new CallError('loadData', `the worker stopped (${event.message || 'it could not be loaded'}).`),
        ),
      );
      const delivery = deliver ? announceData(trainer, inspector) : undefined;
      const transfer = delivery && [delivery.ports.trainer, delivery.ports.inspector];
      try {
        const call = { id, baseUrl, ...delivery?.ports };
        const data = await client.call('load', call, { signal, onProgress, transfer });
        if (delivery) {
          await delivery.arrived;
          loaded = data;
        }
        void client
          .call('kept', undefined)
          .then(onKept, () => onKept?.(false))
          .finally(() => worker.terminate());
        return data;
      } catch (error) {
        worker.terminate();
        throw error;
      }
    },
    startActivations() {
      const worker = spawn('activations', 'activations');
      return Object.assign(connectWorker<ActivationCalls, never>(worker, 'activations'), {
        end: () => worker.terminate(),
      });
    },
    startReading() {
      const worker = spawn('data', 'data');
      return Object.assign(connectWorker<Pick<DataCalls, 'read' | 'take'>, never>(worker, 'data'), {
        end: () => worker.terminate(),
      });
    },
    async giveData(data) {
      const { images, labels } = data.test;
      await Promise.all([
        handOver(data, (port) => trainer.call('setData', { port }, { transfer: [port] })),
        handOver({ images, labels }, (port) => inspector.call('setTest', { port }, { transfer: [port] })),
      ]);
      loaded = data;
    },
    decodePicture: (picture) =>
      lend<PictureCalls, DecodedPicture>('picture', spawn('picture', 'picture'), (client) =>
        client.call('decode', picture),
      ),
    readPicture: (picture) =>
      lend<PictureCalls, PictureReading>('picture', spawn('picture', 'picture'), (client) =>
        client.call('read', picture),
      ),
    async openRunStorage() {
      const worker = spawn('keep', 'keep');
      const client = connectWorker<KeepCalls, never>(worker, 'keep');
      // The first call opens the storage.
      await client.call('list', undefined);
      return {
        list: () => client.call('list', undefined),
        read: (id) => client.call('read', { id }),
        overview: (id) => client.call('overview', { id }),
        parametersAt: (id, step) => client.call('parametersAt', { id, step }),
        async save({ checkpoint: { position, state }, snapshots, ...change }) {
          const { parameters, optimizer } = state;
          const { kind, step, slots } = optimizer;
          const kept = snapshots.map((snapshot) => snapshot.parameters);
          for (const part of [parameters, ...Object.values(slots), ...kept]) {
            await client.call('addPart', part);
          }
          await client.call('save', {
            ...change,
            position,
            optimizer: { kind, step, slots: Object.keys(slots) },
            snapshots: snapshots.map(({ parameters: _, ...snapshot }) => snapshot),
          });
        },
        saveResults: (id, change) => client.call('saveResults', { id, change }),
        mark: (id, marks) => client.call('mark', { id, marks }),
        remove: (id) => client.call('remove', { id }),
        saveData: (data) => client.call('saveData', data),
        readData: (id) => client.call('readData', { id }),
        listData: () => client.call('listData', undefined),
      };
    },
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

/** Tells the trainer and the inspector that data will come, and gives the ports to send them to. */
function announceData(trainer: Workers['trainer'], inspector: Workers['inspector']) {
  const toTrainer = new MessageChannel();
  const toInspector = new MessageChannel();
  const arrived = Promise.all([
    trainer.call('setData', { port: toTrainer.port2 }, { transfer: [toTrainer.port2] }),
    inspector.call('setTest', { port: toInspector.port2 }, { transfer: [toInspector.port2] }),
  ]);
  return { ports: { trainer: toTrainer.port1, inspector: toInspector.port1 }, arrived };
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

/** Sends data to a worker through a port, as the data worker does. */
async function handOver(data: unknown, announce: (port: MessagePort) => Promise<void>): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const arrived = announce(port2);
  port1.postMessage(data);
  await arrived;
}

function connectWorker<Calls extends CallMap, Event>(worker: WorkerLike, name: string): Client<Calls, Event> {
  const client = connect<Calls, Event>(worker);
  worker.addEventListener('error', (event) => {
    const cause = event.message || 'its script could not be loaded';
    client.close(new CallError(name, `the worker stopped (${cause}). Reload the page.`));
  });
  return client;
}
