import type { NetworkState, Parameters } from '../../../src/ml/model/parameters.ts';

type Values = Float32Array | Float64Array;

/** Whether all bits are the same: quicker than comparing value by value. */
export function sameValues(first: Values, second: Values): boolean {
  return bytesOf(first).equals(bytesOf(second));
}

export function sameState(first: Required<NetworkState>, second: Required<NetworkState>): boolean {
  return (
    first.optimizer.step === second.optimizer.step &&
    sameParameters(first.parameters, second.parameters) &&
    sameParameters(first.optimizer.firstMoment, second.optimizer.firstMoment) &&
    sameParameters(first.optimizer.secondMoment, second.optimizer.secondMoment)
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
