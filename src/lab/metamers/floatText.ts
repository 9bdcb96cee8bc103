import type { Json } from '../../ml/formats/json.ts';
import type { Schema } from '../../ml/formats/schema.ts';

/** `length` finite float32 values, little-endian, as base64: exact, and a third as long as decimal digits. */
export const float32s = (length: number): Schema<Float32Array> => ({
  read: (json) => readFloats(json, length),
  write: floatText,
});

function floatText(values: Float32Array): string {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return btoa(Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte)).join(''));
}

function readFloats(json: Json, length: number): Float32Array {
  const encoded = json.text(8 + Math.ceil((4 * length) / 3) * 4);
  let bytes: string;
  try {
    bytes = atob(encoded);
  } catch {
    throw json.fault('base64', 'something else: the file is damaged');
  }
  if (bytes.length !== 4 * length) throw json.fault(`${length} float32 values`, `${bytes.length} bytes`);
  const view = new DataView(Uint8Array.from(bytes, (character) => character.charCodeAt(0)).buffer);
  const values = Float32Array.from({ length }, (_, i) => view.getFloat32(4 * i, true));
  if (!values.every(Number.isFinite)) {
    throw json.fault('finite values', 'NaN or infinity: the file is damaged');
  }
  return values;
}
