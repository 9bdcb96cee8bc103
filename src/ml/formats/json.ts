import { CallError } from '../callError.ts';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** JSON, and the typed arrays that IndexedDB stores within it. */
export type StoredValue = JsonValue | ArrayBufferView | StoredValue[] | { [key: string]: StoredValue };

/** A constructor of typed arrays, such as `Float32Array`. */
type ArrayType<Values extends ArrayBufferView> = new (...values: never[]) => Values;

const UNWRITABLE = ['Infinity', '-Infinity', 'NaN'];

/** Encodes a number for JSON, which cannot represent NaN and infinities. `Json.number` reads the result. */
export function numberValue(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Parses JSON text. @throws an Error that starts with `where` if the text is invalid. */
export function parseJson(text: string, where: string): Json {
  try {
    const value: JsonValue = JSON.parse(text);
    return new Json(value, where);
  } catch {
    throw new Error(`${where}: expected JSON, found something else: the file is damaged`);
  }
}

/**
 * A value inside untrusted JSON or an untrusted record of IndexedDB. Each method checks for one type and returns the typed
 * value, or throws an Error that names the value's place.
 */
export class Json {
  readonly value: StoredValue | undefined;
  readonly #where: string;

  constructor(value: StoredValue | undefined, where: string) {
    this.value = value;
    this.#where = where;
  }

  get(key: string): Json {
    const record = this.record();
    return new Json(Object.hasOwn(record, key) ? record[key] : undefined, `${this.#where}.${key}`);
  }

  /** Like `get`, but returns undefined if the key is missing. */
  optional(key: string): Json | undefined {
    const found = this.get(key);
    return found.value === undefined ? undefined : found;
  }

  record(): { [key: string]: StoredValue } {
    const { value } = this;
    if (!isRecord(value)) throw this.fault('an object');
    return value;
  }

  /** A value without typed arrays, which another reader interprets. */
  plain(): JsonValue {
    const { value } = this;
    if (value === undefined || !isJson(value)) throw this.fault('JSON');
    return value;
  }

  /** A typed array of this type and length. */
  array<Values extends ArrayBufferView & { length: number }>(
    type: ArrayType<Values>,
    length?: number,
  ): Values {
    const { value } = this;
    if (!(value instanceof type)) throw this.fault(`a ${type.name}`);
    if (length !== undefined && value.length !== length) throw this.fault(`${length} values`);
    return value;
  }

  list(maxLength = 100_000): Json[] {
    const { value } = this;
    if (!Array.isArray(value)) throw this.fault('a list');
    if (value.length > maxLength) throw this.fault(`at most ${maxLength} items`);
    return value.map((item, i) => new Json(item, `${this.#where}[${i}]`));
  }

  text(maxLength = 1000): string {
    const { value } = this;
    if (typeof value !== 'string') throw this.fault('a text');
    if (value.length > maxLength) throw this.fault(`at most ${maxLength} characters`);
    return value;
  }

  oneOf<Text extends string>(...texts: readonly Text[]): Text {
    const found = texts.find((text) => text === this.value);
    if (found === undefined) throw this.fault(`one of ${texts.join(', ')}`);
    return found;
  }

  boolean(): boolean {
    if (typeof this.value !== 'boolean') throw this.fault('true or false');
    return this.value;
  }

  /** Reads a number or the output of `numberValue`. Other programs write NaN as null, so null is read as NaN. */
  number(): number {
    if (this.value === null) return Number.NaN;
    if (typeof this.value === 'string' && UNWRITABLE.includes(this.value)) return Number(this.value);
    if (typeof this.value !== 'number') throw this.fault('a number');
    return this.value;
  }

  whole({ min = 0, max = Number.MAX_SAFE_INTEGER } = {}): number {
    const { value } = this;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
      throw this.fault(`a whole number from ${min} to ${max}`);
    }
    return value;
  }

  /** Creates the error for a value that is not as expected here. */
  fault(expected: string, found = this.#found()): Error {
    return new Error(`${this.#where}: expected ${expected}, found ${found}`);
  }

  /** Runs a check from another module, and adds this place to its error. */
  naming<Value>(check: () => Value): Value {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      throw new CallError(error.caller, `${this.#where}: ${error.message}`, { cause: error });
    }
  }

  #found(): string {
    const { value } = this;
    if (value === undefined) return 'nothing';
    if (ArrayBuffer.isView(value)) return `an array of ${value.byteLength} bytes`;
    return JSON.stringify(value).slice(0, 60);
  }
}

function isRecord(value: StoredValue | undefined): value is { [key: string]: StoredValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function isJson(value: StoredValue): value is JsonValue {
  if (ArrayBuffer.isView(value)) return false;
  if (Array.isArray(value)) return value.every(isJson);
  return !isRecord(value) || Object.values(value).every(isJson);
}
