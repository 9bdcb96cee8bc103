import { expect, it } from 'vitest';
import { CallError } from '../../../src/ml/callError.ts';
import { type Exchange, linkMembers, openExchange } from '../../../src/ml/engines/wasm/exchange.ts';

/** The value of a member's share in a round. */
const valueIn = (round: number, member: number) => 10 * round + member + 1;

/** All members' arrays after they have exchanged shares of these lengths. */
function exchange(members: Exchange[], round: number, lengths: number[]): Promise<Float32Array[]> {
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
  return Promise.all(
    members.map(async (member, i) => {
      const all = new Float32Array(lengths.reduce((sum, length) => sum + length, 0));
      all.fill(valueIn(round, i), starts[i], starts[i] + lengths[i]);
      await member.gather(all, lengths);
      return all;
    }),
  );
}

it('brings every share to every member, whatever the previous lengths', async () => {
  const members = linkMembers(3, { shared: false }).map(openExchange);
  const rounds = [
    [3, 3, 2],
    [3, 3, 2],
    [900, 600, 600],
    [1, 0, 2],
    [900, 600, 600],
  ];
  for (const [round, lengths] of rounds.entries()) {
    const expected = lengths.flatMap((length, i) => new Array(length).fill(valueIn(round, i)));
    for (const all of await exchange(members, round, lengths)) {
      expect([...all]).toEqual(expected);
    }
  }
  for (const member of members) {
    member.close();
  }
});

it('rejects a share of another length', async () => {
  const [first, second] = linkMembers(2, { shared: false }).map(openExchange);
  const both = Promise.allSettled([
    first.gather(new Float32Array(5), [2, 3]),
    second.gather(new Float32Array(4), [2, 2]),
  ]);
  expect((await both)[0]).toMatchObject({
    reason: new CallError('train', 'expected 3 values of member 1, found 2'),
  });
  first.close();
  second.close();
});

it('transfers its buffers, and returns received ones', async () => {
  const links = linkMembers(2, { shared: false });
  const sizes: number[] = [];
  for (const link of links) {
    for (const port of link.kind === 'ports' ? link.ports : []) {
      if (port) {
        const post = port.postMessage.bind(port);
        port.postMessage = (
          message: Float32Array,
          transfer?: StructuredSerializeOptions | Transferable[],
        ) => {
          sizes.push(message.buffer.byteLength);
          post(message, Array.isArray(transfer) ? transfer : []);
          expect(message.buffer.byteLength).toBe(0);
        };
      }
    }
  }
  const members = links.map(openExchange);
  for (let round = 0; round < 3; round++) {
    await exchange(members, round, [500, 400]);
  }
  // The second member's share is shorter and arrives in the first one's buffer.
  expect(sizes).toEqual([2000, 1600, 2000, 2000, 2000, 2000]);
  for (const member of members) {
    member.close();
  }
});
