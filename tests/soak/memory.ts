import type { CDPSession, Page } from '@playwright/test';

const MEGABYTE = 2 ** 20;

/** Sizes in MB, after garbage collection. */
export interface MemorySample {
  /** JavaScript objects of the page and its workers. */
  heap: number;
  /** Array buffers and WebAssembly memories. */
  buffers: number;
  workers: number;
  /** DOM nodes. */
  nodes: number;
}

/** Limits for an idle page. */
const MOST: MemorySample = { heap: 60, buffers: 250, workers: 8, nodes: 20_000 };
/** Limits for the growth between the beginning and the end of a stretch without reloads. */
const MOST_GROWTH: MemorySample = { heap: 12, buffers: 40, workers: 1, nodes: 3000 };
/** Until this time the panels load, with their code. */
const WARM_UP = 3;

interface HeapUsage {
  usedSize: number;
  backingStorageSize?: number;
}

/** Reads the memory of a page and its workers over the DevTools protocol. */
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
    // A second collection frees the objects that the first collection finalizes.
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

  /** Returns undefined if the worker ends in the meantime, as temporary workers do. */
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

/** A line for each quantity that exceeds its limit, or grows beyond its limit, over a stretch without reloads. */
export function memoryExcess(samples: readonly MemorySample[]): string[] {
  const last = samples[samples.length - 1];
  const warm = samples.at(WARM_UP) ?? last;
  return (['heap', 'buffers', 'workers', 'nodes'] as const).flatMap((quantity) => {
    const values = samples.map((sample) => sample[quantity]);
    const most = MOST[quantity];
    const grown = last[quantity] - warm[quantity];
    const course = `at rest, without a reload: ${values.join(', ')}`;
    return [
      ...(Math.max(...values) > most ? [`memory: more than ${most} ${quantity} ${course}`] : []),
      ...(grown > MOST_GROWTH[quantity] ? [`memory: ${grown} more ${quantity} ${course}`] : []),
    ];
  });
}

export function memoryText({ heap, buffers, workers, nodes }: MemorySample): string {
  return `heap ${heap} MB, buffers ${buffers} MB, ${workers} workers, ${nodes} nodes`;
}
