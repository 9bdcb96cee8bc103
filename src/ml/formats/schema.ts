import { type Json, type JsonValue, numberValue, type StoredValue } from './json.ts';

/**
 * The form of a stored record, declared once: its TypeScript type (`ValueOf`), its strict reader and its writer.
 * `read` returns the value that `write` was given. `Written` is JSON, or for IndexedDB a `StoredValue`.
 */
export interface Schema<Value, Written = JsonValue> {
  /** Reads untrusted JSON. @throws an Error that names the place, the expected value and the value found. */
  read(json: Json): Value;
  write(value: Value): Written;
}

export interface RecordSchema<Value, Written = JsonValue>
  extends Schema<Value, { [name: string]: Written }> {}

/** A property of a record. Undefined properties are not written. */
export interface Field<Value, Written = JsonValue> {
  read(json: Json): Value;
  write(value: Value): Written | undefined;
}

export type ValueOf<Form extends Field<unknown, unknown>> = ReturnType<Form['read']>;

interface Fields<Written> {
  [name: string]: Field<unknown, Written>;
}
type AnyFields = Fields<StoredValue>;
type OptionalName<Own extends AnyFields> = {
  [Name in keyof Own]: undefined extends ValueOf<Own[Name]> ? Name : never;
}[keyof Own];
type RecordOf<Own extends AnyFields> = {
  [Name in Exclude<keyof Own, OptionalName<Own>>]: ValueOf<Own[Name]>;
} & { [Name in OptionalName<Own>]?: ValueOf<Own[Name]> };
/** The type of a record's written properties. */
type WrittenOf<Own extends AnyFields> = Own extends Fields<JsonValue> ? JsonValue : StoredValue;

/** A value that JSON can hold unchanged. */
function plain<Value extends JsonValue>(read: (json: Json) => Value): Schema<Value> {
  return { read, write: (value) => value };
}

export const boolean = (): Schema<boolean> => plain((json) => json.boolean());

export const text = (maxLength?: number): Schema<string> => plain((json) => json.text(maxLength));

export const oneOf = <Text extends string>(...texts: readonly Text[]): Schema<Text> =>
  plain((json) => json.oneOf(...texts));

export const whole = (limits?: { min?: number; max?: number }): Schema<number> =>
  plain((json) => json.whole(limits));

/** A number that may be infinite or NaN. */
export const number = (): Schema<number> => ({ read: (json) => json.number(), write: numberValue });

/** JSON that another reader interprets; null if it is missing. */
export const anyJson: Schema<JsonValue> = {
  read: (json) => (json.value === undefined ? null : json.plain()),
  write: (value) => value,
};

/** A record with any names. */
export function named<Value, Written>(
  item: Schema<Value, Written>,
): RecordSchema<{ [name: string]: Value }, Written> {
  const entries = <From, To>(all: { [name: string]: From }, to: (value: From, name: string) => To) =>
    Object.fromEntries(Object.entries(all).map(([name, value]) => [name, to(value, name)]));
  return {
    read: (json) => entries(json.record(), (_, name) => item.read(json.get(name))),
    write: (values) => entries(values, (value) => item.write(value)),
  };
}

export function list<Value, Written>(
  item: Schema<Value, Written>,
  maxLength?: number,
): Schema<Value[], Written[]> {
  return {
    read: (json) => json.list(maxLength).map((each) => item.read(each)),
    write: (values) => values.map((value) => item.write(value)),
  };
}

/** A record whose properties are written in this order. Other properties are ignored when reading. */
export function record<Own extends AnyFields>(fields: Own): RecordSchema<RecordOf<Own>, WrittenOf<Own>> {
  const names = Object.keys(fields);
  return {
    read(json) {
      const read = names.map((name) => [name, fields[name].read(json.get(name))]);
      return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as RecordOf<Own>;
    },
    write(value) {
      const written: { [name: string]: StoredValue } = {};
      for (const name of names) {
        const property = fields[name].write(value[name as keyof typeof value]);
        if (property !== undefined) written[name] = property;
      }
      return written as { [name: string]: WrittenOf<Own> };
    },
  };
}

/** A property that may be missing. */
export function optional<Value, Written>(form: Schema<Value, Written>): Field<Value | undefined, Written> {
  return {
    read: (json) => (json.value === undefined ? undefined : form.read(json)),
    write: (value) => (value === undefined ? undefined : form.write(value)),
  };
}

/** A property that files of earlier versions lack. */
export function added<Value, Written>(form: Schema<Value, Written>, before: Value): Schema<Value, Written> {
  return { ...form, read: (json) => (json.value === undefined ? before : form.read(json)) };
}

/** Records of several kinds, told apart by their property `kind`. */
export function variants<Own extends { [kind: string]: RecordSchema<object> }>(
  forms: Own,
): Schema<{ [Kind in keyof Own & string]: { kind: Kind } & ValueOf<Own[Kind]> }[keyof Own & string]> {
  type Value = { [Kind in keyof Own & string]: { kind: Kind } & ValueOf<Own[Kind]> }[keyof Own & string];
  return {
    read(json) {
      const kind = json.get('kind').oneOf(...Object.keys(forms));
      return { kind, ...forms[kind].read(json) } as Value;
    },
    write: (value) => ({ kind: value.kind, ...forms[value.kind].write(value) }),
  };
}

/** A value, or a word in place of a value. */
export function orWord<Word extends string, Value extends object | number>(
  word: Word,
  form: Schema<Value>,
): Schema<Word | Value> {
  return {
    read: (json) => (json.value === word ? word : form.read(json)),
    write: (value) => (typeof value === 'string' ? value : form.write(value)),
  };
}

/** A value with an additional check, which throws `json.fault(expected)` or a CallError. */
export function checked<Value, Written>(
  form: Schema<Value, Written>,
  check: (value: Value, json: Json) => void,
): Schema<Value, Written> {
  return {
    ...form,
    read(json) {
      const value = form.read(json);
      json.naming(() => check(value, json));
      return value;
    },
  };
}

/** A value whose form in the program differs from its form in the file. */
export function converted<Stored, Value>(
  form: Schema<Stored>,
  { read, write }: { read(stored: Stored, json: Json): Value; write(value: Value): Stored },
): Schema<Value> {
  return {
    read(json) {
      const stored = form.read(json);
      return json.naming(() => read(stored, json));
    },
    write: (value) => form.write(write(value)),
  };
}

/** Numbers in a typed array of float64. */
export const float64s = (maxLength?: number): Schema<Float64Array> =>
  converted(list(number(), maxLength), {
    read: (values): Float64Array => Float64Array.from(values),
    write: (values) => [...values],
  });
