import type { NetworkState, Parameters } from '../../../src/ml/model/parameters.ts';

type Values = Float32Array | Float64Array;

/** Whether all bits are equal; faster than comparing value by value. */
export function sameValues(first: Values, second: Values): boolean {
  return bytesOf(first).equals(bytesOf(second));
}

export function sameState(first: Required<NetworkState>, second: Required<NetworkState>): boolean {
  return (
    first.optimizer.kind === second.optimizer.kind &&
    first.optimizer.step === second.optimizer.step &&
    sameParameters(first.parameters, second.parameters) &&
    Object.keys(first.optimizer.slots).join() === Object.keys(second.optimizer.slots).join() &&
    Object.entries(first.optimizer.slots).every(([name, slot]) =>
      sameParameters(slot, second.optimizer.slots[name]),
    )
  );
}

function sameParameters(first: Parameters, second: Parameters): boolean {
  return (
    Object.keys(first).join() === Object.keys(second).join() &&
    Object.entries(first).every(([name, values]) => sameValues(values, second[name]))
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: Values): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
