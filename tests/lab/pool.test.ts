import { afterEach, expect, it, vi } from 'vitest';
import { serveWasmMember } from '../../src/workers/serveWasmMember.ts';
import { bitsOf } from './bits.ts';
import { createProfile } from './browserProfile.ts';

/** The pool's worker script behind a channel in the test's thread. */
class MemberWorker {
  readonly #ports = new MessageChannel();
  constructor() {
    serveWasmMember(this.#ports.port2);
  }
  postMessage(message: unknown, options?: { transfer?: Transferable[] }) {
    this.#ports.port1.postMessage(message, options?.transfer ?? []);
  }
  addEventListener(type: string, listener: (event: MessageEvent) => void) {
    if (type !== 'message') return;
    this.#ports.port1.addEventListener('message', listener);
    this.#ports.port1.start();
  }
  terminate() {
    this.#ports.port1.close();
  }
}

afterEach(() => vi.unstubAllGlobals());

it('answers questions about the weights while a run on two workers is replaced', async () => {
  vi.stubGlobal('Worker', MemberWorker);
  const profile = createProfile();
  const tab = await profile.open({ settings: { filters: 8 } });
  const { api, lab } = tab;
  await api.set({ workers: 2 });
  await api.train({ maxSteps: 12 });
  expect(api.state.engine?.workers).toBe(2);
  const first = await bitsOf(tab);
  for (let round = 0; round < 4; round++) {
    const ask = () => lab.workers.trainer.call('parameters', {});
    const replaced = api.reset({ seed: 5 });
    const asked: Promise<{ step: number }>[] = [];
    for (let turn = 0; turn < 30; turn++) {
      asked.push(ask());
      await new Promise((resolve) => setTimeout(resolve));
    }
    await replaced;
    for (const { step } of await Promise.all(asked)) expect([0, 12]).toContain(step);
    await api.train({ maxSteps: 12 });
    expect(await bitsOf(tab)).toEqual(first);
  }
  profile.closeAll();
});
