import type { KeepCalls } from './protocol.ts';
import type { Client } from './rpc.ts';
import type { RunStorage } from './runStorage.ts';

/** The storage of runs in its worker. @throws if the browser blocks it. */
export async function openRunStorage(client: Client<KeepCalls, never>): Promise<RunStorage> {
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
}
