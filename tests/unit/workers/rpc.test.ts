import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { CallError } from '../../../src/ml/callError.ts';
import { connect, type Endpoint, serve, Transferred } from '../../../src/workers/rpc.ts';

type Calls = {
  double: { parameters: { value: number }; result: number; progress: never };
  count: { parameters: { to: number }; result: string; progress: number };
  fail: { parameters: { message: string }; result: undefined; progress: never };
  refuse: { parameters: undefined; result: undefined; progress: never };
  give: { parameters: undefined; result: Float32Array; progress: never };
  wait: { parameters: undefined; result: undefined; progress: never };
  unclonable: { parameters: undefined; result: unknown; progress: never };
};

const open: { close(): void }[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** A real channel, whose ports support `transfer` like a worker's. */
function channel(): [Endpoint, Endpoint] {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  return [endpoint(port1), endpoint(port2)];
}

function endpoint(port: InstanceType<typeof MessageChannel>['port1']): Endpoint {
  const listeners = new Map<unknown, (data: unknown) => void>();
  return {
    postMessage: (message, { transfer = [] } = {}) =>
      port.postMessage(
        message,
        transfer.filter((item) => item instanceof ArrayBuffer),
      ),
    addEventListener(_type, listener) {
      const onMessage = (data: unknown) => listener(new MessageEvent('message', { data }));
      listeners.set(listener, onMessage);
      port.on('message', onMessage);
    },
    removeEventListener(_type, listener) {
      const onMessage = listeners.get(listener);
      if (onMessage) port.off('message', onMessage);
    },
  };
}

function pair() {
  const [page, worker] = channel();
  const given = new Float32Array([1, 2, 3]);
  const { emit } = serve<Calls, { kind: string }>(worker, {
    double: async ({ value }) => 2 * value,
    async count({ to }, { progress }) {
      for (let i = 1; i <= to; i++) progress(i);
      return 'done';
    },
    async fail({ message }): Promise<undefined> {
      throw new TypeError(message);
    },
    async refuse(): Promise<undefined> {
      throw new CallError('f', 'expected 1, found 2');
    },
    give: async () => new Transferred(given, [given.buffer]),
    wait: (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    unclonable: async () => () => 1,
  });
  return { client: connect<Calls, { kind: string }>(page), emit, given };
}

describe('rpc', () => {
  it('answers calls that overlap, each with its own result', async () => {
    const { client } = pair();
    const results = await Promise.all([3, 4, 5].map((value) => client.call('double', { value })));
    expect(results).toEqual([6, 8, 10]);
  });

  it('reports progress before the result', async () => {
    const { client } = pair();
    const seen: number[] = [];
    expect(await client.call('count', { to: 3 }, { onProgress: (value) => seen.push(value) })).toBe('done');
    expect(seen).toEqual([1, 2, 3]);
  });

  it('rebuilds an error with its name and message', async () => {
    const { client } = pair();
    await expect(client.call('fail', { message: 'f: expected 1, found 2' })).rejects.toMatchObject({
      name: 'TypeError',
      message: 'f: expected 1, found 2',
    });
  });

  it('keeps the caller of an error apart from its message', async () => {
    const { client } = pair();
    const error: unknown = await client.call('refuse', undefined).catch((reason) => reason);
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({ name: 'Error', caller: 'f', message: 'expected 1, found 2' });
    expect(String(error)).toBe('f: expected 1, found 2');
  });

  it('moves the buffers of a transferred result', async () => {
    const { client, given } = pair();
    expect(await client.call('give', undefined)).toEqual(new Float32Array([1, 2, 3]));
    expect(given.length).toBe(0);
  });

  it('sends a reply that cannot be cloned back as an error', async () => {
    const { client } = pair();
    await expect(client.call('unclonable', undefined)).rejects.toThrow(/could not be cloned/);
  });

  it('cancels a call through its signal, also one that is canceled already', async () => {
    const { client } = pair();
    const controller = new AbortController();
    const call = client.call('wait', undefined, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    const late = client.call('wait', undefined, { signal: controller.signal });
    await expect(late).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('delivers events until the listener leaves', async () => {
    const { client, emit } = pair();
    const seen: string[] = [];
    const leave = client.onEvent(({ kind }) => seen.push(kind));
    emit({ kind: 'a' });
    await client.call('double', { value: 1 });
    leave();
    emit({ kind: 'b' });
    await client.call('double', { value: 1 });
    expect(seen).toEqual(['a']);
  });

  it('rejects an endpoint that is already served, and names its calls', () => {
    const [, worker] = channel();
    const give = async () => new Transferred(new Float32Array(1), []);
    serve<Pick<Calls, 'give'>, never>(worker, { give });
    expect(() => serve<Pick<Calls, 'give'>, never>(worker, { give })).toThrow(
      'expected an endpoint that is not served yet, found one that already answers give',
    );
  });

  it('rejects pending and later calls once closed', async () => {
    const { client } = pair();
    const call = client.call('wait', undefined);
    client.close(new Error('the worker stopped'));
    await expect(call).rejects.toThrow('the worker stopped');
    await expect(client.call('double', { value: 1 })).rejects.toThrow('the worker stopped');
  });
});
