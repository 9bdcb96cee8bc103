import type { DataSet } from '../ml/data/dataset.ts';
import type { ShippedId } from '../ml/data/shipped.ts';
import { connectWorker } from './connectWorker.ts';
import type {
  DataCalls,
  DataProgressMessage,
  InspectorCalls,
  TrainerCalls,
  TrainerEvent,
} from './protocol.ts';
import type { RevivableClient } from './revivable.ts';
import type { Client } from './rpc.ts';
import type { Spawn } from './spawn.ts';

/** Gives data sets to the page and to the workers that need them. */
export interface DataDelivery {
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
}

interface Parts {
  spawn: Spawn;
  trainer: RevivableClient<TrainerCalls, TrainerEvent>;
  inspector: RevivableClient<InspectorCalls, never>;
}

export function createDataDelivery({ spawn, trainer, inspector }: Parts): DataDelivery {
  /** The page's copy of the data set, for workers that restart. */
  let loaded: DataSet | undefined;
  trainer.onRevive(async (fresh) => {
    if (loaded) await giveTrainer(fresh, loaded);
  });
  inspector.onRevive(async (fresh) => {
    if (loaded) await giveInspector(fresh, loaded);
  });

  return {
    async loadData({ id, baseUrl, deliver = true, signal, onProgress, onKept }) {
      const worker = spawn('data', 'data');
      const client = connectWorker<DataCalls, never>(worker, 'loadData');
      const delivery = deliver ? announceData({ trainer, inspector }) : undefined;
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
    async giveData(data) {
      await Promise.all([giveTrainer(trainer, data), giveInspector(inspector, data)]);
      loaded = data;
    },
  };
}

/** Tells the trainer and the inspector that data will come, and gives the ports to send them to. */
function announceData({ trainer, inspector }: Pick<Parts, 'trainer' | 'inspector'>) {
  const toTrainer = new MessageChannel();
  const toInspector = new MessageChannel();
  const arrived = Promise.all([
    trainer.call('setData', { port: toTrainer.port2 }, { transfer: [toTrainer.port2] }),
    inspector.call('setTest', { port: toInspector.port2 }, { transfer: [toInspector.port2] }),
  ]);
  return { ports: { trainer: toTrainer.port1, inspector: toInspector.port1 }, arrived };
}

function giveTrainer(trainer: Client<TrainerCalls, TrainerEvent>, data: DataSet): Promise<void> {
  return handOver(data, (port) => trainer.call('setData', { port }, { transfer: [port] }));
}

/** Gives the inspector the test images, the only ones that it needs. */
function giveInspector(inspector: Client<InspectorCalls, never>, { test }: DataSet): Promise<void> {
  const { images, labels } = test;
  return handOver({ images, labels }, (port) => inspector.call('setTest', { port }, { transfer: [port] }));
}

/** Sends data to a worker through a port, as the data worker does. */
async function handOver(data: unknown, announce: (port: MessagePort) => Promise<void>): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const arrived = announce(port2);
  port1.postMessage(data);
  await arrived;
}
