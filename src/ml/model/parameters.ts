import { CallError } from '../callError.ts';
import { type NetworkDescription, parameterShapes, sizeOf } from './network.ts';

/** Parameters by PyTorch's name, float32, row-major in PyTorch's layout. */
export type Parameters = Record<string, Float32Array>;

/** An optimizer's state. */
export interface OptimizerState {
  kind: 'adam' | 'sgd';
  /** Number of updates made. */
  step: number;
  /** By slot name (`slotNames` in optimizer.ts): a value for each value of every parameter. */
  slots: Record<string, Parameters>;
}

/** The state that an engine continues from; without `optimizer`, it starts with a new one. */
export interface NetworkState {
  parameters: Parameters;
  optimizer?: OptimizerState;
}

/**
 * Checks that the record has exactly the network's parameters, with the right lengths and finite values.
 * @throws an Error that names the first invalid parameter.
 */
export function assertParameters(
  network: NetworkDescription,
  parameters: Parameters,
  caller: string,
  place?: string,
): void {
  const at = place === undefined ? '' : `${place}: `;
  const expected = parameterShapes(network);
  for (const { name, shape } of expected) {
    const values = parameters[name];
    if (!(values instanceof Float32Array)) {
      throw new CallError(
        caller,
        `${at}expected a Float32Array "${name}" of shape [${shape}], found ${typeof values}`,
      );
    }
    if (values.length !== sizeOf(shape)) {
      throw new CallError(
        caller,
        `${at}expected "${name}" to hold [${shape}] = ${sizeOf(shape)} values, found ${values.length}`,
      );
    }
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new CallError(caller, `${at}expected finite values in "${name}", found ${values[bad]} at ${bad}`);
    }
  }
  const extra = Object.keys(parameters).find((name) => !expected.some((shape) => shape.name === name));
  if (extra !== undefined) {
    throw new CallError(
      caller,
      `${at}expected only ${expected.map(({ name }) => name).join(', ')}, found "${extra}" too`,
    );
  }
}

/** The array to write `length` values to: an earlier one if it fits, because a new one costs more than a copy. */
export function writableArray(length: number, earlier?: Float32Array): Float32Array {
  return earlier?.length === length ? earlier : new Float32Array(length);
}

/** Size of all values in bytes. */
export function bytesOf(parameters: Parameters): number {
  return Object.values(parameters).reduce((sum, values) => sum + values.byteLength, 0);
}

/** Size of a whole state in bytes. */
export function stateBytes({ parameters, optimizer }: NetworkState): number {
  return [parameters, ...Object.values(optimizer?.slots ?? {})].reduce((sum, each) => sum + bytesOf(each), 0);
}

/** The buffers of all values, for transfer to another thread. */
export function buffersOf(parameters: Parameters): ArrayBufferLike[] {
  return Object.values(parameters).map(({ buffer }) => buffer);
}

/** The buffers of a whole state. */
export function buffersOfState({ parameters, optimizer }: NetworkState): ArrayBufferLike[] {
  return [parameters, ...Object.values(optimizer?.slots ?? {})].flatMap(buffersOf);
}

/** A copy that shares no memory with the original. */
export function copyParameters(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, values.slice()]));
}
