import { afterEach, expect, test } from 'vitest';
import { createBackground } from '../../../src/workers/background.ts';
import { startWorkers, type Workers } from '../../../src/workers/client.ts';
import type { Call } from '../../../src/workers/rpc.ts';
import { connect, serve } from '../../../src/workers/rpc.ts';
import type { Spawn } from '../../../src/workers/spawn.ts';

type Calls = { wait: Call<null, string> };

const channels: MessageChannel[] = [];
afterEach(() => {
  for (const { port1, port2 } of channels.splice(0)) {
    port1.close();
    port2.close();
  }
});

/** A worker whose calls end on request, and the shares that it was sent. */
function waitingWorker() {
  const channel = new MessageChannel();
  const { port1, port2 } = channel;
  channels.push(channel);
  const shares: number[] = [];
  const ends: (() => void)[] = [];
  port2.addEventListener('message', ({ data }) => {
    if (data.type === 'share') shares.push(data.share);
  });
  serve<Calls, never>(port2, { wait: () => new Promise((resolve) => ends.push(() => resolve('done'))) });
  port1.start();
  port2.start();
  return { client: connect<Calls, never>(port1), shares, ends };
}

test('every worker gets the share, and no less than its own minimum', async () => {
  const background = createBackground();
  const [patient, quick] = [waitingWorker(), waitingWorker()];
  background.add(patient.client);
  background.add(quick.client, { least: 0.4 });
  background.setShare(0.1);
  await expect.poll(() => patient.shares).toEqual([1, 0.1]);
  await expect.poll(() => quick.shares).toEqual([1, 0.4]);
  const late = waitingWorker();
  background.add(late.client);
  await expect.poll(() => late.shares).toEqual([0.1]);
});

test('calls are counted until they are answered or their worker is closed', async () => {
  const background = createBackground();
  const { client, ends } = waitingWorker();
  const worker = background.add(client);
  const first = worker.call('wait', null);
  expect(background.underway).toBe(1);
  await expect.poll(() => ends.length).toBe(1);
  ends[0]();
  expect(await first).toBe('done');
  expect(background.underway).toBe(0);
  const second = worker.call('wait', null);
  expect(background.underway).toBe(1);
  worker.close(new Error('closed'));
  await expect(second).rejects.toThrow('closed');
  expect(background.underway).toBe(0);
});

test('a worker that reads activations is one of the background workers until it ends', async () => {
  const kinds: string[] = [];
  const workers = startWorkers(silent(kinds));
  const reader = workers.startActivations();
  workers.background.setShare(0.2);
  const opened = reader.call('open', { files: [] });
  expect(workers.background.underway).toBe(1);
  await expect.poll(() => kinds).toContain('activations: share 0.2');
  reader.end();
  await expect(opened).rejects.toThrow('closed');
  expect(workers.background.underway).toBe(0);
  stop(workers);
});

/** Workers that never answer, and note what they are sent. */
function silent(kinds: string[]): Spawn {
  return (kind) => {
    const channel = new MessageChannel();
    const { port1, port2 } = channel;
    channels.push(channel);
    port2.addEventListener('message', ({ data }) => kinds.push(`${kind}: ${data.type} ${data.share ?? ''}`));
    port1.start();
    port2.start();
    return Object.assign(port1, { terminate: () => port1.close() });
  };
}

function stop({ trainer, inspector }: Workers): void {
  for (const { close } of [trainer, inspector]) close(new Error('The test has ended.'));
}
