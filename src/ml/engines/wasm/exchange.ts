import { CallError } from '../../callError.ts';
import { canShareMemory } from '../../sharedMemory.ts';

/** The exchange of partial results between the members of a pool. */
export interface Exchange {
  readonly member: number;
  readonly members: number;
  /** Speeds of the members in relation to each other, by which work is shared; undefined for equal shares. */
  readonly speeds?: readonly number[];
  /** Milliseconds that this member has waited for the others so far. */
  readonly waited: number;
  /**
   * Fills in the other members' results. `all` holds the members' shares, with these lengths, one after another, and
   * already contains the member's own. All members call this in the same order. The memory of `all` must not grow
   * until the promise resolves.
   */
  gather(all: Float32Array, lengths: number[]): Promise<void>;
  close(): void;
}

/** A member's connection to the others: one port to each other member, or shared memory. */
export type Link = { speeds?: readonly number[] } & (
  | { kind: 'ports'; member: number; ports: (MessagePort | undefined)[] }
  | { kind: 'shared'; member: number; members: number; buffer: SharedArrayBuffer }
);

interface LinkOptions {
  shared?: boolean;
  speeds?: readonly number[];
}

/** The exchange of a pool with one member. */
export const ALONE: Exchange = {
  member: 0,
  members: 1,
  waited: 0,
  async gather() {},
  close() {},
};

/** Creates one link per member, by shared memory where this context allows it, otherwise by message ports. */
export function linkMembers(
  members: number,
  { shared = canShareMemory(), speeds }: LinkOptions = {},
): Link[] {
  if (shared) {
    const buffer = new SharedArrayBuffer(HEADER_BYTES + 2 * members * SLOT_BYTES);
    return Array.from({ length: members }, (_, member) => ({
      kind: 'shared',
      member,
      members,
      buffer,
      speeds,
    }));
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
  return ports.map((own, member) => ({ kind: 'ports', member, ports: own, speeds }));
}

export function openExchange(link: Link): Exchange {
  return link.kind === 'ports'
    ? new PortExchange(link.member, link.ports, link.speeds)
    : new SharedExchange(link.member, link.members, link.buffer, link.speeds);
}

/** The members' shares as views. */
function sharesOf(all: Float32Array, lengths: number[]): Float32Array[] {
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return all.subarray(end - length, end);
  });
}

/**
 * Exchanges by messages: every member posts its share to every other member. Buffers are transferred, and a received
 * buffer goes back to its member with the next share, because allocating a buffer for every step costs more than
 * sending it.
 */
class PortExchange implements Exchange {
  readonly member: number;
  readonly members: number;
  private readonly ports: (MessagePort | undefined)[];
  private readonly received: Float32Array<ArrayBuffer>[][];
  /** The buffer of the last share from each member. */
  private readonly spare: ArrayBuffer[];
  private arrived: () => void = () => {};
  readonly speeds?: readonly number[];
  waited = 0;

  constructor(member: number, ports: (MessagePort | undefined)[], speeds?: readonly number[]) {
    this.member = member;
    this.speeds = speeds;
    this.members = ports.length;
    this.ports = ports;
    this.received = ports.map(() => []);
    this.spare = ports.map(() => new ArrayBuffer(0));
    ports.forEach((port, from) => {
      if (port) {
        port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => {
          this.received[from].push(data);
          this.arrived();
        };
      }
    });
  }

  async gather(all: Float32Array, lengths: number[]): Promise<void> {
    const shares = sharesOf(all, lengths);
    const own = shares[this.member];
    this.ports.forEach((port, to) => {
      if (port) {
        const spare = this.spare[to];
        const buffer = spare.byteLength < own.byteLength ? new ArrayBuffer(own.byteLength) : spare;
        const message = new Float32Array(buffer, 0, own.length);
        message.set(own);
        port.postMessage(message, [buffer]);
      }
    });
    const began = performance.now();
    while (this.received.some((queue, from) => from !== this.member && queue.length === 0)) {
      await new Promise<void>((resolve) => {
        this.arrived = resolve;
      });
    }
    this.waited += performance.now() - began;
    shares.forEach((share, from) => {
      if (from === this.member) {
        return;
      }
      const received = this.received[from].shift();
      if (received?.length !== share.length) {
        throw new CallError(
          'train',
          `expected ${share.length} values of member ${from}, found ${received?.length}`,
        );
      }
      share.set(received);
      this.spare[from] = received.buffer;
    });
  }

  close(): void {
    for (const port of this.ports) {
      port?.close();
    }
  }
}

const HEADER_BYTES = 1024;
/** Capacity for one member's share of a round; longer shares take several rounds. */
const SLOT_BYTES = 256 * 1024;
/** A member that does not arrive within this time counts as dead. */
const PATIENCE_MILLISECONDS = 20_000;
/**
 * Spin for a few tenths of a millisecond: members are rarely farther apart, and waking a sleeping thread takes as
 * long.
 */
const SPINS = 20_000;

/**
 * Exchanges by shared memory: two slots per member, used alternately, and a round counter per member. A member that
 * writes round r + 2 has seen all others arrive at r + 1, so they have read round r. Blocks its thread while it
 * waits.
 */
class SharedExchange implements Exchange {
  readonly member: number;
  readonly members: number;
  private readonly rounds: Int32Array;
  private readonly slots: Float32Array;
  private round = 0;
  readonly speeds?: readonly number[];
  waited = 0;

  constructor(member: number, members: number, buffer: SharedArrayBuffer, speeds?: readonly number[]) {
    this.member = member;
    this.speeds = speeds;
    this.members = members;
    this.rounds = new Int32Array(buffer, 0, members);
    this.slots = new Float32Array(buffer, HEADER_BYTES);
  }

  async gather(all: Float32Array, lengths: number[]): Promise<void> {
    const shares = sharesOf(all, lengths);
    const size = SLOT_BYTES / 4;
    for (let first = 0; first < Math.max(...lengths); first += size) {
      const slotOf = (member: number) => ((this.round & 1) * this.members + member) * size;
      this.slots.set(shares[this.member].subarray(first, first + size), slotOf(this.member));
      const began = performance.now();
      this.meet();
      this.waited += performance.now() - began;
      shares.forEach((share, member) => {
        const part = share.subarray(first, first + size);
        if (member !== this.member) {
          part.set(this.slots.subarray(slotOf(member), slotOf(member) + part.length));
        }
      });
      this.round++;
    }
  }

  /** Announces this member's round and waits for the other members. */
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
          throw new CallError(
            'train',
            `expected worker ${other} of ${this.members} to answer, found it silent`,
          );
        }
        reached = Atomics.load(rounds, other);
      }
    }
  }

  close(): void {}
}
