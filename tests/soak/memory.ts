import type { CDPSession, Page } from '@playwright/test';

const MEGABYTE = 2 ** 20;

/** After garbage collection, in MB. */
export interface MemorySample {
  /** JavaScript objects of the page and of the workers that it started. */
  heap: number;
  /** Their array buffers and WebAssembly memories. */
  buffers: number;
  workers: number;
  /** DOM nodes. */
  nodes: number;
}

/** What one page at rest may hold more of at the end of a stretch without reloads than at its beginning. */
export const MOST_GROWTH: MemorySample = { heap: 30, buffers: 60, workers: 1, nodes: 3000 };

interface HeapUsage {
  usedSize: number;
  backingStorageSize?: number;
}

/** Reads the memory of a page and of its workers over the DevTools protocol. */
export class MemoryMeter {
  readonly #session: CDPSession;
  readonly #workers = new Set<string>();
  readonly #answers = new Map<number, (result: HeapUsage) => void>();
  #lastId = 0;

  private constructor(session: CDPSession) {
    this.#session = session;
    session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (targetInfo.type === 'worker') this.#workers.add(sessionId);
    });
    session.on('Target.detachedFromTarget', ({ sessionId }) => this.#workers.delete(sessionId));
    session.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message);
      this.#answers.get(id)?.(result);
      this.#answers.delete(id);
    });
  }

  static async of(page: Page): Promise<MemoryMeter> {
    const session = await page.context().newCDPSession(page);
    const meter = new MemoryMeter(session);
    await session.send('Target.setAutoAttach', {
      autoAttach: true,
      waitForDebuggerOnStart: false,
      flatten: false,
    });
    return meter;
  }

  async measure(): Promise<MemorySample> {
    // What a first collection finalizes, a second one frees.
    for (let i = 0; i < 2; i++) {
      await this.#session.send('HeapProfiler.collectGarbage');
      for (const worker of this.#workers) await this.#ask(worker, 'HeapProfiler.collectGarbage');
    }
    const usages: HeapUsage[] = [await this.#session.send('Runtime.getHeapUsage')];
    for (const worker of this.#workers) {
      const usage = await this.#ask(worker, 'Runtime.getHeapUsage');
      if (usage) usages.push(usage);
    }
    const { nodes } = await this.#session.send('Memory.getDOMCounters');
    const sum = (of: (usage: HeapUsage) => number) =>
      Math.round(usages.reduce((total, usage) => total + of(usage), 0) / MEGABYTE);
    return {
      heap: sum(({ usedSize }) => usedSize),
      buffers: sum(({ backingStorageSize = 0 }) => backingStorageSize),
      workers: this.#workers.size,
      nodes,
    };
  }

  /** Nothing where the worker ends meanwhile, as those do that are only lent. */
  async #ask(sessionId: string, method: string): Promise<HeapUsage | undefined> {
    const id = ++this.#lastId;
    const answer = new Promise<HeapUsage | undefined>((resolve) => {
      this.#answers.set(id, resolve);
      setTimeout(() => resolve(undefined), 10_000);
    });
    const message = JSON.stringify({ id, method });
    await this.#session.send('Target.sendMessageToTarget', { sessionId, message }).catch(() => undefined);
    return this.#workers.has(sessionId) ? answer : undefined;
  }
}

/** A line for each quantity that grew by more than is stated between the first and the last sample. */
export function growthOf(samples: readonly MemorySample[]): string[] {
  const first = samples[0];
  const last = samples[samples.length - 1];
  return (['heap', 'buffers', 'workers', 'nodes'] as const)
    .filter((quantity) => last[quantity] - first[quantity] > MOST_GROWTH[quantity])
    .map(
      (quantity) =>
        `memory: ${quantity} at rest grew from ${first[quantity]} to ${last[quantity]} without a reload, more than ${MOST_GROWTH[quantity]} (${samples.map((sample) => sample[quantity]).join(', ')})`,
    );
}

export function memoryText({ heap, buffers, workers, nodes }: MemorySample): string {
  return `heap ${heap} MB, buffers ${buffers} MB, ${workers} workers, ${nodes} nodes`;
}
