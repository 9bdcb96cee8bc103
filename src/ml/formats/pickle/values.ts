/**
 * The values that a pickle can hold. Nothing is executed: a global is only a name, and an instance of an unknown
 * class is a record of the pickle's content.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleGlobal
  | PickleSequence
  | PickleDict
  | PickleRecord
  | PickleStorage
  | PickleTensor;

/** A class or function that the pickle names. */
export class PickleGlobal {
  constructor(
    readonly module: string,
    readonly qualifiedName: string,
  ) {}

  get name(): string {
    return `${this.module}.${this.qualifiedName}`;
  }
}

/** A list, tuple or set. */
export class PickleSequence {
  constructor(readonly items: PickleValue[]) {}
}

/** A dict. If a key occurs twice, the last value counts. */
export class PickleDict {
  readonly entries: [PickleValue, PickleValue][] = [];
}

/** An instance of an unknown or irrelevant class. */
export class PickleRecord {
  /** The instance's own entries, if the class is a kind of dict. */
  readonly entries: [PickleValue, PickleValue][] = [];
  /** The states from BUILD: dicts of attributes, or tuples of such dicts. */
  readonly states: PickleValue[] = [];

  constructor(
    readonly type: PickleGlobal,
    /** The constructor's arguments, and the instance's own items if the class is a kind of list. */
    readonly items: PickleValue[],
  ) {}
}

/** Numbers in the file that several tensors may share. */
export class PickleStorage {
  constructor(
    readonly key: string,
    /** The type, with safetensors' name if it has one, such as `F32`. Empty if each tensor states the type. */
    readonly dtype: string,
    /** Number of values in the storage, or of bytes if `dtype` is empty. */
    readonly count: number,
    /** Index of this storage's first value within storage `key`. */
    readonly start: number,
  ) {}
}

export class PickleTensor {
  constructor(
    readonly storage: PickleStorage,
    readonly dtype: string,
    /** Index of the first value within the storage. */
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}
