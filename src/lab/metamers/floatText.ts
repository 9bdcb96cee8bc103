import { CallError } from '../../ml/callError.ts';
import type { Json } from '../../ml/formats/json.ts';

/** Float32 values, little-endian, as base64: exact, and a third as long as decimal digits. */
export function floatText(values: Float32Array): string {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return btoa(Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte)).join(''));
}

/** @throws unless the text holds exactly `length` finite values. */
export function readFloatText(json: Json, length: number, caller: string): Float32Array {
  const text = json.text(8 + Math.ceil((4 * length) / 3) * 4);
  let bytes: string;
  try {
    bytes = atob(text);
  } catch {
    throw new CallError(caller, `expected base64, found something else: the file is damaged`);
  }
  if (bytes.length !== 4 * length) {
    throw new CallError(caller, `expected ${length} float32 values, found ${bytes.length} bytes`);
  }
  const view = new DataView(Uint8Array.from(bytes, (character) => character.charCodeAt(0)).buffer);
  const values = Float32Array.from({ length }, (_, i) => view.getFloat32(4 * i, true));
  if (!values.every(Number.isFinite)) {
    throw new CallError(caller, `expected finite values, found NaN or infinity: the file is damaged`);
  }
  return values;
}
