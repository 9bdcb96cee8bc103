/**
 * How the members of a pool hand each other partial results. All members call it in the same order, each with its own
 * share; `lengths` are the lengths of all shares. Resolves with the shares in the members' order, one after another.
 */
export interface Exchange {
  readonly member: number;
  readonly members: number;
  gather(share: Float32Array, lengths: number[]): Promise<Float32Array>;
  close(): void;
}

/** What a member gets to reach the others: a port to each (none to itself), or memory that all share. */
export type Link =
  | { kind: 'ports'; member: number; ports: (MessagePort | undefined)[] }
  | { kind: 'shared'; member: number; members: number; buffer: SharedArrayBuffer };

/** A pool of one. */
export const ALONE: Exchange = {
  member: 0,
  members: 1,
  gather: async (share) => share,
  close() {},
};

/** One link for each member, by shared memory where this context may use it, else by message ports. */
export function linkMembers(members: number, shared = canShare()): Link[] {
  if (shared) {
    const buffer = new SharedArrayBuffer(HEADER_BYTES + 2 * members * SLOT_BYTES);
    return Array.from({ length: members }, (_, member) => ({ kind: 'shared', member, members, buffer }));
  }
  const ports: (MessagePort | undefined)[][] = Array.from({ length: members }, () =>
    new Array(members).fill(undefined),
  );
  for (let first = 0; first < members; first++) {
    for (let second = first + 1; second < members; second++) {
      const { port1, port2 } = new MessageChannel();
      ports[first][second] = port1;
      ports[second][first] = port2;
    }
  }
  return ports.map((own, member) => ({ kind: 'ports', member, ports: own }));
}

/** Browsers share memory between workers only on cross-origin isolated pages. */
function canShare(): boolean {
  return typeof SharedArrayBuffer === 'function' && globalThis.crossOriginIsolated === true;
}

export function openExchange(link: Link): Exchange {
  return link.kind === 'ports'
    ? new PortExchange(link.member, link.ports)
    : new SharedExchange(link.member, link.members, link.buffer);
}

/** By messages: every member posts its share to every other. */
class PortExchange implements Exchange {
  readonly member: number;
  readonly members: number;
  private readonly ports: (MessagePort | undefined)[];
  private readonly received: Float32Array[][];
  private arrived: () => void = () => {};

  constructor(member: number, ports: (MessagePort | undefined)[]) {
    this.member = member;
    this.members = ports.length;
    this.ports = ports;
    this.received = ports.map(() => []);
    ports.forEach((port, from) => {
      if (port) {
        port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
          this.received[from].push(data);
          this.arrived();
        };
      }
    });
  }

  async gather(share: Float32Array, lengths: number[]): Promise<Float32Array> {
    for (const port of this.ports) {
      // A view is cloned with its whole buffer, the network's memory.
      port?.postMessage(share.slice());
    }
    while (this.received.some((queue, from) => from !== this.member && queue.length === 0)) {
      await new Promise<void>((resolve) => {
        this.arrived = resolve;
      });
    }
    const result = new Float32Array(lengths.reduce((sum, length) => sum + length, 0));
    let at = 0;
    lengths.forEach((length, from) => {
      const received = from === this.member ? share : this.received[from].shift();
      if (received?.length !== length) {
        throw new Error(`train: expected ${length} values of member ${from}, found ${received?.length}`);
      }
      result.set(received, at);
      at += length;
    });
    return result;
  }

  close(): void {
    for (const port of this.ports) {
      port?.close();
    }
  }
}

const HEADER_BYTES = 1024;
/** Room for one member's share of a round; longer shares take several. */
const SLOT_BYTES = 256 * 1024;
/** A member that does not arrive for so long has died. */
const PATIENCE_MILLISECONDS = 20_000;
/** Some tenths of a millisecond: the members are seldom farther apart, and waking a sleeping thread takes as long. */
const SPINS = 20_000;

/**
 * By shared memory: two slots for each member, used in turn, and a count of rounds for each. Whoever writes round r + 2 has
 * seen all others arrive at r + 1, so that they have read r. Blocks its thread while it waits.
 */
class SharedExchange implements Exchange {
  readonly member: number;
  readonly members: number;
  private readonly rounds: Int32Array;
  private readonly slots: Float32Array;
  private round = 0;

  constructor(member: number, members: number, buffer: SharedArrayBuffer) {
    this.member = member;
    this.members = members;
    this.rounds = new Int32Array(buffer, 0, members);
    this.slots = new Float32Array(buffer, HEADER_BYTES);
  }

  async gather(share: Float32Array, lengths: number[]): Promise<Float32Array> {
    const result = new Float32Array(lengths.reduce((sum, length) => sum + length, 0));
    const size = SLOT_BYTES / 4;
    for (let first = 0; first < Math.max(...lengths); first += size) {
      const slotOf = (member: number) => ((this.round & 1) * this.members + member) * size;
      this.slots.set(share.subarray(first, first + size), slotOf(this.member));
      this.meet();
      let at = 0;
      lengths.forEach((length, member) => {
        const count = Math.min(size, length - first);
        if (count > 0) {
          const slot = slotOf(member);
          result.set(this.slots.subarray(slot, slot + count), at + first);
        }
        at += length;
      });
      this.round++;
    }
    return result;
  }

  /** Announces this member's round and waits for the others'. */
  private meet(): void {
    const { rounds, round } = this;
    Atomics.store(rounds, this.member, round + 1);
    Atomics.notify(rounds, this.member);
    for (let other = 0; other < this.members; other++) {
      let spins = SPINS;
      let reached = Atomics.load(rounds, other);
      while (reached <= round) {
        if (spins > 0) {
          spins--;
        } else if (Atomics.wait(rounds, other, reached, PATIENCE_MILLISECONDS) === 'timed-out') {
          throw new Error(`train: expected worker ${other} of ${this.members} to answer, found it silent`);
        }
        reached = Atomics.load(rounds, other);
      }
    }
  }

  close(): void {}
}
