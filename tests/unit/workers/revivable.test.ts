import { describe, expect, it } from 'vitest';
import { revivable, type WorkerLike, WorkerStoppedError } from '../../../src/workers/revivable.ts';
import { serve } from '../../../src/workers/rpc.ts';

type Calls = {
  add: { parameters: number; result: number; progress: never };
  wait: { parameters: undefined; result: undefined; progress: never };
};

/** Workers whose state is a sum, and which can be made to die. */
function workshop() {
  const workers: { crash(): void; terminated: boolean }[] = [];
  const start = (): WorkerLike => {
    const outside = new EventTarget();
    const inside = new EventTarget();
    const send = (to: EventTarget) => (data: unknown) =>
      queueMicrotask(() => {
        if (!life.terminated) to.dispatchEvent(new MessageEvent('message', { data }));
      });
    let sum = 0;
    const life = { terminated: false, crash: () => outside.dispatchEvent(new Event('error')) };
    workers.push(life);
    const worker: WorkerLike = {
      postMessage: send(inside),
      addEventListener: outside.addEventListener.bind(outside) as WorkerLike['addEventListener'],
      removeEventListener: outside.removeEventListener.bind(outside) as WorkerLike['removeEventListener'],
      terminate: () => {
        life.terminated = true;
      },
    };
    serve<Calls, string>(
      {
        postMessage: send(outside),
        addEventListener: inside.addEventListener.bind(inside) as WorkerLike['addEventListener'],
        removeEventListener: inside.removeEventListener.bind(inside) as WorkerLike['removeEventListener'],
      },
      {
        async add(value) {
          sum += value;
          return sum;
        },
        wait: () => new Promise(() => undefined),
      },
    ).emit(`worker ${workers.length}`);
    return worker;
  };
  return { workers, start };
}

describe('a revivable worker', () => {
  it('rejects pending calls, and is restored before the next call', async () => {
    const { workers, start } = workshop();
    const client = revivable<Calls, string>('adder', start);
    client.onRevive(async (fresh) => void (await fresh.call('add', 100)));
    const events: string[] = [];
    client.onEvent((event) => events.push(event));
    expect(await client.call('add', 1)).toBe(1);
    const waiting = client.call('wait', undefined);
    await Promise.resolve();
    client.kill();
    await expect(waiting).rejects.toThrow(WorkerStoppedError);
    expect(workers).toHaveLength(1);
    expect(await Promise.all([client.call('add', 1), client.call('add', 1)])).toEqual([101, 102]);
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, false]);
    expect(events).toEqual(['worker 1', 'worker 2']);
  });

  it('starts at once if eager, however often it dies', async () => {
    const { workers, start } = workshop();
    const client = revivable<Calls, string>('adder', start, { eager: true });
    await client.call('add', 1);
    for (let deaths = 1; deaths <= 3; deaths++) {
      workers.at(-1)?.crash();
      expect(workers).toHaveLength(deaths + 1);
      expect(await client.call('add', 2)).toBe(2);
    }
  });

  it('restarts if it dies while it is prepared', async () => {
    const { workers, start } = workshop();
    const client = revivable<Calls, string>('adder', start, { eager: true });
    client.onRevive(async (fresh) => void (await fresh.call('add', 100)));
    await client.call('add', 1);
    client.kill();
    client.kill();
    expect(await client.call('add', 1)).toBe(101);
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, true, false]);
  });

  it('stays closed if it never answered, or repeatedly dies while it is prepared', async () => {
    const silent = workshop();
    const closed = revivable<Calls, string>('adder', silent.start, { eager: true });
    const first = closed.call('wait', undefined);
    silent.workers[0].crash();
    await expect(first).rejects.toThrow(/could not be loaded\). Reload/);
    expect(silent.workers).toHaveLength(1);

    // Without pending calls, the next call tries again.
    const late = workshop();
    const lazy = revivable<Calls, string>('adder', late.start);
    for (let i = 0; i < 3; i++) {
      const call = lazy.call('wait', undefined);
      late.workers[i].crash();
      await expect(call).rejects.toThrow(/could not be loaded/);
    }
    await expect(lazy.call('wait', undefined)).rejects.toThrow(/could not be loaded\). Reload/);
    expect(late.workers).toHaveLength(3);

    const { workers, start } = workshop();
    const client = revivable<Calls, string>('adder', start);
    client.onRevive((fresh) => fresh.call('wait', undefined));
    await client.call('add', 1);
    client.kill();
    const next = client.call('add', 1);
    const refused = expect(next).rejects.toThrow(/Reload the page/);
    for (let tries = 1; tries <= 3; tries++) {
      await expect.poll(() => workers.length).toBe(tries + 1);
      workers[tries].crash();
    }
    await refused;
    await expect(client.call('add', 1)).rejects.toThrow(/Reload the page/);
    expect(workers).toHaveLength(4);
  });
});
